"""Smooth maps, computed with integers alone so that their bits are the same on every machine."""

import numpy as np

from merge_impls.arrays import BoolArray, Int32Array
from merge_impls.fields.portable_random import PortableRandom


def smooth_noise(random: PortableRandom, shape: tuple[int, ...], cell: int) -> Int32Array:
    """int32 of ``shape``: bell-shaped values on a lattice of ``cell`` pixels, interpolated between.

    The values are those of :meth:`PortableRandom.bell_shaped`, standard deviation 148 on the lattice.
    """
    values = random.bell_shaped(tuple(length // cell + 2 for length in shape))
    for axis, length in enumerate(shape):
        rows = _interpolate_rows(np.moveaxis(values, axis, 0), length, cell)
        values = np.moveaxis(rows, 0, axis)
    return values


def _interpolate_rows(nodes: Int32Array, length: int, cell: int) -> Int32Array:
    """Interpolate ``length`` rows between the rows of ``nodes``, which are ``cell`` rows apart."""
    lower, steps = np.divmod(np.arange(length), cell)
    step = steps.astype(np.int32).reshape(-1, *[1] * (nodes.ndim - 1))
    weighted: Int32Array = nodes[lower] * (cell - step) + nodes[lower + 1] * step
    return weighted // cell


def count_marked_nearby(marked: BoolArray, radius: int) -> Int32Array:
    """Count the marked pixels in the square of side 2 * radius + 1 around each pixel.

    marked: bool, 2-D. Its outermost pixels are repeated beyond the edges.
    Returns int32 of the same shape.
    """
    if radius == 0:
        return marked.astype(np.int32)
    counts = _window_sums(np.pad(marked, radius, mode="edge"), 2 * radius + 1)
    return _window_sums(counts.T, 2 * radius + 1).T


def _window_sums(rows: BoolArray | Int32Array, length: int) -> Int32Array:
    """The sum of each ``length`` consecutive rows."""
    sums = np.cumsum(rows, axis=0, dtype=np.int32)
    sums[length:] -= sums[:-length].copy()
    return sums[length - 1 :]
