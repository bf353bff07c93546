"""The paper's offsets from a pixel to its neighbours, their stages, and the pixels they join."""

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import ArrayLike

from merge_impls.arrays import Int32Array, Int64Array, Slices

PAPER_DISTANCES = (1, 2, 4, 8, 16, 32, 64)
"""The distances of the paper's offsets in pixels (section 3.3)."""

PAPER_THRESHOLDS = (0.97, 0.7, 0.3)
"""The paper's thresholds of its three stages: distances up to 4, up to 16, and above (section 3.4)."""


def offsets_at(distances: Sequence[int] = PAPER_DISTANCES, ndim: int = 2) -> Int64Array:
    """Lexicographically positive offsets to the neighbours at each distance, int64 (K, ndim).

    In 2-D there are four for each distance d: (0, d), (d, -d), (d, 0) and (d, d). With their negatives
    they reach the eight neighbours of the paper; for its 7 distances that is 28 of its 56 offsets.
    In 3-D there are thirteen for each distance.
    """
    steps = [step for step in product((-1, 0, 1), repeat=ndim) if step > (0,) * ndim]
    offsets = [[distance * axis for axis in step] for distance in distances for step in steps]
    return np.array(offsets, np.int64).reshape(-1, ndim)


def stages_by_distance(offsets: ArrayLike, limits: Sequence[int] = (4, 16)) -> Int32Array:
    """The stage of each offset (K, ndim), int32 (K,): how many of ``limits`` its distance exceeds.

    The distance of an offset is its largest absolute component. The default limits give the paper's
    stages: 0 up to distance 4, 1 up to 16, 2 above. Raises ValueError unless the limits rise.
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


def pair_slices(shape: Sequence[int], offset: Int64Array) -> tuple[Slices, Slices]:
    """Two parts of a grid: the pixels p, and the pixels p + offset, of all pairs inside the grid.

    Both parts have the same shape. They are empty if the offset is longer than the grid.
    """
    first, second = [], []
    for length, step in zip(shape, offset.tolist(), strict=True):
        step = max(-length, min(length, step))
        first.append(slice(max(0, -step), length - max(0, step)))
        second.append(slice(max(0, step), length - max(0, -step)))
    return tuple(first), tuple(second)
