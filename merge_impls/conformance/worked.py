"""Cases small enough to do by hand, with their answers and the reason for each."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from merge_impls.problem import MergeProblem


@dataclass(frozen=True)
class WorkedCase:
    """merges: (a, b, weight) in order, the weight as the decimal digits of a float32."""

    name: str
    why: str
    problem: MergeProblem
    merges: Sequence[tuple[int, int, float]]
    labels: Sequence[int]


def worked_cases() -> list[WorkedCase]:
    """All cases; each is one stage on an explicit graph."""
    return [
        *(_row_of_four(linkage) for linkage in ("average", "weighted")),
        *(_tie_of_three(linkage) for linkage in ("average", "weighted")),
        _cross_edges("first", ab=0.99, cd=0.98, last=0.47938126),
        _cross_edges("last", ab=0.98, cd=0.99, last=0.47938123),
        *(_at_threshold(linkage) for linkage in ("average", "weighted")),
        *(_half(linkage) for linkage in ("average", "weighted")),
    ]


def _graph(
    vertices: int, edges: dict[tuple[int, int], float], threshold: float, linkage: str
) -> MergeProblem:
    return MergeProblem.from_edges(
        vertices,
        np.array(list(edges)),
        np.array(list(edges.values())),
        np.zeros(len(edges), np.int32),
        [threshold],
        linkage=linkage,
    )


def _row_of_four(linkage: str) -> WorkedCase:
    edges = {(0, 1): 0.98, (2, 3): 0.99, (1, 2): 0.4, (1, 3): 0.1, (0, 2): 0.5}
    last = {"average": 0.3333384, "weighted": 0.37500572}[linkage]
    return WorkedCase(
        name=f"row of four, {linkage}",
        why="(2, 3) is heavier and goes first; under 'weighted' (0, 1) first would leave 0.275",
        problem=_graph(4, edges, 0.3, linkage),
        merges=[(2, 3, 0.9900053), (0, 1, 0.9799954), (0, 2, last)],
        labels=[1, 1, 1, 1],
    )


def _tie_of_three(linkage: str) -> WorkedCase:
    # The threshold is 32767 / 65535, the last fixed-point number below the final weight of 0.5.
    return WorkedCase(
        name=f"tie of three, {linkage}",
        why="of two edges of 0.8 the one with the larger smaller end, (1, 2), goes first",
        problem=_graph(3, {(0, 1): 0.8, (1, 2): 0.8, (0, 2): 0.2}, 32767 / 65535, linkage),
        merges=[(1, 2, 0.8), (0, 1, 0.5)],
        labels=[1, 1, 1],
    )


def _cross_edges(order: str, ab: float, cd: float, last: float) -> WorkedCase:
    q = {(0, 2): 72, (0, 3): 28691, (1, 2): 36676, (1, 3): 60226}
    edges = {pair: value / 65535 for pair, value in q.items()}
    first, second = ((0, 1, ab), (2, 3, cd)) if order == "first" else ((2, 3, cd), (0, 1, ab))
    merges = [(a, b, float(np.float32(round(p * 65535) / 65535))) for a, b, p in (first, second)]
    return WorkedCase(
        name=f"four cross edges, (0, 1) {order}",
        why="under 'weighted' float32 rounds after each join, so the order of two merges shows",
        problem=_graph(4, edges | {(0, 1): ab, (2, 3): cd}, 0.4, "weighted"),
        merges=[*merges, (0, 2, last)],
        labels=[1, 1, 1, 1],
    )


def _at_threshold(linkage: str) -> WorkedCase:
    return WorkedCase(
        name=f"at the threshold, {linkage}",
        why="an edge of the threshold's own weight merges, one step of 1 / 65535 below does not",
        problem=_graph(4, {(0, 1): 0.8, (2, 3): 0.8 - 1 / 65535}, 0.8, linkage),
        merges=[(0, 1, 0.8)],
        labels=[1, 1, 2, 3],
    )


def _half(linkage: str) -> WorkedCase:
    return WorkedCase(
        name=f"a threshold of one half, {linkage}",
        why="fixed point has no 0.5: rint(0.5 * 65535) is 32768, so a mean of 0.5 lies below",
        problem=_graph(3, {(0, 1): 0.8, (1, 2): 0.8, (0, 2): 0.2}, 0.5, linkage),
        merges=[(1, 2, 0.8)],
        labels=[1, 2, 2],
    )
