"""Smooth maps. They are computed with integers, so that their bits are the same on every machine."""

import numpy as np

from merge_impls.arrays import BoolArray, Int32Array
from merge_impls.fields.portable_random import PortableRandom


def smooth_noise(random: PortableRandom, shape: tuple[int, ...], cell: int) -> Int32Array:
    """int32 of ``shape``: random values on a lattice, with linear interpolation between them.

    Points of the lattice are ``cell`` pixels apart. Their values are ``random.bell_shaped``, with a
    standard deviation of 148.
    """
    values = random.bell_shaped(tuple(length // cell + 2 for length in shape))
    for axis, length in enumerate(shape):
        rows = _interpolate_rows(np.moveaxis(values, axis, 0), length, cell)
        values = np.moveaxis(rows, 0, axis)
    return values


def _interpolate_rows(nodes: Int32Array, length: int, cell: int) -> Int32Array:
    """Interpolate linearly along the first axis: ``nodes[i]`` becomes row ``i * cell`` of ``length`` rows."""
    lower, steps = np.divmod(np.arange(length), cell)
    step = steps.astype(np.int32).reshape(-1, *[1] * (nodes.ndim - 1))
    weighted: Int32Array = nodes[lower] * (cell - step) + nodes[lower + 1] * step
    return weighted // cell


def count_marked_nearby(marked: BoolArray, radius: int) -> Int32Array:
    """Count the marked pixels in the square of side 2 * radius + 1 around each pixel.

    marked: (H, W) bool. Beyond the border of the picture, the pixels at the border are repeated.
    Returns (H, W) int32.
    """
    if radius == 0:
        return marked.astype(np.int32)
    counts = _window_sums(np.pad(marked, radius, mode="edge"), 2 * radius + 1)
    return _window_sums(counts.T, 2 * radius + 1).T


def _window_sums(rows: BoolArray | Int32Array, length: int) -> Int32Array:
    """The sums ``rows[i : i + length].sum(axis=0)``, for each i."""
    sums = np.cumsum(rows, axis=0, dtype=np.int32)
    sums[length:] -= sums[:-length].copy()
    return sums[length - 1 :]
