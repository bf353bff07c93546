"""The search for the smallest problem that still fails: one that can be merged by hand.

Delta debugging that knows what a problem consists of. Whether two results differ depends on few
vertices and few numbers, so nearly everything else can go. Hypothesis shrinks bytes and does not
know which of them make a vertex or an edge.
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

MOST_SINGLE = 60
"""The most parts that are tried one by one; of more parts, several at a time."""

FEW_VERTICES = 12
"""The most vertices of which every two are tried as one."""


def shrink(
    problem: MergeProblem, fails: Callable[[MergeProblem], bool], seconds: float = 30.0
) -> MergeProblem:
    """The smallest problem found for which ``fails`` is True, of the same linkage.

    It is an explicit graph if that fails, too. It is ``problem`` itself, which is assumed to fail, or
    was the argument of a call of ``fails`` that returned True. The calls and their order are the
    same every time. After ``seconds`` no further call is made; one in progress is finished.
    """
    search = _Search(problem, fails, monotonic() + seconds)
    try:
        search.first(reductions.smallest_problems(problem))
        search.settle_layout()
        search.take(reductions.without_isolated_vertices(search.best))
        before = None
        while search.best is not before:
            before = search.best
            _try_as_graph(search)
            _try_fewer_parts(search)
            _try_fewer_stages(search)
            _take_while_simpler(search, with_simpler_values)
    except _OutOfTime:
        pass
    return search.best


class _OutOfTime(Exception):
    pass


class _Search:
    """The smallest failing problem so far; each candidate is tried once, and only if smaller."""

    def __init__(
        self, problem: MergeProblem, fails: Callable[[MergeProblem], bool], deadline: float
    ) -> None:
        self.best, self.fails, self.deadline = problem, fails, deadline
        self.layout = "C"
        self.tried: set[tuple[object, ...]] = set()

    def take(self, candidate: MergeProblem | None) -> bool:
        """Whether the candidate is smaller and fails; then it is the best. Raises _OutOfTime."""
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

    def settle_layout(self) -> None:
        """From here on arrays are contiguous or, if such a problem passes, in the first layout that fails."""
        if self.best.affinities.flags.c_contiguous:
            return
        for layout in dict.fromkeys(LAYOUTS):
            same = reductions.in_layout(self.best, layout)
            if monotonic() < self.deadline and self.fails(same):
                self.best, self.layout = same, layout
                return

    def first(self, candidates: Iterable[MergeProblem | None]) -> bool:
        """Take the first candidate that is smaller and fails; whether there was one."""
        return any(self.take(candidate) for candidate in candidates)

    def keep_some(
        self,
        keeping: Callable[[MergeProblem, BoolArray], MergeProblem | None],
        count: Callable[[MergeProblem], int],
    ) -> None:
        """Drop as many of ``count`` parts as possible: all, halves, quarters, ..., single parts.

        keeping: the problem that is left, given a bool (count,) of the parts to keep.
        """
        size = count(self.best)
        while size >= max(1, count(self.best) // MOST_SINGLE):
            start = 0
            while start < count(self.best):
                keep = np.ones(count(self.best), np.bool_)
                keep[start : start + size] = False
                if not self.take(keeping(self.best, keep)):
                    start += size
            size //= 2


def _is_smaller(one: MergeProblem, other: MergeProblem) -> bool:
    """Whether ``one`` is easier to read: fewer parts or, with as many, simpler numbers."""
    parts, other_parts = _part_counts(one), _part_counts(other)
    if parts != other_parts:
        return parts < other_parts
    return complexity(one) < complexity(other)


def _part_counts(problem: MergeProblem) -> tuple[int, ...]:
    """Axes, vertices, channels, reach, pixel edges, stages, and pixels outside the mask."""
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
    """Equal for equal problems."""
    names = ("thresholds", "stages", "affinities", "offsets", "mask", "edges")
    arrays = [getattr(problem, name) for name in names]
    return (problem.shape, *(array.tobytes() for array in arrays if array is not None))


def _try_as_graph(search: _Search) -> None:
    if search.best.is_grid:
        search.take(
            reductions.induced_graph(search.best, np.ones(search.best.num_vertices, np.bool_))
        )


def _try_fewer_parts(search: _Search) -> None:
    """Vertices or rows, columns and planes; then edges or offsets."""
    if search.best.is_grid:
        _try_fewer_pixels(search)
    else:
        search.keep_some(reductions.induced_graph, lambda p: p.num_vertices)
        _take_while_simpler(search, _problems_with_two_vertices_as_one)
    search.keep_some(reductions.keep_channels, lambda p: len(p.stages))
    if search.best.is_grid:
        _take_while_simpler(search, _problems_with_shorter_offsets)


def _problems_with_two_vertices_as_one(problem: MergeProblem) -> Iterator[MergeProblem | None]:
    """Any two vertices as one, or the ends of an edge where there are many vertices.

    This still helps where no vertex can be left out: the edges of both stay.
    """
    if problem.num_vertices <= FEW_VERTICES:
        pairs = list(combinations(range(problem.num_vertices), 2))
    else:
        assert problem.edges is not None
        pairs = np.unique(np.sort(problem.edges, axis=1), axis=0)[:MOST_SINGLE].tolist()
    return (reductions.with_contracted(problem, u, v) for u, v in pairs)


def _try_fewer_pixels(search: _Search) -> None:
    for axis in range(len(search.best.shape)):
        _try_fewer_layers(search, axis)
    search.take(reductions.without_flat_axis(search.best))
    search.keep_some(
        lambda p, keep: reductions.with_mask(p, p.foreground.ravel() & keep),
        lambda p: p.num_vertices,
    )
    search.take(reductions.with_mask(search.best, np.ones(search.best.shape, np.bool_)))
    used = reductions.used_affinities(search.best)
    affinities = np.where(used, search.best.affinities, 0).astype(np.uint16)
    search.take(reductions.changed(search.best, affinities=affinities))


def _try_fewer_layers(search: _Search, axis: int) -> None:
    search.keep_some(lambda p, keep: reductions.keep_layers(p, axis, keep), lambda p: p.shape[axis])


def _problems_with_shorter_offsets(problem: MergeProblem) -> Iterator[MergeProblem | None]:
    """Components as 0, as one step, and half as long."""
    assert problem.offsets is not None
    for channel, offset in enumerate(problem.offsets.tolist()):
        for axis, step in enumerate(offset):
            for shorter in (0, int(np.sign(step)), int(step / 2)):
                changed = [*offset[:axis], shorter, *offset[axis + 1 :]]
                yield reductions.with_offset(problem, channel, changed)


def _try_fewer_stages(search: _Search) -> None:
    """Without a stage and its edges, or with its edges in another stage."""
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
    """Take candidates until none is taken; each time they are made from the best problem so far."""
    while search.first(candidates(search.best)):
        pass
