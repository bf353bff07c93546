"""Regions of interest: connected areas of foreground (section 4.1), of all of it or of one super-class
(section 4.5)."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

EIGHT = np.ones((3, 3), dtype=bool)


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


@dataclass(frozen=True)
class Region:
    """A part of an image that is segmented by itself.

    box: its box, in which the networks look; pixels (h, w) bool: those of the box that are its own, all
    that its graph may hold. super_class: whose area it is, 1..G; 0: of all foreground.
    """

    box: Box
    pixels: np.ndarray
    super_class: int = 0


def whole(size: tuple[int, int]) -> Region:
    """An image of ``size`` (height, width) as one area: what the paper's baseline does."""
    return Region(Box(0, 0, *size), np.ones(size, dtype=bool))


def find_regions(
    super_class: np.ndarray, block: int, extension: int, partition: bool = False
) -> list[Region]:
    """The areas of an image, by super-class and then in raster order; none without foreground.

    super_class: (H, W) int, of every pixel, 0 background.
    partition: each super-class by itself (section 4.5); otherwise all foreground together.

    A block of ``block`` pixels square belongs to the foreground if any of its pixels does. Blocks that touch,
    corners included, are one area. Its box is the tightest around it, extended by ``extension`` pixels to all
    sides as far as the image goes: boxes may overlap, areas of one super-class never do.
    """
    kinds = range(1, int(super_class.max(initial=0)) + 1) if partition else [0]
    found = []
    for kind in kinds:
        foreground = super_class == kind if kind else super_class > 0
        found += [
            Region(box, pixels, kind) for box, pixels in _connected(foreground, block, extension)
        ]
    return found


def _connected(foreground: np.ndarray, block: int, extension: int) -> list[tuple[Box, np.ndarray]]:
    height, width = foreground.shape
    padded = np.pad(foreground, [(0, -side % block) for side in foreground.shape])
    rows, columns = (side // block for side in padded.shape)
    blocks = padded.reshape(rows, block, columns, block).any(axis=(1, 3))
    numbers, _ = ndimage.label(blocks, EIGHT)
    found = []
    for number, (down, across) in enumerate(ndimage.find_objects(numbers), start=1):
        box = Box(
            max(0, down.start * block - extension),
            max(0, across.start * block - extension),
            min(height, down.stop * block + extension),
            min(width, across.stop * block + extension),
        )
        # The blocks of the rows and columns that the box covers.
        own = numbers == number
        y, x = (np.arange(box.top, box.bottom), np.arange(box.left, box.right))
        found.append((box, own[np.ix_(y // block, x // block)]))
    return found


def resolve_overlaps(
    size: tuple[int, int], claims: Sequence[tuple[Box, np.ndarray, np.ndarray]]
) -> list[np.ndarray]:
    """Which of the pixels that several areas claim belong to whom, so that no pixel is in two graphs.

    Areas of different super-classes may share blocks, and enlarged pictures of them may disagree about the
    pixels there: such a pixel goes to the claim that is surest of it, the first of equals.

    claims: for each area its box, the claimed pixels (h, w) bool in it, and how sure it is of each
    (h, w) float. Returns the pixels that each keeps, (h, w) bool.
    """
    best = np.full(size, -np.inf)
    winner = np.full(size, -1)
    for number, (box, claimed, sure) in enumerate(claims):
        better = claimed & (sure > best[box.slices])
        best[box.slices][better] = sure[better]
        winner[box.slices][better] = number
    return [winner[box.slices] == number for number, (box, _, _) in enumerate(claims)]


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
