"""Why labels group the vertices wrongly, where a backend keeps no history to say when."""

import numpy as np

from merge_impls.conformance.explain_merges import TIE_RULE
from merge_impls.conformance.literal import OUTSIDE, Moment, Pair, moments
from merge_impls.conformance.origins import origin_lines
from merge_impls.conformance.wording import listed, members, number, pair_of, threshold_of
from merge_impls.problem import MergeProblem


def group_lines(problem: MergeProblem, labels: np.ndarray) -> list[str]:
    """The first merge that the labels lack or, if they lack none, what they merge too much."""
    labels = labels.ravel()
    merged: list[Pair] = []
    for moment in moments(problem):
        if not moment.merges:
            continue
        a, b = moment.heaviest
        if labels[a] != labels[b]:
            return _apart(problem, moment, labels, merged)
        merged.append((a, b))
    return _together(problem, moment, labels, merged)


def _apart(
    problem: MergeProblem, moment: Moment, labels: np.ndarray, merged: list[Pair]
) -> list[str]:
    a, b = pair = moment.heaviest
    edge = moment.edges[pair]
    rule = "at least"
    if edge.weight == moment.threshold:
        rule = "exactly (the rule is >=, not >)"
    equal = [other for other, each in moment.edges.items() if each.weight == edge.weight]
    equal.remove(pair)
    lines = [
        f"The reference merges {pair_of(problem, pair)} in history[{moment.row}]; the labels keep "
        f"them apart, {a} in segment {labels[a]} and {b} in {labels[b]}.",
        *members(moment, [pair]),
        f"The edge weighs {number(edge.weight)}, {rule} {threshold_of(moment)}, and none is "
        "heavier, so its ends are merged.",
    ]
    if equal:
        lines.append(f"As heavy: {listed(equal)}. It goes before them: {TIE_RULE}.")
    return [*lines, *origin_lines(problem, pair, edge, merged)]


def _together(
    problem: MergeProblem, moment: Moment, labels: np.ndarray, merged: list[Pair]
) -> list[str]:
    """Everything that the reference merges is together; so is more."""
    held: dict[int, list[int]] = {}
    for name in sorted({*moment.names} - {OUTSIDE}):
        held.setdefault(int(labels[name]), []).append(name)
    label, names = next((label, names) for label, names in held.items() if len(names) > 1)
    between = [pair for pair in moment.edges if {*pair} <= {*names}]
    lines = [
        f"The labels put {listed(names)} into one segment, {label}; the reference keeps them apart.",
        *members(moment, [(names[0], names[1])]),
    ]
    if not between:
        return [*lines, "At the end no edge joins any two of them."]
    pair = max(between, key=lambda pair: moment.edges[pair].weight)
    edge = moment.edges[pair]
    return [
        *lines,
        f"The heaviest edge between them at the end, {pair_of(problem, pair)}, weighs "
        f"{number(edge.weight)}, below {threshold_of(moment)}.",
        *origin_lines(problem, pair, edge, merged),
    ]
