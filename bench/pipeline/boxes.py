"""Boxes: where the networks and the merge look."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Box:
    """A box of an image in pixels: rows top..bottom - 1, columns left..right - 1."""

    top: int
    left: int
    bottom: int
    right: int

    @property
    def slices(self) -> tuple[slice, slice]:
        """The box as an index into an (H, W, ...) array."""
        return slice(self.top, self.bottom), slice(self.left, self.right)

    @property
    def size(self) -> tuple[int, int]:
        """Height and width in pixels."""
        return self.bottom - self.top, self.right - self.left

    def __str__(self) -> str:
        return f"{self.top}:{self.bottom},{self.left}:{self.right}"


def densest_crop(foreground: np.ndarray, size: tuple[int, int]) -> Box:
    """The crop of ``size`` with the most foreground (H, W) bool, the first of equals in raster order.

    Used to pick the piece of a map on which the slow reference checks the others.
    """
    height, width = foreground.shape
    rows, columns = min(size[0], height), min(size[1], width)
    sums = np.pad(foreground.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    counts = (
        sums[rows:, columns:]
        - sums[:-rows, columns:]
        - sums[rows:, :-columns]
        + sums[:-rows, :-columns]
    )
    top, left = (int(i) for i in np.unravel_index(counts.argmax(), counts.shape))
    return Box(top, left, top + rows, left + columns)
