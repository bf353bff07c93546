"""Make the affinities and thresholds of a failing problem simpler.

Simpler numbers have fewer decimal digits, and no two of them are equal unless the failure needs it: if
a problem also fails without ties, without zeros and without weights equal to a threshold, then the
reader knows that none of these causes the failure.
"""

from collections.abc import Iterator
from functools import cache
from typing import Any, TypeVar

import numpy as np
import numpy.typing as npt

from merge_impls.arrays import AnyArray, Int64Array, UInt16Array
from merge_impls.conformance.shrink.reductions import replace_unchecked, used_affinity_mask
from merge_impls.fixed_point_affinities import ONE
from merge_impls.problem import MergeProblem

Number = TypeVar("Number", bound=np.integer[Any])

MAX_SINGLE_VALUES = 40
"""The largest number of values that are changed one by one. The search removes edges before values."""

FIFTHS = [0.8, 0.6, 0.4, 0.2, 1.0]
"""Fixed point represents these numbers exactly, so their means have few digits as well."""

TENTHS = [0.9, 0.7, 0.5, 0.3, 0.1]


def complexity_of_numbers(problem: MergeProblem) -> tuple[int, int, int]:
    """Measure how simple the numbers of a problem are, for comparison; smaller is simpler.

    Returns the number of affinities and thresholds that equal another one or 0, the number of decimal
    digits of all different numbers, and the number of affinities without an edge that are not 0.
    """
    used = used_affinity_mask(problem)
    q = problem.affinities[used].astype(np.int64)
    limits = fixed_point_thresholds(problem)
    different, different_limits = np.unique(q), np.unique(limits)
    coincide = len(q) - len(different) + len(limits) - len(different_limits)
    coincide += int(np.isin(limits, different).sum())
    coincide += int((q == 0).sum() + (limits == 0).sum())
    digits = sum(map(_count_decimal_digits, {*different.tolist(), *different_limits.tolist()}))
    return coincide, digits, int(np.count_nonzero(problem.affinities[~used]))


def problems_with_simpler_values(problem: MergeProblem) -> Iterator[MergeProblem]:
    """Make problems with simpler numbers: first with all numbers changed at once, then one by one."""
    yield from _problems_with_all_different_values(problem)
    values = np.union1d(problem.affinities, fixed_point_thresholds(problem)).tolist()
    for count in (1, 2, 3):
        yield _with_replaced_values(problem, {old: _round_to_digits(old, count) for old in values})
    nice = [_to_fixed_point(p) for p in (*FIFTHS, *TENTHS, 0.0)]
    limits = fixed_point_thresholds(problem)
    for stage in range(len(limits)):
        for new in nice:
            yield _with_affinities_and_thresholds(problem, limits=_with_entry(limits, stage, new))
    is_small = problem.affinities.size <= MAX_SINGLE_VALUES
    for index in np.ndindex(problem.affinities.shape if is_small else 0):
        for new in nice:
            affinities = _with_entry(problem.affinities, index, new)
            yield _with_affinities_and_thresholds(problem, q=affinities)
    for old in values[:MAX_SINGLE_VALUES]:
        for new in (*(_round_to_digits(old, count) for count in (1, 2, 3, 4)), *nice):
            yield _with_replaced_values(problem, {old: new})


def fixed_point_thresholds(problem: MergeProblem) -> Int64Array:
    """The thresholds in fixed point, (S,) int64."""
    return np.rint(problem.thresholds.astype(np.float64) * ONE).astype(np.int64)


def _problems_with_all_different_values(problem: MergeProblem) -> Iterator[MergeProblem]:
    """Make problems whose affinities all differ and in which no affinity equals a threshold.

    The affinities keep their order. Each threshold is reached by as many affinities as before or, in
    the second problem of each pair, by all or by none.
    """
    used = used_affinity_mask(problem)
    old = problem.affinities[used]
    for new_values in (FIFTHS[:4], sorted(FIFTHS[:4] + TENTHS, reverse=True)):
        if not 0 < len(old) <= len(new_values):
            continue
        q = problem.affinities.copy()
        heaviest_first = np.argsort(-old.astype(np.int64), kind="stable")
        new = np.empty(len(old), np.uint16)
        new[heaviest_first] = [_to_fixed_point(p) for p in new_values[: len(old)]]
        q[used] = new
        reached = [int((old >= limit).sum()) for limit in fixed_point_thresholds(problem)]
        yield _with_affinities_and_thresholds(
            problem, q, np.array([_threshold_between(new_values, count) for count in reached])
        )
        yield _with_affinities_and_thresholds(
            problem, q, np.array([_to_fixed_point(0.1 if count else 1.0) for count in reached])
        )


def _threshold_between(new_values: list[float], count: int) -> int:
    """Return a threshold, fixed point, that the first ``count`` of the values reach, and no other value.

    new_values: in descending order.
    """
    upper = new_values[count - 1] if count else 1.0
    lower = new_values[count] if count < len(new_values) else 0.0
    return _to_fixed_point(round((upper + lower) / 2, 2))


def _with_affinities_and_thresholds(
    problem: MergeProblem, q: UInt16Array | None = None, limits: Int64Array | None = None
) -> MergeProblem:
    arrays: dict[str, AnyArray] = {}
    if q is not None:
        arrays["affinities"] = q
        if problem.counts is not None:
            arrays["totals"] = q * problem.counts
    if limits is not None:
        arrays["thresholds"] = (limits / ONE).astype(np.float32)
    return replace_unchecked(problem, **arrays)


def _with_entry(
    array: npt.NDArray[Number], index: int | tuple[int, ...], value: int
) -> npt.NDArray[Number]:
    array = array.copy()
    array[index] = value
    return array


def _with_replaced_values(problem: MergeProblem, new: dict[int, int]) -> MergeProblem:
    """Replace values, both in affinities and thresholds, so that equal numbers stay equal.

    new: from each old value to its new value, fixed point.
    """
    becomes = np.arange(ONE + 1)
    becomes[list(new)] = list(new.values())
    q = becomes[problem.affinities].astype(np.uint16)
    return _with_affinities_and_thresholds(problem, q, becomes[fixed_point_thresholds(problem)])


@cache
def _count_decimal_digits(q: int) -> int:
    """Count the digits of the shortest decimal that rounds to q; add 1 if it does not equal q exactly."""
    count = next(count for count in range(1, 6) if _round_to_digits(q, count) == q)
    return count + (q % (ONE // 5) != 0)


def _round_to_digits(q: int, count: int) -> int:
    """Round q / 65535 to ``count`` decimal digits; return it in fixed point."""
    return _to_fixed_point(round(q / ONE, count))


def _to_fixed_point(p: float) -> int:
    return round(p * ONE)
