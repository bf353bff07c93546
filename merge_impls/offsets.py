"""The paper's offsets from a pixel to its neighbours, their stages, and the pairs they join."""

from collections.abc import Sequence
from itertools import product

import numpy as np
from numpy.typing import ArrayLike

from merge_impls.arrays import Int32Array, Int64Array, Slices

PAPER_DISTANCES = (1, 2, 4, 8, 16, 32, 64)
"""The distances of the paper's neighbours, in pixels (section 3.3)."""

PAPER_THRESHOLDS = (0.97, 0.7, 0.3)
"""The thresholds of the paper's three stages (section 3.4).

The first stage has the offsets of distances up to 4, the second one those up to 16, and the third
one all others.
"""


def offsets_at_distances(distances: Sequence[int] = PAPER_DISTANCES, ndim: int = 2) -> Int64Array:
    """The lexicographically positive offsets to the neighbours at each distance, int64 (K, ndim).

    In 2-D there are four offsets for each distance d: (0, d), (d, -d), (d, 0) and (d, d). Together
    with their opposites they lead to the paper's eight neighbours at that distance. In 3-D there are
    thirteen offsets for each distance.
    """
    steps = [step for step in product((-1, 0, 1), repeat=ndim) if step > (0,) * ndim]
    offsets = [[distance * axis for axis in step] for distance in distances for step in steps]
    return np.array(offsets, np.int64).reshape(-1, ndim)


def stages_by_distance(offsets: ArrayLike, limits: Sequence[int] = (4, 16)) -> Int32Array:
    """The stage of each offset, int32 (K,): the number of ``limits`` that are below its distance.

    The distance of an offset is its largest absolute component, in pixels. The default limits give
    the stages of the paper: 0 for distances up to 4, 1 for distances up to 16, 2 for larger ones.

    offsets: (K, ndim) integers. limits: in ascending order.
    Raises ValueError if the limits do not rise, or for another shape of offsets.
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
    """The slices of the first and of the second pixels of all pairs (p, p + offset) inside a grid.

    Used as indices of arrays of the grid's ``shape``, both select parts of the same shape. These
    parts are empty if the offset is longer than the grid.
    """
    first, second = [], []
    for length, step in zip(shape, offset.tolist(), strict=True):
        step = max(-length, min(length, step))
        first.append(slice(max(0, -step), length - max(0, step)))
        second.append(slice(max(0, step), length - max(0, -step)))
    return tuple(first), tuple(second)
