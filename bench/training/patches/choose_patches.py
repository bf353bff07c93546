"""Choose the patches of an image from its annotation (section 5 before 5.1).

The paper states the kinds and the number of its patches of Cityscapes. How the areas are chosen is ours. The
choice depends only on the seed, the name of the image and its annotation.
"""

from collections.abc import Callable
from zlib import crc32

import numpy as np

from bench.datasets.cityscapes_labels import CLASS_IDS, LABELS
from bench.datasets.instance_ids import label_ids_of
from bench.training.patches.patch import Patch, PatchSetName, Window
from bench.types import Size, bounding_box
from merge_impls.arrays import BoolArray, Int32Array

SHARE_WITHOUT_EMPTY_ROWS = 0.9
"""The share of the originals that lose the rows without objects at top and bottom (the paper's value)."""

ENLARGEMENTS = (1.5, 2.0, 3.0, 4.0)
"""The factors by which areas are enlarged. An image has at most one area for each factor."""

LEAST_SHARE_OF_AREA = 0.25
"""An enlarged area shows an object whose longer side is at least this share of the area's side."""

LEAST_OBJECT_PIXELS = 100
"""Patches are not cut around smaller objects, which the evaluation does not count either."""

COARSE_LABEL_IDS = tuple(LABELS[name].id for name in ("truck", "bus", "train"))
"""The label ids of the objects around which patches of the coarse annotation are cut (the paper's choice)."""


def patches_of_image(
    set_name: PatchSetName, name: str, instance_ids: Int32Array, crop: int, seed: int
) -> list[Patch]:
    """The patches of one set that an image has, often one or none.

    name: the name of the image. instance_ids: (H, W), its annotation with Cityscapes' numbers.
    crop: the side in pixels of the crops of the training.
    """
    height, width = instance_ids.shape
    if set_name in ("fine-images", "coarse-images"):
        return [Patch(set_name, name, (0, 0, height, width))]
    random = np.random.default_rng((seed, crc32(f"{set_name} {name}".encode())))
    windows = _WINDOWS_OF_SET[set_name](instance_ids, crop, random)
    return [Patch(set_name, name, window, scale) for window, scale in windows]


def _window_without_empty_rows(
    instance_ids: Int32Array, crop: int, random: np.random.Generator
) -> list[tuple[Window, float]]:
    """The rows from the first to the last one with an object, at least ``crop`` rows; or all rows."""
    height, width = instance_ids.shape
    of_object = np.isin(label_ids_of(instance_ids), CLASS_IDS)
    if random.random() >= SHARE_WITHOUT_EMPTY_ROWS or not of_object.any():
        return [((0, 0, height, width), 1.0)]
    rows, _ = bounding_box(of_object)
    top, rows_kept = _extended_range(rows.start, rows.stop, crop, height)
    return [((top, 0, rows_kept, width), 1.0)]


def _enlarged_windows(
    instance_ids: Int32Array, crop: int, random: np.random.Generator
) -> list[tuple[Window, float]]:
    """For each factor a square around a random object that fits it, if there is one."""
    boxes = _boxes_of_objects(instance_ids, CLASS_IDS)
    found = []
    for scale in ENLARGEMENTS:
        side = round(crop / scale)
        fitting = [box for box in boxes if LEAST_SHARE_OF_AREA * side <= _longer_side(box) <= side]
        if fitting:
            box = fitting[int(random.integers(len(fitting)))]
            found.append((_window_around(box, side, instance_ids.shape), scale))
    return found


def _coarse_window(
    instance_ids: Int32Array, crop: int, random: np.random.Generator
) -> list[tuple[Window, float]]:
    """An area around the largest truck, bus or train, as large as a crop or larger; none without one."""
    boxes = _boxes_of_objects(instance_ids, COARSE_LABEL_IDS)
    if not boxes:
        return []
    return [(_window_around(max(boxes, key=_area), crop, instance_ids.shape), 1.0)]


_WINDOWS_OF_SET: dict[
    str, Callable[[Int32Array, int, np.random.Generator], list[tuple[Window, float]]]
] = {
    "originals": _window_without_empty_rows,
    "enlarged": _enlarged_windows,
    "coarse-patches": _coarse_window,
}


def _boxes_of_objects(instance_ids: Int32Array, label_ids: tuple[int, ...]) -> list[Window]:
    """The bounding boxes of the objects of these labels that are not too small, by increasing number.

    A group, whose members are not annotated one by one, counts as one object.
    """
    values, counts = np.unique(instance_ids, return_counts=True)
    wanted = np.isin(label_ids_of(values), label_ids) & (counts >= LEAST_OBJECT_PIXELS)
    return [_box(instance_ids == value) for value in values[wanted]]


def _box(mask: BoolArray) -> Window:
    rows, columns = bounding_box(mask)
    return rows.start, columns.start, rows.stop - rows.start, columns.stop - columns.start


def _longer_side(box: Window) -> int:
    return max(box[2:])


def _area(box: Window) -> int:
    return box[2] * box[3]


def _window_around(box: Window, side: int, size: Size) -> Window:
    """A box that is extended to at least ``side`` rows and columns, as far as the image allows."""
    top, height = _extended_range(box[0], box[0] + box[2], side, size[0])
    left, width = _extended_range(box[1], box[1] + box[3], side, size[1])
    return top, left, height, width


def _extended_range(start: int, stop: int, length: int, limit: int) -> tuple[int, int]:
    """Extend a range on both sides to ``length`` within 0 to ``limit``. Returns its start and its length."""
    length = min(max(length, stop - start), limit)
    first = min(max(0, (start + stop - length) // 2), limit - length)
    return first, length
