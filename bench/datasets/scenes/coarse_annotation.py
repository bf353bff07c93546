"""Makes the coarse annotation of a scene, as Cityscapes has one: few-cornered polygons inside the objects.

Pixels outside all polygons are unlabeled, which is void. A polygon lies in the visible part of
its object, so each labelled pixel has the label of the fine annotation.
"""

from collections.abc import Iterator

import numpy as np
from PIL import Image, ImageDraw
from scipy import ndimage

from bench.datasets.cityscapes_labels import LABEL_NAMES, LABELS
from bench.datasets.instance_ids import label_ids_of
from bench.datasets.scenes.geometry import LabelledShape
from bench.types import bounding_box
from merge_impls.arrays import BoolArray, Int32Array

CORNERS = 8
"""The number of corners of a polygon."""

SHARES_OF_REACH = (0.9, 0.7, 0.5, 0.3)
"""How far the corners of a polygon lie from its centre, as shares of the way to the edge of the object.

The first share is taken with which the polygon lies inside the object."""

LEAST_DEPTH = 2.5
"""Objects without a pixel that is this far from their edge, in pixels, have no polygon."""


def coarse_shapes(instance_ids: Int32Array) -> list[LabelledShape]:
    """The polygons of the coarse annotation.

    An object has one polygon, in its largest visible part. Stuff, such as sky, has one in each part.

    instance_ids: (H, W), the fine annotation with Cityscapes' numbers.
    """
    found = []
    values = np.unique(instance_ids[instance_ids > 0])
    for value, label_id in zip(values.tolist(), label_ids_of(values).tolist(), strict=True):
        label = LABEL_NAMES[label_id]
        for part in _parts(instance_ids == value, largest_only=LABELS[label].has_instances):
            outline = polygon_inside(part)
            if outline is not None:
                found.append(LabelledShape(label, outline, ()))
    return found


def _parts(mask: BoolArray, largest_only: bool) -> Iterator[BoolArray]:
    """The connected parts of a mask (H, W), or only the largest one."""
    numbers, count = ndimage.label(mask)
    sizes = np.bincount(numbers.ravel(), minlength=count + 1)[1:]
    chosen = [int(sizes.argmax())] if largest_only else range(count)
    for number in chosen:
        yield numbers == number + 1


def polygon_inside(mask: BoolArray) -> Int32Array | None:
    """The corners (N, 2) int32, as (column, row), of a polygon inside a mask (H, W).

    Returns None if the mask has no pixel that is ``LEAST_DEPTH`` from its edge.
    """
    rows, columns = bounding_box(mask)
    cropped = np.pad(mask[rows, columns], 1)
    depth = ndimage.distance_transform_edt(cropped)
    if depth.max() < LEAST_DEPTH:
        return None
    centre = np.array(np.unravel_index(depth.argmax(), depth.shape))
    angles = 2 * np.pi * (np.arange(CORNERS) + 0.5) / CORNERS
    directions = np.stack([np.sin(angles), np.cos(angles)], axis=1)
    reaches = np.array([_reach(cropped, centre, direction) for direction in directions])
    for share in SHARES_OF_REACH:
        corners = np.rint(centre + directions * (share * reaches)[:, None]).astype(np.int32)
        if _lies_inside(corners, cropped):
            return np.asarray(corners[:, ::-1] + [columns.start - 1, rows.start - 1], np.int32)
    return None


def _reach(mask: BoolArray, centre: Int32Array, direction: np.ndarray) -> float:
    """How far the mask reaches from ``centre`` in a direction (row, column) of length 1, in pixels."""
    steps = np.arange(0, sum(mask.shape), 0.5)
    points = np.rint(centre + steps[:, None] * direction).astype(int)
    points = points[((points >= 0) & (points < mask.shape)).all(axis=1)]
    return float(steps[np.argmin(mask[points[:, 0], points[:, 1]])])


def _lies_inside(corners: Int32Array, mask: BoolArray) -> bool:
    """Whether a polygon, given by corners (row, column), covers only pixels of the mask."""
    height, width = mask.shape
    canvas = Image.new("1", (width, height), 0)
    points = [(int(column), int(row)) for row, column in corners]
    ImageDraw.Draw(canvas).polygon(points, fill=1)
    covered = np.asarray(canvas, dtype=bool)
    return bool(covered.any() and not (covered & ~mask).any())
