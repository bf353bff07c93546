"""The smallest problem that still shows a fault: one that can be merged by hand.

Delta debugging that knows what a problem consists of. Whether two results differ depends on few
vertices and few numbers, so nearly everything can go; hypothesis, which sees only bytes, does not
find what.
"""

from collections.abc import Callable, Iterable, Iterator
from itertools import combinations
from time import monotonic

import numpy as np

from merge_impls.conformance.generate.array_layouts import LAYOUTS
from merge_impls.conformance.shrink import reductions
from merge_impls.conformance.shrink.simpler_values import complexity, with_simpler_values
from merge_impls.problem import MergeProblem

MOST_ALONE = 60
"""So many are tried one by one; of more, several at a time."""

FEW_VERTICES = 12
"""Of so few, any two are tried together."""


def shrink(
    problem: MergeProblem, fails: Callable[[MergeProblem], bool], seconds: float = 30.0
) -> MergeProblem:
    """The smallest problem found for which ``fails`` is True, of the same linkage.

    An explicit graph where the fault does not need the grid. What is returned is ``problem``, which
    is taken to fail, or has been an argument of a call of ``fails`` that returned True. The same
    calls in the same order every time, up to ``seconds``; a call that takes longer is waited for.
    """
    search = _Search(problem, fails, monotonic() + seconds)
    try:
        search.first(reductions.smallest_problems(problem))
        search.settle_layout()
        search.take(reductions.without_isolated_vertices(search.best))
        before = None
        while search.best is not before:
            before = search.best
            _without_the_grid(search)
            _fewer_parts(search)
            _fewer_stages(search)
            _simpler(search, with_simpler_values)
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
        self.tried: set[tuple] = set()

    def take(self, candidate: MergeProblem | None) -> bool:
        """Whether the candidate is smaller and fails; then it is the best. Raises _OutOfTime."""
        if candidate is None or not _is_smaller(candidate, self.best):
            return False
        key = _key(candidate)
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
        """From here on arrays are contiguous or, if the fault does not show then, are not."""
        if self.best.affinities.flags.c_contiguous:
            return
        for layout in dict.fromkeys(LAYOUTS):
            same = reductions.in_layout(self.best, layout)
            if monotonic() < self.deadline and self.fails(same):
                self.best, self.layout = same, layout
                return

    def first(self, candidates: Iterable[MergeProblem | None]) -> bool:
        """Take the first of the candidates that will do."""
        return any(self.take(candidate) for candidate in candidates)

    def keep_some(
        self,
        keeping: Callable[[MergeProblem, np.ndarray], MergeProblem | None],
        count: Callable[[MergeProblem], int],
    ) -> None:
        """Drop as many of ``count`` parts as possible: all, halves, and so on to single ones.

        keeping: what is left of a problem, given which of its parts (count,) to keep.
        """
        size = count(self.best)
        while size >= max(1, count(self.best) // MOST_ALONE):
            start = 0
            while start < count(self.best):
                keep = np.ones(count(self.best), np.bool_)
                keep[start : start + size] = False
                if not self.take(keeping(self.best, keep)):
                    start += size
            size //= 2


def _is_smaller(one: MergeProblem, other: MergeProblem) -> bool:
    """Whether one is easier to read: fewer parts or, of as many, simpler numbers."""
    parts, other_parts = _parts(one), _parts(other)
    if parts != other_parts:
        return parts < other_parts
    return complexity(one) < complexity(other)


def _parts(problem: MergeProblem) -> tuple[int, ...]:
    """Axes, vertices, channels, reach, pixel edges, stages, and pixels outside the mask."""
    return (
        len(problem.shape),
        problem.num_vertices,
        len(problem.stages),
        int(np.abs(problem.offsets).sum()) if problem.is_grid else 0,
        int(reductions.used_affinities(problem).sum()),
        len(problem.thresholds),
        int((~problem.mask).sum()) if problem.is_grid else 0,
    )


def _key(problem: MergeProblem) -> tuple:
    """Equal for equal problems."""
    ends = (problem.offsets, problem.mask) if problem.is_grid else (problem.edges,)
    arrays = (problem.thresholds, problem.stages, problem.affinities, *ends)
    return (problem.shape, *(array.tobytes() for array in arrays))


def _without_the_grid(search: _Search) -> None:
    if search.best.is_grid:
        search.take(reductions.induced(search.best, np.ones(search.best.num_vertices, np.bool_)))


def _fewer_parts(search: _Search) -> None:
    """Vertices or rows, columns and planes; then edges or offsets."""
    if search.best.is_grid:
        _fewer_pixels(search)
    else:
        search.keep_some(reductions.induced, lambda p: p.num_vertices)
        _simpler(search, _with_two_as_one)
    search.keep_some(reductions.with_channels, lambda p: len(p.stages))
    if search.best.is_grid:
        _simpler(search, _shorter_offsets)


def _with_two_as_one(problem: MergeProblem) -> Iterator[MergeProblem | None]:
    """Any two vertices as one, or the ends of an edge where there are many vertices.

    What weights become takes fewer vertices than edges, so this goes where nothing can be left out.
    """
    if problem.num_vertices <= FEW_VERTICES:
        pairs = list(combinations(range(problem.num_vertices), 2))
    else:
        pairs = np.unique(np.sort(problem.edges, axis=1), axis=0)[:MOST_ALONE].tolist()
    return (reductions.with_contracted(problem, u, v) for u, v in pairs)


def _fewer_pixels(search: _Search) -> None:
    for axis in range(len(search.best.shape)):
        search.keep_some(
            lambda p, keep, axis=axis: reductions.with_layers(p, axis, keep),
            lambda p, axis=axis: p.shape[axis],
        )
    search.take(reductions.without_flat_axis(search.best))
    search.keep_some(
        lambda p, keep: reductions.with_mask(p, p.mask.ravel() & keep), lambda p: p.num_vertices
    )
    search.take(reductions.with_mask(search.best, np.ones(search.best.shape, np.bool_)))
    used = reductions.used_affinities(search.best)
    affinities = np.where(used, search.best.affinities, 0).astype(np.uint16)
    search.take(reductions.changed(search.best, affinities=affinities))


def _shorter_offsets(problem: MergeProblem) -> Iterator[MergeProblem | None]:
    """Components as 0, as one step, and half as long."""
    for channel, offset in enumerate(problem.offsets.tolist()):
        for axis, step in enumerate(offset):
            for shorter in (0, int(np.sign(step)), int(step / 2)):
                changed = [*offset[:axis], shorter, *offset[axis + 1 :]]
                yield reductions.with_offset(problem, channel, changed)


def _fewer_stages(search: _Search) -> None:
    """Without a stage and its edges, or with its edges in another stage."""
    _simpler(
        search,
        lambda p: (
            reductions.without_stage(p, stage, new_stage)
            for stage in range(len(p.thresholds))
            for new_stage in (None, stage - 1, stage + 1)
            if new_stage is None or 0 <= new_stage < len(p.thresholds)
        ),
    )


def _simpler(
    search: _Search, candidates: Callable[[MergeProblem], Iterable[MergeProblem | None]]
) -> None:
    """Take of the candidates one after the other, each time from what is then the best."""
    while search.first(candidates(search.best)):
        pass
