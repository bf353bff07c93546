"""Explain why labels, sizes or confidences are wrong."""

from dataclasses import replace

import numpy as np

from merge_impls.arrays import AnyArray, BoolArray, Float32Array
from merge_impls.conformance.explain.edge_origins import origin_lines
from merge_impls.conformance.explain.problem_text import (
    join_first_items,
    member_lines,
    pair_text,
    threshold_text,
    vertex_text,
)
from merge_impls.conformance.explain.wrong_merges import TIE_RULE
from merge_impls.conformance.linkages import sum_of_edges
from merge_impls.conformance.literal_merge import (
    OUTSIDE,
    DecisionState,
    Pair,
    PixelEdge,
    decision_states,
    every_pixel_edge,
)
from merge_impls.fixed_point_affinities import ONE
from merge_impls.problem import MergeProblem
from merge_impls.result import CompleteResult
from merge_impls.text_formats import format_float32

NUMBERING_RULE = "segments are numbered 1, 2, ... in raster order of their first vertex"


def has_same_segments(one: AnyArray, other: AnyArray) -> bool:
    """Whether two arrays of labels have the same segments, whatever their numbers."""
    pairs = set(zip(one.ravel().tolist(), other.ravel().tolist(), strict=True))
    return len(pairs) == len({a for a, _ in pairs}) == len({b for _, b in pairs})


def wrong_mask_or_numbering_lines(
    problem: MergeProblem, expected: CompleteResult, got: CompleteResult
) -> list[str]:
    """Explain labels that are wrong because of the mask or the numbering; [] if the segments are wrong."""
    right, wrong = expected.labels.ravel(), got.labels.ravel()
    inside = right > 0
    marked = np.flatnonzero(~inside & (wrong != 0))
    if len(marked):
        at = int(marked[0])
        return [
            f"Pixel {vertex_text(problem, at)} lies outside the mask, so its label is 0; the backend "
            f"gives {wrong[at]}."
        ]
    if has_same_segments(right[inside], wrong[inside]):
        return _wrong_numbering_lines(problem, right, wrong)
    return _missing_label_lines(problem, wrong, inside)


def _missing_label_lines(problem: MergeProblem, wrong: AnyArray, inside: BoolArray) -> list[str]:
    """Explain that every vertex of the foreground needs a label of at least 1; [] if all have one."""
    missing = np.flatnonzero(inside & (wrong < 1))
    if len(missing):
        at = int(missing[0])
        return [
            f"Vertex {vertex_text(problem, at)} has label {wrong[at]}; every vertex in the foreground, even "
            "one that was never merged, belongs to a segment, and segments are numbered from 1."
        ]
    return []


def _wrong_numbering_lines(problem: MergeProblem, right: AnyArray, wrong: AnyArray) -> list[str]:
    """Explain labels that have the right segments with wrong numbers."""
    at = int(np.argmax(right != wrong))
    lines = [
        "The segments are right, but their numbers are wrong.",
        f"The label of {vertex_text(problem, at)} is {right[at]}; the backend gives {wrong[at]}.",
        f"The rule: {NUMBERING_RULE}; only pixels outside the mask have label 0.",
    ]
    if np.array_equal(right[right > 0], wrong[right > 0] + 1):
        return [*lines, "The backend counts from 0."]
    first = vertex_text(problem, int(np.flatnonzero(right == right[at])[0]))
    return [
        *lines,
        f"The first vertex of this segment is {first}; {right[at] - 1} segments have an earlier one.",
    ]


def wrong_segment_lines(problem: MergeProblem, labels: AnyArray) -> list[str]:
    """Explain labels with wrong segments.

    Explains the first merge whose two ends have different labels or, if there is none, which vertices
    wrongly have the same label.
    """
    labels = labels.ravel()
    merged: list[Pair] = []
    for decision in decision_states(problem):
        if not decision.next_merge:
            continue
        a, b = decision.next_merge
        if labels[a] != labels[b]:
            return _missing_merge_lines(problem, decision, (a, b), labels, merged)
        merged.append((a, b))
    return _excess_merge_lines(problem, decision, labels, merged)


def _missing_merge_lines(
    problem: MergeProblem, decision: DecisionState, pair: Pair, labels: AnyArray, merged: list[Pair]
) -> list[str]:
    """Explain that the two ends of a merge of the reference must have the same label."""
    a, b = pair
    edge = decision.edges[pair]
    rule = "at least"
    if edge.weight == decision.threshold:
        rule = "exactly (the rule is >=, not >)"
    equal = [other for other, each in decision.edges.items() if each.weight == edge.weight]
    equal.remove(pair)
    lines = [
        f"The reference merges {pair_text(problem, pair)} in history[{decision.row}]; the backend gives {a} "
        f"the label {labels[a]}, and {b} the label {labels[b]}.",
        *member_lines(decision, [pair]),
        f"The edge weighs {format_float32(edge.weight)}, {rule} {threshold_text(decision)}, and no edge is "
        "heavier, so it is merged.",
    ]
    if equal:
        lines.append(f"It merges before the equally heavy {join_first_items(equal)}: {TIE_RULE}.")
    return [*lines, *origin_lines(problem, pair, edge, merged)]


def _excess_merge_lines(
    problem: MergeProblem, decision: DecisionState, labels: AnyArray, merged: list[Pair]
) -> list[str]:
    """Explain which super-vertices have the same label although the reference does not merge them."""
    names_with: dict[int, list[int]] = {}
    for name in sorted({*decision.names} - {OUTSIDE}):
        names_with.setdefault(int(labels[name]), []).append(name)
    label, names = next((label, names) for label, names in names_with.items() if len(names) > 1)
    between = [pair for pair in decision.edges if {*pair} <= {*names}]
    lines = [
        f"The backend gives {join_first_items(names)} the same label, {label}; the reference does not "
        "merge them.",
        *member_lines(decision, [(names[0], names[1])]),
    ]
    if not between:
        return [*lines, "After the last merge, no edge joins any two of them."]
    pair = max(between, key=lambda pair: decision.edges[pair].weight)
    edge = decision.edges[pair]
    return [
        *lines,
        f"After the last merge, the heaviest edge between them, {pair_text(problem, pair)}, weighs "
        f"{format_float32(edge.weight)}, below {threshold_text(decision)}.",
        *origin_lines(problem, pair, edge, merged),
    ]


def wrong_size_lines(
    problem: MergeProblem, expected: CompleteResult, got: CompleteResult
) -> list[str]:
    """Explain the first size that differs."""
    at = _first_different_index(expected.sizes, got.sizes)
    counted = np.flatnonzero(expected.labels.ravel() == at + 1).tolist()
    return [
        f"sizes[{at}] is {expected.sizes[at]}; the backend gives {got.sizes[at]}.",
        f"A size is the number of vertices with the label; label {at + 1} has {join_first_items(counted)}. A "
        "vertex that was never merged is a segment of size 1.",
    ]


def wrong_confidence_lines(
    problem: MergeProblem, expected: CompleteResult, got: CompleteResult
) -> list[str]:
    """Explain the first confidence that differs, and name known wrong rules that give the backend's value."""
    at = _first_different_index(expected.confidences, got.confidences)
    labels = expected.labels.ravel()
    edges = list(every_pixel_edge(problem))
    inside = [e for e in edges if labels[e.u] == labels[e.v] == at + 1]
    right, wrong = expected.confidences[at].item(), got.confidences[at].item()
    lines = [
        f"confidences[{at}] is {right!r}; the backend gives {wrong!r}.",
        "A confidence is the mean affinity of all pixel edges, of all stages, with both ends in the "
        "segment; 0.0 if there is none.",
    ]
    if not inside:
        return [*lines, f"No pixel edge lies inside segment {at + 1}."]
    total, count = sum_of_edges(inside)
    parts = join_first_items(f"{e.u}-{e.v} of stage {e.stage}: {e.sum_text}" for e in inside)
    lines.append(f"Inside segment {at + 1}: {parts}; {total} / ({ONE} * {count}).")
    touching = [e for e in edges if at + 1 in (labels[e.u], labels[e.v])]
    assert expected.history is not None, "every reference keeps a history"
    merged = expected.history["weight"][labels[expected.history["a"]] == at + 1]
    return [*lines, *_guessed_confidence_rule_lines(problem, wrong, inside, touching, merged)]


def _guessed_confidence_rule_lines(
    problem: MergeProblem,
    wrong: float,
    inside: list[PixelEdge],
    touching: list[PixelEdge],
    merged: Float32Array,
) -> list[str]:
    """Name, in one line, the wrong rules that give the confidence ``wrong``; [] if no known rule does.

    inside: the pixel edges with both ends in the segment.
    touching: the pixel edges with at least one end in the segment.
    merged: the weights of the merges that made the segment.
    """
    found = {"edges with only one end in the segment also count": _mean_affinity(touching)}
    for stage in range(len(problem.thresholds)):
        own = [edge for edge in inside if edge.stage == stage]
        found[f"only the edges of stage {stage} count"] = _mean_affinity(own)
        found[f"the edges of stage {stage} count twice"] = _mean_affinity(inside + own)
    single = [replace(edge, total=edge.q, count=1) for edge in inside]
    found["every edge counts once, whatever its count"] = _mean_affinity(single)
    found["the mean is rounded to float32"] = float(np.float32(_mean_affinity(inside)))
    if len(merged):
        found["the confidence is the mean weight of the merges"] = float(
            merged.mean(dtype=np.float64)
        )
        found["the confidence is the weight of the last merge"] = float(merged[-1])
    words = [words for words, mean in found.items() if mean == wrong]
    return [f"{wrong!r} is what comes out if {', or if '.join(words[:2])}."] if words else []


def _mean_affinity(edges: list[PixelEdge]) -> float:
    total, count = sum_of_edges(edges)
    return total / (ONE * count) if count else 0.0


def _first_different_index(expected: AnyArray, got: AnyArray) -> int:
    """The first index at which two arrays of 64-bit numbers differ in any bit."""
    bits = [np.ascontiguousarray(array).view(np.uint64) for array in (expected, got)]
    return int(np.argmax(bits[0] != bits[1]))
