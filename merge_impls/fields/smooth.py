"""Smooth maps out of integers alone, the same bits everywhere."""

import numpy as np

from merge_impls.fields.portable_random import Draws


def smooth_noise(draws: Draws, shape: tuple[int, int], cell: int) -> np.ndarray:
    """int32 of ``shape``: bell-shaped values on a lattice of ``cell`` pixels, interpolated between.

    The values are those of :meth:`Draws.bell`, standard deviation 148 on the lattice.
    """
    nodes = draws.bell((shape[0] // cell + 2, shape[1] // cell + 2))
    return _stretched(_stretched(nodes, shape[0], cell).T, shape[1], cell).T


def _stretched(nodes: np.ndarray, length: int, cell: int) -> np.ndarray:
    """``length`` rows between the rows of ``nodes``, ``cell`` steps from one to the next."""
    here, step = np.divmod(np.arange(length), cell)
    step = step.astype(np.int32)[:, None]
    between = nodes[here] * (cell - step) + nodes[here + 1] * step
    return between // cell


def counted_around(marked: np.ndarray, radius: int) -> np.ndarray:
    """int32 of the shape of ``marked`` (bool, 2-D): how many are marked in the square of
    2 * radius + 1 pixels around each pixel. The outermost pixels go on beyond the edges."""
    if radius == 0:
        return marked.astype(np.int32)
    counts = _windows(np.pad(marked, radius, mode="edge"), 2 * radius + 1)
    return _windows(counts.T, 2 * radius + 1).T


def _windows(rows: np.ndarray, length: int) -> np.ndarray:
    """Sums over every ``length`` rows that follow one another."""
    sums = np.cumsum(rows, axis=0, dtype=np.int32)
    sums[length:] -= sums[:-length].copy()
    return sums[length - 1 :]
