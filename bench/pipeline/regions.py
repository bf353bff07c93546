"""Finds regions of interest: connected foreground of all classes (4.1), or of one super-class (4.5)."""

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
    """A region of interest: a part of an image that has its own graph.

    box: the box of the image that the networks get as input, of size (h, w).
    pixels: (h, w) bool, the pixels of the box that belong to the region. Only these may be in its graph.
    super_class: 1..G if the region holds pixels of this super-class only (section 4.5); 0 for all classes.
    """

    box: Box
    pixels: BoolArray
    super_class: int = 0


def whole_image_region(size: Size) -> Region:
    """The region that is a whole image of ``size`` (height, width), as in the paper's baseline."""
    return Region(Box(0, 0, *size), np.ones(size, dtype=bool))


def predict_regions(predictor: Predictor, view: View, config: PipelineConfig) -> list[Region]:
    """The regions of an image (sections 4.1 and 4.5).

    If the strategy ``roi`` is off, or if there is no foreground, the whole image is the only region.

    view: the view of the whole image in which the foreground is predicted.
    """
    everything = whole_image_region(predictor.image_size)
    if not config.roi:
        return [everything]
    super_class, _ = most_likely_super_class(predictor.semantic(view), config.super_class_channels)
    found = find_regions(
        resize_nearest(super_class, predictor.image_size),
        config.block,
        config.extension,
        config.scp,
    )
    return found or [everything]


def find_regions(
    super_class: IntegerArray, block: int, extension: int, partition: bool = False
) -> list[Region]:
    """Find the regions of an image; an empty list if there is no foreground.

    The image is divided into blocks of ``block`` x ``block`` pixels. A block is foreground if at least one of
    its pixels is. Foreground blocks that touch, also at corners, form a region. The box of a region is its
    bounding box, extended by ``extension`` pixels on each side where the image allows it. Boxes may overlap;
    the pixels of two regions of the same super-class never do.

    super_class: (H, W) int, the super-class of each pixel, 0 background.
    partition: find the regions of each super-class separately (section 4.5).
    Returns the regions by super-class, then in raster order.
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
    """The box and the pixels (h, w) bool of each region of a foreground (H, W) bool, in raster order."""
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
        yield (
            box,
            own[np.ix_(y // block, x // block)],
        )  # each pixel of the box takes its block's value
