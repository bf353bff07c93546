"""Offsets from a pixel to its neighbours: the paper's, their stages, and the pairs they join."""

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import ArrayLike

from merge_impls.arrays import Int32Array, Int64Array, Slices

PAPER_DISTANCES = (1, 2, 4, 8, 16, 32, 64)
"""Section 3.3; in pixels."""

PAPER_THRESHOLDS = (0.97, 0.7, 0.3)
"""Section 3.4, of distances up to 4, up to 16 and beyond."""


def offsets_at(distances: Sequence[int] = PAPER_DISTANCES, ndim: int = 2) -> Int64Array:
    """(K, ndim) int64, the lexicographically positive offsets to all neighbours at each distance.

    In 2-D four for each distance d: (0, d), (d, -d), (d, 0), (d, d); in 3-D thirteen. Together with
    their negatives they are the paper's eight neighbours at each distance (28 pairs of its 56).
    """
    steps = [step for step in product((-1, 0, 1), repeat=ndim) if step > (0,) * ndim]
    offsets = [[distance * axis for axis in step] for distance in distances for step in steps]
    return np.array(offsets, np.int64).reshape(-1, ndim)


def stages_by_distance(offsets: ArrayLike, limits: Sequence[int] = (4, 16)) -> Int32Array:
    """(K,) int32, for each offset the number of ``limits`` that its distance exceeds.

    The distance of an offset is its longest component. The default gives the paper's stages:
    0 up to distance 4, 1 up to 16, 2 beyond. Raises ValueError unless the limits rise.
    """
    rising = np.asarray(limits)
    if (np.diff(rising) <= 0).any():
        raise ValueError(f"limits must rise from stage to stage; got {rising.tolist()}")
    rows = np.asarray(offsets)
    if rows.ndim != 2:
        raise ValueError(f"offsets must have shape (K, ndim); got {rows.shape}")
    distances = np.abs(rows).max(axis=1, initial=0)
    stages: Int64Array = np.searchsorted(rising, distances, side="left")
    return stages.astype(np.int32)


def end_slices(shape: Sequence[int], offset: Int64Array) -> tuple[Slices, Slices]:
    """Where in a grid the pixels p and the pixels p + offset lie, of all pairs inside it.

    Both parts are empty for an offset longer than the grid.
    """
    first, second = [], []
    for length, step in zip(shape, offset.tolist(), strict=True):
        step = max(-length, min(length, step))
        first.append(slice(max(0, -step), length - max(0, step)))
        second.append(slice(max(0, step), length - max(0, -step)))
    return tuple(first), tuple(second)
