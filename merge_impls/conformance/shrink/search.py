"""Search for a small problem that still fails: delta debugging.

The search removes vertices, edges, offsets and stages, and simplifies numbers, as long as the problem
still fails. Hypothesis could also shrink its examples, but it shrinks the bytes that a problem is made
of, and then finds larger problems.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from time import monotonic

import numpy as np

from merge_impls.arrays import BoolArray
from merge_impls.conformance.generate.array_layouts import LAYOUTS
from merge_impls.conformance.shrink import reductions
from merge_impls.conformance.shrink.simpler_values import (
    complexity_of_numbers,
    problems_with_simpler_values,
)
from merge_impls.problem import MergeProblem

MAX_SINGLE_PARTS = 60
"""The largest number of parts that are removed one by one; of more parts, several are removed at a time."""

FEW_VERTICES = 12
"""The largest number of vertices for which the search tries to contract every pair of vertices."""


def shrink(
    problem: MergeProblem, fails: Callable[[MergeProblem], bool], seconds: float = 30.0
) -> MergeProblem:
    """Return the smallest problem found for which ``fails`` returns True, with the same linkage.

    problem: a problem that fails; it is returned itself if no smaller problem is found.
    fails: whether a problem fails. The problems are tried in the same order in every search.
    seconds: the duration of the search. A call of ``fails`` that has begun is not interrupted.
    A grid becomes an explicit graph if the graph fails as well.
    """
    search = _Search(problem, fails, monotonic() + seconds)
    try:
        search.try_in_order(reductions.smallest_problems(problem))
        search.choose_layout()
        search.try_candidate(reductions.without_isolated_vertices(search.best))
        _reduce_until_nothing_helps(search)
    except _OutOfTime:
        pass
    return search.best


def _reduce_until_nothing_helps(search: "_Search") -> None:
    before = None
    while search.best is not before:
        before = search.best
        _try_as_graph(search)
        _try_fewer_parts(search)
        _try_fewer_stages(search)
        search.try_candidate(reductions.without_counts(search.best))
        _repeat_until_none_is_simpler(search, problems_with_simpler_values)


class _OutOfTime(Exception):
    """Raised when the time for the search is over."""


class _Search:
    """The state of a search.

    best: the smallest problem so far that fails.
    layout: the memory layout of the arrays of all smaller problems.
    tried: the keys of all problems that were tried, so that none is tried twice.
    """

    def __init__(
        self, problem: MergeProblem, fails: Callable[[MergeProblem], bool], deadline: float
    ) -> None:
        self.best, self.fails, self.deadline = problem, fails, deadline
        self.layout = "C"
        self.tried: set[tuple[object, ...]] = set()

    def try_candidate(self, candidate: MergeProblem | None) -> bool:
        """Make the candidate the best problem if it is smaller and fails; return whether this was so.

        Raises ``_OutOfTime``.
        """
        if candidate is None or not _is_smaller(candidate, self.best):
            return False
        key = _identity_key(candidate)
        if key in self.tried:
            return False
        if monotonic() >= self.deadline:
            raise _OutOfTime
        self.tried.add(key)
        if self.layout != "C":
            candidate = reductions.with_array_layout(candidate, self.layout)
        if not self.fails(candidate):
            return False
        self.best = candidate
        return True

    def choose_layout(self) -> None:
        """Choose the memory layout for smaller problems: the first of ``LAYOUTS`` with which ``best`` fails.

        The failure may depend on arrays that are not contiguous.
        """
        if self.best.affinities.flags.c_contiguous:
            return
        for layout in dict.fromkeys(LAYOUTS):
            same = reductions.with_array_layout(self.best, layout)
            if monotonic() < self.deadline and self.fails(same):
                self.best, self.layout = same, layout
                return

    def try_in_order(self, candidates: Iterable[MergeProblem | None]) -> bool:
        """Try candidates until one becomes the best problem; return whether one did."""
        return any(self.try_candidate(candidate) for candidate in candidates)

    def drop_parts(
        self,
        keeping: Callable[[MergeProblem, BoolArray], MergeProblem | None],
        count: Callable[[MergeProblem], int],
    ) -> None:
        """Remove as many parts of the best problem as possible: all at once, halves, quarters, and so on.

        keeping: makes the problem that has only some parts; its second argument, bool (count,), is
            True for the parts to keep.
        count: returns the number of parts of a problem.
        """
        size = count(self.best)
        while size >= max(1, count(self.best) // MAX_SINGLE_PARTS):
            start = 0
            while start < count(self.best):
                keep = np.ones(count(self.best), np.bool_)
                keep[start : start + size] = False
                if not self.try_candidate(keeping(self.best, keep)):
                    start += size
            size //= 2


def _is_smaller(one: MergeProblem, other: MergeProblem) -> bool:
    """Whether ``one`` has fewer parts than ``other`` or, with the same counts, simpler numbers."""
    parts, other_parts = _counts_compared_for_size(one), _counts_compared_for_size(other)
    if parts != other_parts:
        return parts < other_parts
    return complexity_of_numbers(one) < complexity_of_numbers(other)


def _counts_compared_for_size(problem: MergeProblem) -> tuple[int, ...]:
    """The counts by which problems are compared, the most important first.

    The numbers of axes, of vertices, and of offsets or edges; the summed length of all offsets; the
    numbers of pixel edges, of stages, of pixels outside the mask, and of edges with a count.
    """
    return (
        len(problem.shape),
        problem.num_vertices,
        len(problem.stages),
        0 if problem.offsets is None else int(np.abs(problem.offsets).sum()),
        int(reductions.used_affinity_mask(problem).sum()),
        len(problem.thresholds),
        0 if problem.mask is None else int((~problem.mask).sum()),
        0 if problem.counts is None else len(problem.counts),
    )


def _identity_key(problem: MergeProblem) -> tuple[object, ...]:
    """Return a hashable key; equal problems have equal keys."""
    names = ("thresholds", "stages", "affinities", "offsets", "mask", "edges", "counts", "totals")
    arrays = [getattr(problem, name) for name in names]
    return (problem.shape, *(array.tobytes() for array in arrays if array is not None))


def _try_as_graph(search: _Search) -> None:
    """Try to convert a grid to an explicit graph."""
    if search.best.is_grid:
        search.try_candidate(
            reductions.induced_subgraph(search.best, np.ones(search.best.num_vertices, np.bool_))
        )


def _try_fewer_parts(search: _Search) -> None:
    """Try to remove vertices (in a grid: rows, columns, planes and pixels), then edges or offsets."""
    if search.best.is_grid:
        _try_fewer_pixels(search)
    else:
        search.drop_parts(reductions.induced_subgraph, lambda p: p.num_vertices)
        _repeat_until_none_is_simpler(search, _problems_with_a_contracted_pair)
    search.drop_parts(reductions.keep_channels, lambda p: len(p.stages))
    if search.best.is_grid:
        _repeat_until_none_is_simpler(search, _problems_with_shorter_offsets)


def _problems_with_a_contracted_pair(problem: MergeProblem) -> Iterator[MergeProblem | None]:
    """Make the problems in which two vertices are contracted into one, which keeps the edges of both.

    With more than ``FEW_VERTICES`` vertices, only the two ends of an edge are contracted.
    """
    if problem.num_vertices <= FEW_VERTICES:
        pairs = list(combinations(range(problem.num_vertices), 2))
    else:
        assert problem.edges is not None
        pairs = np.unique(np.sort(problem.edges, axis=1), axis=0)[:MAX_SINGLE_PARTS].tolist()
    return (reductions.with_contracted_pair(problem, u, v) for u, v in pairs)


def _try_fewer_pixels(search: _Search) -> None:
    for axis in range(len(search.best.shape)):
        _try_fewer_layers(search, axis)
    search.try_candidate(reductions.without_flat_axis(search.best))
    search.drop_parts(
        lambda p, keep: reductions.with_mask(p, p.foreground.ravel() & keep),
        lambda p: p.num_vertices,
    )
    search.try_candidate(reductions.with_mask(search.best, np.ones(search.best.shape, np.bool_)))
    used = reductions.used_affinity_mask(search.best)
    affinities = np.where(used, search.best.affinities, 0).astype(np.uint16)
    search.try_candidate(reductions.replace_unchecked(search.best, affinities=affinities))


def _try_fewer_layers(search: _Search, axis: int) -> None:
    search.drop_parts(
        lambda p, keep: reductions.keep_layers(p, axis, keep), lambda p: p.shape[axis]
    )


def _problems_with_shorter_offsets(problem: MergeProblem) -> Iterator[MergeProblem | None]:
    """Make the problems in which one component of an offset is replaced by 0, by 1 or -1, or by its half."""
    assert problem.offsets is not None
    for channel, offset in enumerate(problem.offsets.tolist()):
        for axis, step in enumerate(offset):
            for shorter in (0, int(np.sign(step)), int(step / 2)):
                replaced = [*offset[:axis], shorter, *offset[axis + 1 :]]
                yield reductions.with_offset(problem, channel, replaced)


def _try_fewer_stages(search: _Search) -> None:
    """Try to remove a stage with its edges, or to move its edges to the stage before or after it."""
    _repeat_until_none_is_simpler(
        search,
        lambda p: (
            reductions.without_stage(p, stage, new_stage)
            for stage in range(len(p.thresholds))
            for new_stage in (None, stage - 1, stage + 1)
            if new_stage is None or 0 <= new_stage < len(p.thresholds)
        ),
    )


def _repeat_until_none_is_simpler(
    search: _Search, candidates: Callable[[MergeProblem], Iterable[MergeProblem | None]]
) -> None:
    """Try the candidates made from the best problem, again and again, until none of them becomes the best."""
    while search.try_in_order(candidates(search.best)):
        pass
