"""Problems with the same edges and simpler numbers: round, and equal only where it matters.

A failure that shows without ties, without zeros and away from the threshold has another reason than
these; so numbers are made different wherever the problem still fails.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from merge_impls.arrays import AnyArray, Int64Array, UInt16Array
from merge_impls.conformance.shrink.reductions import changed, used_affinities
from merge_impls.fixed_point_affinities import ONE
from merge_impls.problem import MergeProblem

Number = TypeVar("Number", bound=np.integer[Any])

MOST_VALUES = 40
"""The most values that are tried one by one; a problem with more has edges to lose first."""

FIFTHS = [0.8, 0.6, 0.4, 0.2, 1.0]
"""Fixed point has these exactly, so that means of them are round, too."""

TENTHS = [0.9, 0.7, 0.5, 0.3, 0.1]


def complexity(problem: MergeProblem) -> tuple[int, int, int]:
    """How many numbers coincide, how many digits there are to read, and how many of the affinities
    that belong to no edge are not 0."""
    used = used_affinities(problem)
    q = problem.affinities[used].astype(np.int64)
    limits = fixed_thresholds(problem)
    different, different_limits = np.unique(q), np.unique(limits)
    coincide = len(q) - len(different) + len(limits) - len(different_limits)
    coincide += int(np.isin(limits, different).sum())
    coincide += int((q == 0).sum() + (limits == 0).sum())
    to_read = sum(map(_digits_to_read, {*different.tolist(), *different_limits.tolist()}))
    return coincide, to_read, int(np.count_nonzero(problem.affinities[~used]))


def with_simpler_values(problem: MergeProblem) -> Iterator[MergeProblem]:
    """All numbers changed at once, then one by one."""
    yield from _with_different_values(problem)
    values = np.union1d(problem.affinities, fixed_thresholds(problem)).tolist()
    for count in (1, 2, 3):
        yield _with_replaced_values(problem, {old: _rounded(old, count) for old in values})
    nice = [_fixed_point(p) for p in (*FIFTHS, *TENTHS, 0.0)]
    limits = fixed_thresholds(problem)
    for stage in range(len(limits)):
        for new in nice:
            yield _with_values(problem, limits=_with_entry(limits, stage, new))
    for index in np.ndindex(
        problem.affinities.shape if problem.affinities.size <= MOST_VALUES else 0
    ):
        for new in nice:
            yield _with_values(problem, q=_with_entry(problem.affinities, index, new))
    for old in values[:MOST_VALUES]:
        for new in (*(_rounded(old, count) for count in (1, 2, 3, 4)), *nice):
            yield _with_replaced_values(problem, {old: new})


def fixed_thresholds(problem: MergeProblem) -> Int64Array:
    """(S,) int64, the thresholds as fixed-point numbers."""
    return np.rint(problem.thresholds.astype(np.float64) * ONE).astype(np.int64)


def _with_different_values(problem: MergeProblem) -> Iterator[MergeProblem]:
    """Affinities in the same order, none equal, and thresholds that equal none of them."""
    used = used_affinities(problem)
    old = problem.affinities[used]
    for ladder in (FIFTHS[:4], sorted(FIFTHS[:4] + TENTHS, reverse=True)):
        if not 0 < len(old) <= len(ladder):
            continue
        q = problem.affinities.copy()
        heaviest_first = np.argsort(-old.astype(np.int64), kind="stable")
        new = np.empty(len(old), np.uint16)
        new[heaviest_first] = [_fixed_point(p) for p in ladder[: len(old)]]
        q[used] = new
        reached = [int((old >= limit).sum()) for limit in fixed_thresholds(problem)]
        yield _with_values(
            problem, q, np.array([_threshold_between(ladder, count) for count in reached])
        )
        yield _with_values(
            problem, q, np.array([_fixed_point(0.1 if count else 1.0) for count in reached])
        )


def _threshold_between(ladder: list[float], count: int) -> int:
    """A threshold that exactly the first ``count`` of a ladder reach."""
    upper = ladder[count - 1] if count else 1.0
    lower = ladder[count] if count < len(ladder) else 0.0
    return _fixed_point(round((upper + lower) / 2, 2))


def _with_values(
    problem: MergeProblem, q: UInt16Array | None = None, limits: Int64Array | None = None
) -> MergeProblem:
    arrays: dict[str, AnyArray] = {}
    if q is not None:
        arrays["affinities"] = q
    if limits is not None:
        arrays["thresholds"] = (limits / ONE).astype(np.float32)
    return changed(problem, **arrays)


def _with_entry(
    array: npt.NDArray[Number], index: int | tuple[int, ...], value: int
) -> npt.NDArray[Number]:
    array = array.copy()
    array[index] = value
    return array


def _with_replaced_values(problem: MergeProblem, new: dict[int, int]) -> MergeProblem:
    """Old values as new ones in affinities and thresholds alike, so that equal ones stay equal."""
    becomes = np.arange(ONE + 1)
    becomes[list(new)] = list(new.values())
    q = becomes[problem.affinities].astype(np.uint16)
    return _with_values(problem, q, becomes[fixed_thresholds(problem)])


@cache
def _digits_to_read(q: int) -> int:
    """Digits of the shortest decimal that rounds to this fixed-point number; one more if inexact."""
    count = next(count for count in range(1, 6) if _rounded(q, count) == q)
    return count + (q % (ONE // 5) != 0)


def _rounded(q: int, count: int) -> int:
    return _fixed_point(round(q / ONE, count))


def _fixed_point(p: float) -> int:
    return round(p * ONE)
