"""Small changes of merge problems, which show how stable the segments of a merge are."""

from dataclasses import asdict, dataclass, replace
from typing import Any, Self

import numpy as np

from merge_impls import CompleteResult, MergeProblem
from merge_impls.arrays import StructuredArray, UInt16Array
from merge_impls.fixed_point_affinities import ONE
from merge_impls.offsets import pair_slices


@dataclass(frozen=True)
class ProblemChange:
    """How a row of a study changes the merge problems of all images.

    levels: the number of different values to which affinities are rounded, such as 256; None: no rounding.
    seed: of the random numbers that move each affinity one step of the fixed point (1 / 65535) up or down;
        None: affinities are not moved.
    reversed_ties: whether the vertices are numbered in reverse, so that ties are broken otherwise.
    """

    levels: int | None = None
    seed: int | None = None
    reversed_ties: bool = False

    @property
    def rounding(self) -> Self:
        """The rounding alone: results are compared with those of the rounded problems."""
        return replace(self, seed=None, reversed_ties=False)

    @property
    def disturbance(self) -> Self:
        """The change without the rounding."""
        return replace(self, levels=None)

    def to_json(self) -> dict[str, Any]:
        """The entries that change something; {} if nothing is changed."""
        return {name: value for name, value in asdict(self).items() if value not in (None, False)}

    def apply(self, problem: MergeProblem) -> MergeProblem:
        """The changed problem. Raises ValueError for a problem whose edges have counts."""
        if self.levels is not None:
            problem = _with_affinities(problem, _rounded(problem.affinities, self.levels))
        if self.seed is not None:
            problem = _with_affinities(problem, _moved_one_step(problem.affinities, self.seed))
        return with_reversed_vertices(problem) if self.reversed_ties else problem

    def restore(self, result: CompleteResult) -> CompleteResult:
        """The result of a changed problem for the vertices of the original problem.

        A result whose vertices were renumbered has no history, because it names other vertices.
        """
        return _result_of_original_vertices(result) if self.reversed_ties else result


UNCHANGED = ProblemChange()
"""The change that changes nothing."""


def _with_affinities(problem: MergeProblem, affinities: UInt16Array) -> MergeProblem:
    if problem.counts is not None:
        raise ValueError("affinities of edges with counts cannot be changed: leave the row out")
    return problem.replace(affinities=affinities)


def _rounded(affinities: UInt16Array, levels: int) -> UInt16Array:
    """Round affinities to the nearest of ``levels`` values from 0 to 1, 0 and 1 included."""
    steps = np.rint(affinities * ((levels - 1) / ONE))
    rounded: UInt16Array = np.rint(steps * (ONE / (levels - 1))).astype(np.uint16)
    return rounded


def _moved_one_step(affinities: UInt16Array, seed: int) -> UInt16Array:
    """Move each affinity one step up or down, each with probability 1/2; 0 and 1 stay in [0, 1]."""
    random = np.random.default_rng(seed)
    steps = 2 * random.integers(0, 2, affinities.shape, np.int8) - 1
    moved: UInt16Array = (affinities.astype(np.int32) + steps).clip(0, ONE).astype(np.uint16)
    return moved


def with_reversed_vertices(problem: MergeProblem) -> MergeProblem:
    """The same graph with vertex v numbered ``num_vertices - 1 - v``: on a grid, all axes are flipped."""
    if problem.edges is not None:
        return problem.replace(edges=problem.num_vertices - 1 - problem.edges)
    assert problem.offsets is not None and problem.mask is not None
    axes = tuple(range(1, 1 + len(problem.shape)))
    flipped = np.flip(problem.affinities, axes)
    affinities = np.zeros_like(flipped)
    for k, offset in enumerate(problem.offsets):
        # The pair (p, p + offset) becomes (q, q + offset): q stands for p + offset, q + offset for p.
        first, second = pair_slices(problem.shape, offset)
        affinities[k][first] = flipped[k][second]
    return problem.replace(affinities=affinities, mask=np.flip(problem.mask))


def _result_of_original_vertices(result: CompleteResult) -> CompleteResult:
    """Reverse the vertices of a result, and number its segments by their first vertices again."""
    labels = np.flip(result.labels)
    found, first = np.unique(labels, return_index=True)
    kept = found > 0
    order = found[kept][np.argsort(first[kept])]
    numbers = np.zeros(len(result.sizes) + 1, np.int32)
    numbers[order] = np.arange(1, len(order) + 1)
    return replace(
        result,
        labels=numbers[labels],
        sizes=result.sizes[order - 1],
        confidences=result.confidences[order - 1],
        history=None,
    )


def count_tied_merges(history: StructuredArray) -> int:
    """The number of merges whose edge weighs as much as that of the merge before, in the same stage.

    history: in the greedy order, see ``merge_impls.result.HISTORY_DTYPE``.
    """
    same = (history["weight"][1:] == history["weight"][:-1]) & (
        history["stage"][1:] == history["stage"][:-1]
    )
    return int(np.count_nonzero(same))
