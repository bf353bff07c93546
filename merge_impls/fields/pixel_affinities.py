"""Computes affinities of pairs of pixels from one value for each pixel."""

import math
from collections.abc import Callable

import numpy as np

from merge_impls.arrays import Float64Array, Int64Array, UInt16Array
from merge_impls.fields.portable_random import PortableRandom
from merge_impls.fixed_point_affinities import ONE
from merge_impls.offsets import pair_slices

_BITS = 40
"""The number of bits of the random numbers in ``random_powers``."""


def smallest_on_the_way(pixels: UInt16Array, offsets: Int64Array) -> UInt16Array:
    """uint16 (K, *shape): the smallest of ``pixels`` on the straight way from p to p + offsets[k].

    The way contains p, p + offsets[k], and the grid points exactly on the line between them. The value is 0
    if p + offsets[k] is outside of the grid.
    """
    affinities = np.zeros((len(offsets), *pixels.shape), np.uint16)
    for of_offset, offset in zip(affinities, offsets, strict=True):
        steps = math.gcd(*offset.tolist())
        first, _ = pair_slices(pixels.shape, offset)
        smallest = pixels[first]
        for number in range(1, steps + 1):
            move = (offset * number // steps).tolist()
            passed = tuple(
                slice(axis.start + step, axis.stop + step)
                for axis, step in zip(first, move, strict=True)
            )
            smallest = np.minimum(smallest, pixels[passed])
        of_offset[first] = smallest
    return affinities


def random_powers(
    random: PortableRandom, shape: tuple[int, ...], inverse: Callable[[Float64Array], Float64Array]
) -> UInt16Array:
    """uint16 fixed point of ``shape``: powers of random numbers that are uniform in [0, 1).

    inverse: the inverse of the power, such as y -> y * y for the square root. It may use only products and
        square roots, because other powers are not rounded in the same way on every machine.
    """
    lowest = inverse((np.arange(1, ONE + 1) - 0.5) / ONE)
    # A random number of lowest[q - 1] or more has a power that is rounded to q or more.
    found = np.searchsorted(np.rint(lowest * 2**_BITS), random.integers(shape, _BITS), side="right")
    return found.astype(np.uint16)
