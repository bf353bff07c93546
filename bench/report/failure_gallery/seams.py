"""Seams, where two objects or predictions are closest, and the affinities across them.

These affinities decide whether the two sides are merged.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy import ndimage

from bench.report.pictures.colours import Labels, Mask
from bench.types import bounding_box
from merge_impls.offsets import pair_slices


@dataclass(frozen=True)
class Seam:
    """Where two sides (objects or predictions) are closest to each other.

    sides: the numbers of the two sides in the label map.
    gap: the distance of the sides, in steps to one of the 8 neighbours; 1 if they touch.
    pixels: (N, 2), row and column of each pixel of one side at distance ``gap`` from the other side.
    """

    sides: tuple[int, int]
    gap: int
    pixels: npt.NDArray[np.int64]


def find_most_important_seam(labels: Labels, numbers: Iterable[int]) -> Seam:
    """The most important seam between any two of ``numbers`` (two or more) in labels (H, W).

    The importance of a seam is the number of pixels of its smaller side, divided by its gap.
    """
    seams = [_importance_and_seam(labels, sides) for sides in combinations(numbers, 2)]
    return max(seams, key=lambda weighted: weighted[0])[1]


def _importance_and_seam(labels: Labels, sides: tuple[int, int]) -> tuple[float, Seam]:
    """The importance of the seam between two sides, and the seam; see ``find_most_important_seam``."""
    box = bounding_box(np.isin(labels, sides))
    one, other = (labels[box] == side for side in sides)
    to_one, to_other = (
        ndimage.distance_transform_cdt(~side, metric="chessboard") for side in (one, other)
    )
    gap = int(to_other[one].min())
    close = (one & (to_other == gap)) | (other & (to_one == gap))
    corner = [each.start for each in box]
    weight = min(np.count_nonzero(one), np.count_nonzero(other)) / gap
    return weight, Seam(sides, gap, np.argwhere(close) + corner)


def mean_affinities_across(
    one: Mask,
    other: Mask,
    affinity: npt.NDArray[np.floating],
    offsets: Sequence[tuple[int, int]] | npt.NDArray[np.integer],
) -> tuple[pd.DataFrame, npt.NDArray[np.float64]]:
    """The affinities of all pairs of pixels that have one pixel on each side.

    one, other: (H, W), the sides. They must be disjoint, or the same: then all pairs inside it are taken.
    affinity: (K, H, W) in [0, 1]. affinity[k, p] belongs to the pair (p, p + offsets[k]). offsets: (K, 2).

    Returns a frame with a row for each ``distance``, the number of ``pairs`` at this distance and their mean
    ``affinity``, and an array (H, W) with the mean over the pairs of each pixel. A mean of no pairs is nan.
    """
    shape = one.shape
    total, count = np.zeros(shape), np.zeros(shape, np.int64)
    rows = []
    for values, offset in zip(affinity, np.asarray(offsets), strict=True):
        here, there = pair_slices(shape, offset)
        joins = (one[here] & other[there]) | (other[here] & one[there])
        across = np.where(joins, values[here], 0)
        for end in (here, there):
            total[end] += across
            count[end] += joins
        pairs, added = np.count_nonzero(joins), across.sum(dtype=np.float64)
        rows.append((int(abs(offset).max()), pairs, added))
    frame = pd.DataFrame(rows, columns=["distance", "pairs", "affinity"])
    frame = frame.groupby("distance", as_index=False).sum()
    frame["affinity"] /= frame["pairs"].where(frame["pairs"] > 0)
    return frame, np.divide(total, count, out=np.full(shape, np.nan), where=count > 0)
