"""Check the counts and totals of edges that stand for several pixel edges each."""

from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from merge_impls.argument_checks import (
    as_array,
    as_integer_array,
    check_linkage,
    refuse_first_bad_entry,
)
from merge_impls.arrays import AnyArray, Int64Array, UInt16Array
from merge_impls.fixed_point_affinities import ONE, affinities_to_fixed_point

MAX_COUNT_SUM = 2**53 // ONE
"""The largest sum of all counts. Up to it, float64 represents 65535 * count and every total exactly."""

EXTREME_LINKAGES = {"single": "largest", "complete": "smallest"}
"""The linkages whose weights are not means, and which affinity of its pixel edges an edge needs."""


def check_edge_affinities(
    affinities: ArrayLike | None, linkage: str, counts: ArrayLike | None, totals: ArrayLike | None
) -> tuple[AnyArray, dict[str, Int64Array]]:
    """Return the affinities of M edges and, by the names of attributes, their counts and totals.

    The arguments are those of ``MergeProblem.from_edges``. The affinities are returned as they are
    given, 1-D, or as uint16 means of the totals. The dictionary is empty if ``counts`` is None.
    Raises ValueError or TypeError with one line that names the argument and its first wrong entry.
    """
    if counts is None:
        if totals is not None:
            raise ValueError("totals without counts; give the number of pixel edges of each edge")
        return _check_one_dimensional(affinities), {}
    if affinities is None and totals is not None:
        number = _check_counts(counts, as_array("counts", counts).size)
        sums = _check_totals(totals, number)
        return _means_for(linkage, sums, number), {"counts": number, "totals": sums}
    given = _check_one_dimensional(affinities)
    number = _check_counts(counts, len(given))
    if totals is None:
        sums = affinities_to_fixed_point(given) * number
    else:
        sums = _check_totals(totals, number)
    return given, {"counts": number, "totals": sums}


def mean_of_totals(totals: Int64Array, counts: Int64Array) -> UInt16Array:
    """The mean of the pixel edges of each edge in fixed point, uint16 (M,), rounded half to even."""
    return np.rint(totals / counts).astype(np.uint16)


def _check_one_dimensional(affinities: ArrayLike | None) -> AnyArray:
    """Return affinities as an array. Raises ValueError if there are none, or unless they are 1-D."""
    if affinities is None:
        raise ValueError("affinities is None; this needs both counts and totals")
    given = as_array("affinities", affinities)
    if given.ndim != 1:
        raise ValueError(f"affinities must have shape (M,), one for each edge; got {given.shape}")
    return given


def _means_for(linkage: str, totals: Int64Array, counts: Int64Array) -> UInt16Array:
    """The means of the totals. Raises ValueError if the linkage needs another affinity."""
    if check_linkage(linkage) in EXTREME_LINKAGES:
        which = EXTREME_LINKAGES[linkage]
        raise ValueError(f"affinities is None; linkage {linkage!r} needs the {which} of each edge")
    return mean_of_totals(totals, counts)


def _check_counts(counts: ArrayLike, length: int) -> Int64Array:
    """Return counts as int64 (length,), each at least 1, whose sum is at most ``MAX_COUNT_SUM``."""
    array: Int64Array = as_integer_array("counts", counts, (length,), np.int64)
    rule = f"counts are 1..{MAX_COUNT_SUM}"
    refuse_first_bad_entry("counts", array, (array < 1) | (array > MAX_COUNT_SUM), rule)
    # The halves are added separately, because the sum of all counts may not fit int64.
    total = (int((array >> 32).sum()) << 32) + int((array & 0xFFFFFFFF).sum())
    if total > MAX_COUNT_SUM:
        raise ValueError(
            f"counts add up to {total}; at most {MAX_COUNT_SUM}, because {ONE} times the sum must not "
            "exceed 2**53, beyond which divisions are not exact"
        )
    return array


def _check_totals(totals: ArrayLike, counts: Int64Array) -> Int64Array:
    """Return totals as int64 of the shape of the counts, each in 0..65535 * count."""
    array: Int64Array = as_integer_array("totals", totals, counts.shape, np.int64)
    bad: Any = (array < 0) | (array > ONE * counts)
    refuse_first_bad_entry("totals", array, bad, f"a total is at least 0 and at most {ONE} * count")
    return array
