"""Worked cases for explicit edges that stand for several pixel edges: counts and totals."""

from collections.abc import Sequence

from merge_impls.argument_checks import LINKAGES
from merge_impls.conformance.cases.worked_case import MEAN_LINKAGES, WorkedCase
from merge_impls.edge_counts import EXTREME_LINKAGES, MAX_COUNT_SUM
from merge_impls.fixed_point_affinities import ONE
from merge_impls.problem import MergeProblem


def counted_edges_cases() -> list[WorkedCase]:
    """Return the cases of all functions below."""
    return [
        *map(_mean_of_pooled_edges, MEAN_LINKAGES),
        *map(_totals_in_place_of_affinities, MEAN_LINKAGES),
        _joined_by_average(),
        _joined_by_weighted(),
        *map(_count_of_a_later_stage, MEAN_LINKAGES),
        *map(_extreme_and_confidence, EXTREME_LINKAGES),
        *map(_largest_sum_of_counts, LINKAGES),
    ]


def _counted_problem(
    vertices: int,
    edges: Sequence[tuple[int, int, float, int]],
    threshold: float,
    linkage: str,
    totals: Sequence[int] | None = None,
) -> MergeProblem:
    """Make a problem of one stage from edges (u, v, affinity, count)."""
    return MergeProblem.from_edges(
        vertices,
        [edge[:2] for edge in edges],
        [edge[2] for edge in edges],
        [0] * len(edges),
        [threshold],
        linkage=linkage,
        counts=[edge[3] for edge in edges],
        totals=totals,
    )


def _mean_of_pooled_edges(linkage: str) -> WorkedCase:
    return WorkedCase(
        name=f"counts of pooled edges, {linkage}",
        why="an edge of affinity 0.8 with count 3 and one of 0.4 with count 1 are pooled: "
        "(3 * 0.8 + 0.4) / 4 = 0.7; without counts the mean would be 0.6",
        problem=_counted_problem(2, [(0, 1, 0.8, 3), (1, 0, 0.4, 1)], 0.7, linkage),
        merges=[(0, 0, 1, 0.7)],
        labels=[1, 1],
        inside=[[0.8, 0.8, 0.8, 0.4]],
    )


def _totals_in_place_of_affinities(linkage: str) -> WorkedCase:
    fifth = ONE // 5
    return WorkedCase(
        name=f"totals in place of affinities, {linkage}",
        why="the edge (0, 1) has the affinity 1, but two pixel edges with the total 0.8: its weight is "
        "0.8 / 2 = 0.4, below that of (1, 2), which merges first",
        problem=_counted_problem(
            3, [(0, 1, 1.0, 2), (1, 2, 0.6, 1)], 0.5, linkage, [4 * fifth, 3 * fifth]
        ),
        merges=[(0, 1, 2, 0.6)],
        labels=[1, 2, 2],
        inside=[[], [0.6]],
    )


JOINED_EDGES = [(0, 1, 1.0, 1), (0, 2, 0.8, 1), (1, 2, 0.4, 3)]


def _joined_by_average() -> WorkedCase:
    return WorkedCase(
        name="counts of joined edges, average",
        why="after 0 and 1 merge, their edges to 2 are joined: (0.8 + 3 * 0.4) / (1 + 3) = 0.5",
        problem=_counted_problem(3, JOINED_EDGES, 0.4, "average"),
        merges=[(0, 0, 1, 1.0), (0, 0, 2, 0.5)],
        labels=[1, 1, 1],
        inside=[[1.0, 0.8, 0.4, 0.4, 0.4]],
    )


def _joined_by_weighted() -> WorkedCase:
    return WorkedCase(
        name="counts of joined edges, weighted",
        why="after 0 and 1 merge, their edges to 2 are joined: (0.8 + 0.4) * 0.5 = 0.6, whatever the "
        "counts, which only pooling and confidences read",
        problem=_counted_problem(3, JOINED_EDGES, 0.5, "weighted"),
        merges=[(0, 0, 1, 1.0), (0, 0, 2, 0.6)],
        labels=[1, 1, 1],
        inside=[[1.0, 0.8, 0.4, 0.4, 0.4]],
    )


def _count_of_a_later_stage(linkage: str) -> WorkedCase:
    weight, what = {
        "average": (0.7, "totals and counts add: (0.4 + 3 * 0.8) / 4 = 0.7"),
        "weighted": (0.6, "the mean of both weights is (0.4 + 0.8) * 0.5 = 0.6"),
    }[linkage]
    return WorkedCase(
        name=f"count of a later stage, {linkage}",
        why=f"stage 1 adds an edge of 0.8 with count 3 to the edge of 0.4: {what}",
        problem=MergeProblem.from_edges(
            2, [(0, 1)] * 2, [0.4, 0.8], [0, 1], [0.5, weight], linkage=linkage, counts=[1, 3]
        ),
        merges=[(1, 0, 1, weight)],
        labels=[1, 1],
        inside=[[0.4, 0.8, 0.8, 0.8]],
    )


def _extreme_and_confidence(linkage: str) -> WorkedCase:
    q, weight = {"single": (0.8, 0.8), "complete": (0.2, 0.2)}[linkage]
    fifth = ONE // 5
    return WorkedCase(
        name=f"count beside an extreme, {linkage}",
        why=f"the edge stands for pixel edges of 0.2, 0.4 and 0.8, of which the {EXTREME_LINKAGES[linkage]} "
        "is its affinity and its weight; only the confidence is (0.2 + 0.4 + 0.8) / 3",
        problem=_counted_problem(2, [(0, 1, q, 3)], 0.2, linkage, [7 * fifth]),
        merges=[(0, 0, 1, weight)],
        labels=[1, 1],
        inside=[[0.2, 0.4, 0.8]],
    )


def _largest_sum_of_counts(linkage: str) -> WorkedCase:
    return WorkedCase(
        name=f"largest sum of counts, {linkage}",
        why=f"two edges of affinity 1 stand for {MAX_COUNT_SUM} pixel edges, the most that a problem may "
        "have; totals need 53 bits",
        problem=_counted_problem(2, [(0, 1, 1.0, MAX_COUNT_SUM - 5), (0, 1, 1.0, 5)], 1.0, linkage),
        merges=[(0, 0, 1, 1.0)],
        labels=[1, 1],
        inside=[[1.0]],
    )
