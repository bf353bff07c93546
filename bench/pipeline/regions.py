"""Regions of interest: connected foreground (section 4.1), of all classes or of one super-class (4.5)."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy import ndimage

from bench.pipeline.config import PipelineConfig
from bench.pipeline.predictor import Predictor
from bench.pipeline.resizing import resize_nearest
from bench.pipeline.super_classes import most_likely_super_class
from bench.pipeline.view import Box, View
from bench.types import Size
from merge_impls.arrays import BoolArray, IntegerArray

EIGHT_NEIGHBOURS = np.ones((3, 3), dtype=bool)


@dataclass(frozen=True)
class Region:
    """A part of an image that is segmented by itself, a region of interest.

    box: the part of the image that is the networks' input. pixels: (h, w) bool, the pixels of the box that
    belong to the region; only these may be in its graph. super_class: 1..G if the region was found among the
    pixels of one super-class (section 4.5), 0 if among all foreground.
    """

    box: Box
    pixels: BoolArray
    super_class: int = 0


def whole_image_region(size: Size) -> Region:
    """An image of ``size`` (height, width) as one region, as in the paper's baseline."""
    return Region(Box(0, 0, *size), np.ones(size, dtype=bool))


def image_regions(predictor: Predictor, view: View, config: PipelineConfig) -> list[Region]:
    """The regions of an image (sections 4.1 and 4.5).

    view: of the whole image. If the strategy ``roi`` is off, or if there is no foreground, the whole image is
    the only region.
    """
    everything = whole_image_region(predictor.size)
    if not config.roi:
        return [everything]
    super_class, _ = most_likely_super_class(predictor.semantic(view), config.super_class_channels)
    found = find_regions(
        resize_nearest(super_class, predictor.size), config.block, config.extension, config.scp
    )
    return found or [everything]


def find_regions(
    super_class: IntegerArray, block: int, extension: int, partition: bool = False
) -> list[Region]:
    """The regions of an image, by super-class and then in raster order; none without foreground.

    super_class: (H, W) int, of every pixel, 0 background.
    partition: look for the regions of each super-class by itself (section 4.5), not of all foreground.

    A block of ``block`` x ``block`` pixels is foreground if any of its pixels is. Blocks that touch, corners
    included, are one region. Its box is the tightest around it, extended by ``extension`` pixels to all
    sides within the image. So boxes may overlap, but regions of one super-class never do.
    """
    numbers = range(1, int(super_class.max(initial=0)) + 1) if partition else [0]
    return [
        Region(box, pixels, number)
        for number in numbers
        for box, pixels in _connected_areas(
            super_class == number if number else super_class > 0, block, extension
        )
    ]


def _connected_areas(
    foreground: BoolArray, block: int, extension: int
) -> Iterator[tuple[Box, BoolArray]]:
    height, width = foreground.shape
    padded = np.pad(foreground, [(0, -side % block) for side in foreground.shape])
    rows, columns = (side // block for side in padded.shape)
    blocks = padded.reshape(rows, block, columns, block).any(axis=(1, 3))
    numbers, _ = ndimage.label(blocks, EIGHT_NEIGHBOURS)
    for number, (down, across) in enumerate(ndimage.find_objects(numbers), start=1):
        box = Box(
            max(0, down.start * block - extension),
            max(0, across.start * block - extension),
            min(height, down.stop * block + extension),
            min(width, across.stop * block + extension),
        )
        own = numbers == number
        y, x = np.arange(box.top, box.bottom), np.arange(box.left, box.right)
        yield box, own[np.ix_(y // block, x // block)]  # from blocks to the pixels of the box
