"""Worked cases that tell the linkages apart by labels alone: one graph, with other labels for each linkage.

The graph has three parts of three vertices. In each part, the edge of 1.0 merges two vertices, and the edges
to the third vertex are joined. The threshold is 0.55.
"""

from collections.abc import Sequence

from merge_impls.conformance.cases.worked_case import NestedLists, WorkedCase, graph_problem

FIRST = [(0, 1, 1.0), (0, 2, 0.8), (0, 2, 0.8), (0, 2, 0.8), (1, 2, 0.0)]
SECOND = [(3, 4, 1.0), (3, 5, 0.8), (4, 5, 0.4), (4, 5, 0.4), (4, 5, 0.4)]
THIRD = [(6, 7, 1.0), (6, 8, 0.8), (7, 8, 0.2)]
"""The edges (u, v, affinity) of the three parts."""

ALL_OF_FIRST, ALL_OF_SECOND, ALL_OF_THIRD = (
    [affinity for _, _, affinity in part] for part in (FIRST, SECOND, THIRD)
)


def labels_by_linkage_cases() -> list[WorkedCase]:
    """Return one case for each linkage."""
    return [_average(), _weighted(), _single(), _complete()]


def _average() -> WorkedCase:
    return _joined_edges(
        "average",
        "the joined edges weigh (3 * 0.8 + 0.0) / 4 = 0.6, (0.8 + 3 * 0.4) / 4 = 0.5 and (0.8 + 0.2) / 2 = "
        "0.5; the first one alone reaches the threshold",
        merges=[(0, 0, 2, 0.6)],
        labels=[1, 1, 1, 2, 2, 3, 4, 4, 5],
        inside=[ALL_OF_FIRST, [1.0], [], [1.0], []],
    )


def _weighted() -> WorkedCase:
    return _joined_edges(
        "weighted",
        "the joined edges weigh (0.8 + 0.0) / 2 = 0.4, (0.8 + 0.4) / 2 = 0.6 and (0.8 + 0.2) / 2 = 0.5; the "
        "second one alone reaches the threshold",
        merges=[(0, 3, 5, 0.6)],
        labels=[1, 1, 2, 3, 3, 3, 4, 4, 5],
        inside=[[1.0], [], ALL_OF_SECOND, [1.0], []],
    )


def _single() -> WorkedCase:
    return _joined_edges(
        "single",
        "each joined edge weighs 0.8, the larger of two weights; all reach the threshold",
        merges=[(0, 6, 8, 0.8), (0, 3, 5, 0.8), (0, 0, 2, 0.8)],
        labels=[1, 1, 1, 2, 2, 2, 3, 3, 3],
        inside=[ALL_OF_FIRST, ALL_OF_SECOND, ALL_OF_THIRD],
    )


def _complete() -> WorkedCase:
    return _joined_edges(
        "complete",
        "the joined edges weigh 0.0, 0.4 and 0.2, the smaller of two weights; none reaches the threshold",
        merges=[],
        labels=[1, 1, 2, 3, 3, 4, 5, 5, 6],
        inside=[[1.0], [], [1.0], [], [1.0], []],
    )


def _joined_edges(
    linkage: str,
    why: str,
    merges: Sequence[tuple[int, int, int, float]],
    labels: NestedLists,
    inside: Sequence[Sequence[float]],
) -> WorkedCase:
    """The case of a linkage. merges: those after the merges of the three edges of 1.0."""
    return WorkedCase(
        name=f"joined edges around the threshold, {linkage}",
        why=why,
        problem=graph_problem(9, [*FIRST, *SECOND, *THIRD], [0.55], linkage),
        merges=[(0, 6, 7, 1.0), (0, 3, 4, 1.0), (0, 0, 1, 1.0), *merges],
        labels=labels,
        inside=inside,
    )
