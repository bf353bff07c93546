"""Problems with the same edges and rounder numbers: fewer different ones, of fewer digits."""

from collections.abc import Iterator

import numpy as np

from merge_impls.conformance.reductions import changed
from merge_impls.fixed_point import ONE
from merge_impls.problem import MergeProblem

MOST_VALUES = 40
"""So many are tried one by one; with more there is something else to be made smaller first."""


def digits(q: int) -> int:
    """Digits after the point of the shortest decimal that becomes this fixed-point number."""
    return next(count for count in range(6) if _rounded(q, count) == q)


def fixed_thresholds(problem: MergeProblem) -> np.ndarray:
    """(S,) int64, the thresholds as fixed-point numbers."""
    return np.rint(problem.thresholds.astype(np.float64) * ONE).astype(np.int64)


def different_values(problem: MergeProblem) -> list[int]:
    """All fixed-point numbers among affinities and thresholds, ascending."""
    both = [problem.affinities.ravel().astype(np.int64), fixed_thresholds(problem)]
    return np.unique(np.concatenate(both)).tolist()


def with_simpler_values(problem: MergeProblem) -> Iterator[MergeProblem]:
    """Affinities and thresholds go the same way, so that what is equal stays so."""
    values = different_values(problem)
    yield from (_replaced(problem, new) for new in _all_at_once(values))
    for old in values[:MOST_VALUES]:
        for new in _instead_of(old, values):
            yield _replaced(problem, {old: new})


def _all_at_once(values: list[int]) -> Iterator[dict[int, int]]:
    """Evenly spaced tenths or fifths in the same order, or each rounded."""
    count = len(values)
    for step, top in ((2, 10), (1, 10), (1, 9)):
        lowest = top - step * (count - 1)
        if lowest >= 0:
            tenths = range(lowest, top + 1, step)
            yield {old: _fixed(tenth / 10) for old, tenth in zip(values, tenths, strict=True)}
    for count in (1, 2, 3):
        yield {old: _rounded(old, count) for old in values}


def _instead_of(old: int, values: list[int]) -> list[int]:
    """The next larger and smaller of the others, rounder numbers, and any tenth; nearest first."""
    place = values.index(old)
    neighbours = values[place + 1 : place + 2] + values[max(0, place - 1) : place]
    tenths = sorted((_fixed(tenth / 10) for tenth in range(11)), key=lambda new: abs(new - old))
    return [*neighbours, *(_rounded(old, count) for count in (1, 2, 3, 4)), *tenths]


def _replaced(problem: MergeProblem, new: dict[int, int]) -> MergeProblem:
    becomes = np.arange(ONE + 1)
    becomes[list(new)] = list(new.values())
    return changed(
        problem,
        affinities=becomes[problem.affinities].astype(np.uint16),
        thresholds=_as_float32(becomes[fixed_thresholds(problem)]),
    )


def _as_float32(fixed: np.ndarray) -> np.ndarray:
    return (fixed / ONE).astype(np.float32)


def _rounded(q: int, count: int) -> int:
    return _fixed(round(q / ONE, count))


def _fixed(p: float) -> int:
    return round(p * ONE)
