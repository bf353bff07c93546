"""Search for the smallest problem that still fails, so that it can be merged by hand.

This is delta debugging on the parts of a problem: its vertices, edges, offsets, stages and values.
Whether two results differ depends on few of them, so nearly all others can be removed. Hypothesis
cannot do this as well, because it shrinks bytes, of which many make one vertex or edge.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from time import monotonic

import numpy as np

from merge_impls.arrays import BoolArray
from merge_impls.conformance.generate.array_layouts import LAYOUTS
from merge_impls.conformance.shrink import reductions
from merge_impls.conformance.shrink.simpler_values import complexity, with_simpler_values
from merge_impls.problem import MergeProblem

MAX_SINGLE_PARTS = 60
"""The most parts that are removed one by one; of more parts, several are removed at a time."""

FEW_VERTICES = 12
"""The most vertices for which the contraction of every pair is tried."""


def shrink(
    problem: MergeProblem, fails: Callable[[MergeProblem], bool], seconds: float = 30.0
) -> MergeProblem:
    """Return the smallest problem found for which ``fails`` is True, with the same linkage.

    A grid becomes an explicit graph if that fails as well. The returned problem is ``problem``, which
    is assumed to fail, or the argument of a call of ``fails`` that returned True. The order of the
    calls is the same every time. After ``seconds`` no new call begins; one in progress is finished.
    """
    search = _Search(problem, fails, monotonic() + seconds)
    try:
        search.take_first(reductions.smallest_problems(problem))
        search.choose_layout()
        search.take(reductions.without_isolated_vertices(search.best))
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
        _take_while_simpler(search, with_simpler_values)


class _OutOfTime(Exception):
    pass


class _Search:
    """The smallest failing problem so far, and what was tried.

    Each candidate is tried once, and only if it is smaller than the best problem.
    """

    def __init__(
        self, problem: MergeProblem, fails: Callable[[MergeProblem], bool], deadline: float
    ) -> None:
        self.best, self.fails, self.deadline = problem, fails, deadline
        self.layout = "C"
        self.tried: set[tuple[object, ...]] = set()

    def take(self, candidate: MergeProblem | None) -> bool:
        """Make the candidate the best if it is smaller and fails; whether it was. Raises _OutOfTime."""
        if candidate is None or not _is_smaller(candidate, self.best):
            return False
        key = _identity_key(candidate)
        if key in self.tried:
            return False
        if monotonic() >= self.deadline:
            raise _OutOfTime
        self.tried.add(key)
        if self.layout != "C":
            candidate = reductions.in_layout(candidate, self.layout)
        if not self.fails(candidate):
            return False
        self.best = candidate
        return True

    def choose_layout(self) -> None:
        """Choose the memory layout of later candidates: contiguous, or else the first that fails."""
        if self.best.affinities.flags.c_contiguous:
            return
        for layout in dict.fromkeys(LAYOUTS):
            same = reductions.in_layout(self.best, layout)
            if monotonic() < self.deadline and self.fails(same):
                self.best, self.layout = same, layout
                return

    def take_first(self, candidates: Iterable[MergeProblem | None]) -> bool:
        """Take the first candidate that is smaller and fails; return whether there was one."""
        return any(self.take(candidate) for candidate in candidates)

    def drop_parts(
        self,
        keeping: Callable[[MergeProblem, BoolArray], MergeProblem | None],
        count: Callable[[MergeProblem], int],
    ) -> None:
        """Drop as many parts as possible: try all of them, halves, quarters, and so on.

        keeping: makes the smaller problem, given a bool (count,) that is True for parts to keep.
        count: the number of parts of a problem.
        """
        size = count(self.best)
        while size >= max(1, count(self.best) // MAX_SINGLE_PARTS):
            start = 0
            while start < count(self.best):
                keep = np.ones(count(self.best), np.bool_)
                keep[start : start + size] = False
                if not self.take(keeping(self.best, keep)):
                    start += size
            size //= 2


def _is_smaller(one: MergeProblem, other: MergeProblem) -> bool:
    """Whether ``one`` has fewer parts than ``other`` or, with equally many, simpler numbers."""
    parts, other_parts = _part_counts(one), _part_counts(other)
    if parts != other_parts:
        return parts < other_parts
    return complexity(one) < complexity(other)


def _part_counts(problem: MergeProblem) -> tuple[int, ...]:
    """The counts that are compared, in this order: axes, vertices, offsets or edges, length of all
    offsets, pixel edges, stages, and pixels outside the mask."""
    return (
        len(problem.shape),
        problem.num_vertices,
        len(problem.stages),
        0 if problem.offsets is None else int(np.abs(problem.offsets).sum()),
        int(reductions.used_affinities(problem).sum()),
        len(problem.thresholds),
        0 if problem.mask is None else int((~problem.mask).sum()),
    )


def _identity_key(problem: MergeProblem) -> tuple[object, ...]:
    """A key that is equal for equal problems."""
    names = ("thresholds", "stages", "affinities", "offsets", "mask", "edges")
    arrays = [getattr(problem, name) for name in names]
    return (problem.shape, *(array.tobytes() for array in arrays if array is not None))


def _try_as_graph(search: _Search) -> None:
    if search.best.is_grid:
        search.take(
            reductions.induced_graph(search.best, np.ones(search.best.num_vertices, np.bool_))
        )


def _try_fewer_parts(search: _Search) -> None:
    """Try fewer vertices or rows, columns and planes, then fewer edges or offsets."""
    if search.best.is_grid:
        _try_fewer_pixels(search)
    else:
        search.drop_parts(reductions.induced_graph, lambda p: p.num_vertices)
        _take_while_simpler(search, _problems_with_a_contracted_pair)
    search.drop_parts(reductions.keep_channels, lambda p: len(p.stages))
    if search.best.is_grid:
        _take_while_simpler(search, _problems_with_shorter_offsets)


def _problems_with_a_contracted_pair(problem: MergeProblem) -> Iterator[MergeProblem | None]:
    """Contract any two vertices or, if there are many vertices, the two ends of any edge.

    This helps where no vertex can be left out, because the edges of both vertices stay.
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
    search.take(reductions.without_flat_axis(search.best))
    search.drop_parts(
        lambda p, keep: reductions.with_mask(p, p.foreground.ravel() & keep),
        lambda p: p.num_vertices,
    )
    search.take(reductions.with_mask(search.best, np.ones(search.best.shape, np.bool_)))
    used = reductions.used_affinities(search.best)
    affinities = np.where(used, search.best.affinities, 0).astype(np.uint16)
    search.take(reductions.replace_unchecked(search.best, affinities=affinities))


def _try_fewer_layers(search: _Search, axis: int) -> None:
    search.drop_parts(
        lambda p, keep: reductions.keep_layers(p, axis, keep), lambda p: p.shape[axis]
    )


def _problems_with_shorter_offsets(problem: MergeProblem) -> Iterator[MergeProblem | None]:
    """Replace a component of an offset by 0, by 1 or -1, and by half of it."""
    assert problem.offsets is not None
    for channel, offset in enumerate(problem.offsets.tolist()):
        for axis, step in enumerate(offset):
            for shorter in (0, int(np.sign(step)), int(step / 2)):
                replaced = [*offset[:axis], shorter, *offset[axis + 1 :]]
                yield reductions.with_offset(problem, channel, replaced)


def _try_fewer_stages(search: _Search) -> None:
    """Try to remove a stage with its edges, or to move its edges to the stage before or after it."""
    _take_while_simpler(
        search,
        lambda p: (
            reductions.without_stage(p, stage, new_stage)
            for stage in range(len(p.thresholds))
            for new_stage in (None, stage - 1, stage + 1)
            if new_stage is None or 0 <= new_stage < len(p.thresholds)
        ),
    )


def _take_while_simpler(
    search: _Search, candidates: Callable[[MergeProblem], Iterable[MergeProblem | None]]
) -> None:
    """Take candidates, made from the best problem so far, until none of them is taken."""
    while search.take_first(candidates(search.best)):
        pass
