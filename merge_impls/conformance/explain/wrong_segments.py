"""Explain why labels, sizes or confidences are wrong although the merges may be right."""

import numpy as np

from merge_impls.arrays import AnyArray, BoolArray, Float32Array
from merge_impls.conformance.explain.edge_origins import origin_lines
from merge_impls.conformance.explain.wording import (
    listed,
    members,
    pair_of,
    threshold_of,
    vertex,
)
from merge_impls.conformance.explain.wrong_merges import TIE_RULE
from merge_impls.conformance.literal import (
    OUTSIDE,
    Decision,
    Pair,
    PixelEdge,
    decisions,
    every_pixel_edge,
)
from merge_impls.fixed_point_affinities import ONE
from merge_impls.problem import MergeProblem
from merge_impls.result import CompleteResult
from merge_impls.text import format_float32

NUMBERING = "segments are numbered 1, 2, ... in raster order of their first vertex"


def same_groups(one: AnyArray, other: AnyArray) -> bool:
    """Whether two arrays of labels group the vertices in the same way, whatever the numbers."""
    pairs = set(zip(one.ravel().tolist(), other.ravel().tolist(), strict=True))
    return len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


def numbering_lines(
    problem: MergeProblem, expected: CompleteResult, got: CompleteResult
) -> list[str]:
    """Explain why labels differ, if the mask or the numbering is the reason; otherwise empty."""
    right, wrong = expected.labels.ravel(), got.labels.ravel()
    inside = right > 0
    marked = np.flatnonzero(~inside & (wrong != 0))
    if len(marked):
        at = int(marked[0])
        return [
            f"Pixel {vertex(problem, at)} lies outside the mask, so its label is 0; the backend "
            f"gives {wrong[at]}."
        ]
    if same_groups(right[inside], wrong[inside]):
        return _wrong_numbering_lines(problem, right, wrong)
    return _missing_label_lines(problem, wrong, inside)


def _missing_label_lines(problem: MergeProblem, wrong: AnyArray, inside: BoolArray) -> list[str]:
    """Explain that a vertex of the foreground needs a label of at least 1; empty if all have one."""
    missing = np.flatnonzero(inside & (wrong < 1))
    if len(missing):
        at = int(missing[0])
        return [
            f"Vertex {vertex(problem, at)} has label {wrong[at]}; every vertex in the foreground is "
            "in a segment, even if it is alone there, and segments are numbered from 1."
        ]
    return []


def _wrong_numbering_lines(problem: MergeProblem, right: AnyArray, wrong: AnyArray) -> list[str]:
    at = int(np.argmax(right != wrong))
    lines = [
        "The segments are right, but their numbers are wrong.",
        f"The label of {vertex(problem, at)} is {right[at]}; the backend gives {wrong[at]}.",
        f"The rule: {NUMBERING}; only pixels outside the mask have label 0.",
    ]
    if np.array_equal(right[right > 0], wrong[right > 0] + 1):
        return [*lines, "The backend counts from 0."]
    first = vertex(problem, int(np.flatnonzero(right == right[at])[0]))
    return [
        *lines,
        f"The first vertex of this segment is {first}; segments that start earlier: {right[at] - 1}.",
    ]


def group_lines(problem: MergeProblem, labels: AnyArray) -> list[str]:
    """Explain the first merge that the labels lack or, if they lack none, which vertices they put into
    one segment wrongly."""
    labels = labels.ravel()
    merged: list[Pair] = []
    for decision in decisions(problem):
        if not decision.next_merge:
            continue
        a, b = decision.next_merge
        if labels[a] != labels[b]:
            return _missing_merge_lines(problem, decision, (a, b), labels, merged)
        merged.append((a, b))
    return _excess_merge_lines(problem, decision, labels, merged)


def _missing_merge_lines(
    problem: MergeProblem, decision: Decision, pair: Pair, labels: AnyArray, merged: list[Pair]
) -> list[str]:
    a, b = pair
    edge = decision.edges[pair]
    rule = "at least"
    if edge.weight == decision.threshold:
        rule = "exactly (the rule is >=, not >)"
    equal = [other for other, each in decision.edges.items() if each.weight == edge.weight]
    equal.remove(pair)
    lines = [
        f"The reference merges {pair_of(problem, pair)} in history[{decision.row}]; the labels keep "
        f"them separate, {a} in segment {labels[a]} and {b} in {labels[b]}.",
        *members(decision, [pair]),
        f"The edge weighs {format_float32(edge.weight)}, {rule} {threshold_of(decision)}, and no edge is "
        "heavier, so its ends are merged.",
    ]
    if equal:
        lines.append(f"It goes before the equally heavy {listed(equal)}: {TIE_RULE}.")
    return [*lines, *origin_lines(problem, pair, edge, merged)]


def _excess_merge_lines(
    problem: MergeProblem, decision: Decision, labels: AnyArray, merged: list[Pair]
) -> list[str]:
    """Explain which vertices the labels put into one segment although the reference does not."""
    names_with: dict[int, list[int]] = {}
    for name in sorted({*decision.names} - {OUTSIDE}):
        names_with.setdefault(int(labels[name]), []).append(name)
    label, names = next((label, names) for label, names in names_with.items() if len(names) > 1)
    between = [pair for pair in decision.edges if {*pair} <= {*names}]
    lines = [
        f"The labels put {listed(names)} into one segment, {label}; the reference keeps them separate.",
        *members(decision, [(names[0], names[1])]),
    ]
    if not between:
        return [*lines, "At the end no edge joins any two of them."]
    pair = max(between, key=lambda pair: decision.edges[pair].weight)
    edge = decision.edges[pair]
    return [
        *lines,
        f"The heaviest edge between them at the end, {pair_of(problem, pair)}, weighs "
        f"{format_float32(edge.weight)}, below {threshold_of(decision)}.",
        *origin_lines(problem, pair, edge, merged),
    ]


def size_lines(problem: MergeProblem, expected: CompleteResult, got: CompleteResult) -> list[str]:
    """Explain the first size that differs."""
    at = _first_different_index(expected.sizes, got.sizes)
    counted = np.flatnonzero(expected.labels.ravel() == at + 1).tolist()
    return [
        f"sizes[{at}] is {expected.sizes[at]}; the backend gives {got.sizes[at]}.",
        f"It counts the vertices with label {at + 1}: {listed(counted)}. A vertex that was "
        "never merged is a segment of size 1.",
    ]


def confidence_lines(
    problem: MergeProblem, expected: CompleteResult, got: CompleteResult
) -> list[str]:
    """Explain the first confidence that differs, and name a wrong rule that gives the backend's value."""
    at = _first_different_index(expected.confidences, got.confidences)
    labels = expected.labels.ravel()
    edges = list(every_pixel_edge(problem))
    inside = [e for e in edges if labels[e.u] == labels[e.v] == at + 1]
    right, wrong = expected.confidences[at].item(), got.confidences[at].item()
    lines = [
        f"confidences[{at}] is {right!r}; the backend gives {wrong!r}.",
        "It is the mean over all pixel edges, of all stages, with both ends in the segment, whether "
        "a merge used them or not; 0.0 if there is none.",
    ]
    if not inside:
        return [*lines, f"No pixel edge lies inside segment {at + 1}."]
    total = sum(e.q for e in inside)
    parts = listed(f"{e.u}-{e.v} of stage {e.stage}: {e.q}" for e in inside)
    lines.append(f"Inside segment {at + 1}: {parts}; {total} / ({ONE} * {len(inside)}).")
    touching = [e for e in edges if at + 1 in (labels[e.u], labels[e.v])]
    assert expected.history is not None, "every reference keeps a history"
    merged = expected.history["weight"][labels[expected.history["a"]] == at + 1]
    return [*lines, *_guessed_rule_lines(problem, wrong, inside, touching, merged)]


def _guessed_rule_lines(
    problem: MergeProblem,
    wrong: float,
    inside: list[PixelEdge],
    touching: list[PixelEdge],
    merged: Float32Array,
) -> list[str]:
    """Return one line that names the wrong rules which give this confidence; none if no guess fits.

    merged: the weights of the merges that made the segment.
    """
    found = {"edges that leave the segment count, too": _mean_affinity(touching)}
    for stage in range(len(problem.thresholds)):
        own = [edge for edge in inside if edge.stage == stage]
        found[f"only the edges of stage {stage} count"] = _mean_affinity(own)
        found[f"the edges of stage {stage} count twice"] = _mean_affinity(inside + own)
    found["it is rounded to float32 in between"] = float(np.float32(_mean_affinity(inside)))
    if len(merged):
        found["it is the mean weight of the merges"] = float(merged.mean(dtype=np.float64))
        found["it is the weight of the last merge"] = float(merged[-1])
    words = [words for words, mean in found.items() if mean == wrong]
    return [f"{wrong!r} is what comes out if {', or if '.join(words[:2])}."] if words else []


def _mean_affinity(edges: list[PixelEdge]) -> float:
    return sum(e.q for e in edges) / (ONE * len(edges)) if edges else 0.0


def _first_different_index(expected: AnyArray, got: AnyArray) -> int:
    bits = [np.ascontiguousarray(array).view(np.uint64) for array in (expected, got)]
    return int(np.argmax(bits[0] != bits[1]))
