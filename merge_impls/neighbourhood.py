"""The paper's neighbours of a pixel: eight directions at seven distances, in three stages."""

from collections.abc import Sequence
from itertools import product

import numpy as np

PAPER_DISTANCES = (1, 2, 4, 8, 16, 32, 64)
"""Section 3.3; in pixels."""

PAPER_THRESHOLDS = (0.97, 0.7, 0.3)
"""Section 3.4, of distances up to 4, up to 16 and beyond."""


def offsets_at(distances: Sequence[int] = PAPER_DISTANCES, ndim: int = 2) -> np.ndarray:
    """(K, ndim) int64, the lexicographically positive offsets to all neighbours at each distance.

    In 2-D four for each distance d: (0, d), (d, -d), (d, 0), (d, d); in 3-D thirteen. Together with
    their negatives they are the paper's eight neighbours at each distance (28 pairs of its 56).
    """
    steps = [step for step in product((-1, 0, 1), repeat=ndim) if step > (0,) * ndim]
    offsets = [[distance * axis for axis in step] for distance in distances for step in steps]
    return np.array(offsets, np.int64).reshape(-1, ndim)


def stages_by_distance(offsets: np.ndarray, limits: Sequence[int] = (4, 16)) -> np.ndarray:
    """(K,) int32, for each offset the number of ``limits`` that its distance exceeds.

    The distance of an offset is its longest component. The default gives the paper's stages:
    0 up to distance 4, 1 up to 16, 2 beyond. Raises ValueError unless the limits rise.
    """
    limits = np.asarray(limits)
    if (np.diff(limits) <= 0).any():
        raise ValueError(f"limits must rise from stage to stage; got {limits.tolist()}")
    offsets = np.asarray(offsets)
    if offsets.ndim != 2:
        raise ValueError(f"offsets must have shape (K, ndim); got {offsets.shape}")
    distances = np.abs(offsets).max(axis=1, initial=0)
    return np.searchsorted(limits, distances, side="left").astype(np.int32)
