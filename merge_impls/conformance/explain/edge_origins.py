"""Explain where the weight of an edge comes from, with one line for each edge that it was made of."""

from collections.abc import Sequence

from merge_impls.conformance.explain.problem_text import join_first_items
from merge_impls.conformance.linkages import LINKAGES
from merge_impls.conformance.literal_merge import (
    Added,
    Inherited,
    Joined,
    Pair,
    PixelEdge,
    SuperEdge,
)
from merge_impls.edge_counts import EXTREME_LINKAGES
from merge_impls.fixed_point_affinities import ONE
from merge_impls.problem import MergeProblem
from merge_impls.text_formats import format_float32

MAX_STEPS = 5
"""The largest number of edges that are explained, each in one line."""


def origin_lines(
    problem: MergeProblem, pair: Pair, edge: SuperEdge, merged: Sequence[Pair]
) -> list[str]:
    """Explain the weight of ``edge``, and then of the edges that it was made of, at most ``MAX_STEPS``.

    pair: the two super-vertices that the edge joins.
    merged: the pair of each merge so far, by row of the history.
    """
    lines = [f"How {pair} comes to weigh {format_float32(edge.weight)}:"]
    waiting = [(1, pair, edge)]
    while waiting:
        depth, pair, edge = waiting.pop(0)
        if len(lines) > MAX_STEPS:
            lines.append("  (earlier steps are left out)")
            return lines
        lines.append("  " * depth + _origin_line(problem, pair, edge, merged))
        # The line of an edge is followed directly by the lines of the edges that it was made of.
        waiting = [(depth + 1, *part) for part in edge.source_edges] + waiting
    return lines


def _origin_line(problem: MergeProblem, pair: Pair, edge: SuperEdge, merged: Sequence[Pair]) -> str:
    linkage = LINKAGES[problem.linkage]
    match edge.origin:
        case Added(stage, pool):
            return _added_line(problem, pair, edge, stage, pool)
        case Inherited(row, (one, other), _):
            a, b = merged[row]
            third = sum(pair) - a
            return (
                f"{pair} is the former edge ({one}, {other}): history[{row}] merged {b} into {a}; "
                f"{a} had no edge to {third}, so the weight stays the same"
            )
        case Joined(None, stage, _, parts):
            how = linkage.join_words(edge, *parts)
            return f"stage {stage} adds to the edge {pair}, which existed already: {how}"
        case Joined(int(row), _, (one, other), parts):
            return (
                f"when history[{row}] merged {merged[row]}, the edges {one} and {other} "
                f"became one: {linkage.join_words(edge, *parts)}"
            )
    raise AssertionError(f"an edge cannot come from {edge.origin}")


def _added_line(
    problem: MergeProblem, pair: Pair, edge: SuperEdge, stage: int, pool: Sequence[PixelEdge]
) -> str:
    array = "affinities" if problem.is_grid else "edges"
    name = f"{pair} is"
    if len(pool) == 1:
        only = pool[0]
        position = f"{array}[{', '.join(map(str, only.index))}]"
        q = _affinity_text(problem, only)
        return f"{name} the pixel edge {only.u}-{only.v} of stage {stage}, {position}: {q}"
    parts = join_first_items(
        f"{e.u}-{e.v}: {e.q if problem.linkage in EXTREME_LINKAGES else e.sum_text}" for e in pool
    )
    how = LINKAGES[problem.linkage].pool_words(edge)
    return f"{name} {len(pool)} pixel edges of stage {stage} ({parts}) {how}"


def _affinity_text(problem: MergeProblem, edge: PixelEdge) -> str:
    """The affinity of an edge as a fraction: the mean of its pixel edges where the linkage pools them."""
    if edge.count == 1 or problem.linkage in EXTREME_LINKAGES:
        return f"{edge.q} / {ONE}"
    return f"{edge.total} / ({ONE} * {edge.count})"
