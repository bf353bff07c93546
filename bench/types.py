"""Data types that all packages of ``bench`` share: samples, annotations, instances, sizes."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from merge_impls.arrays import AnyArray, BoolArray, Int32Array, Int64Array

UInt8Array = npt.NDArray[np.uint8]

RgbImage = UInt8Array
"""A picture, (H, W, 3) uint8."""

Size = tuple[int, int]
"""Height and width in pixels."""

VOID_CLASS = 255
"""The value of void pixels in semantic maps. The class of a void pixel is unknown, or the evaluation ignores
the pixel."""

VOID_INSTANCE = -1
"""The value of void pixels in :attr:`Annotation.objects`."""


@dataclass(frozen=True)
class Sample:
    """An annotated image.

    image: (H, W, 3) uint8 RGB.
    semantic: (H, W) uint8: 0 background, 1..C the classes of the data set, ``VOID_CLASS`` void.
    instances: (H, W) int32: 0 for background and void, else 1..n. Numbers are consecutive, in the raster
        order of the first pixel of each instance.
    """

    name: str
    image: RgbImage
    semantic: UInt8Array
    instances: Int32Array


@dataclass(frozen=True)
class Annotation:
    """The ground truth of an image for the evaluation: the objects of the classes that are scored.

    objects: (H, W) int32: 1..n the objects, 0 no object, ``VOID_INSTANCE`` void.
    classes: (n,) int64, the index of the class of each object.
    is_group: (n,) bool, whether the object is a group whose members were not annotated one by one.
        Predictions on a group count as neither right nor wrong.
    """

    objects: Int32Array
    classes: Int64Array
    is_group: BoolArray


class Instance:
    """A predicted object: its mask (H, W) bool, the name of its class, and its confidence.

    The confidence ranks predictions in the computation of AP. To save memory, only the part of the mask
    within its bounding box is stored. An array that is not a 2-d bool mask is stored unchanged, and the
    evaluation refuses it later.

    slices: rows and columns of the bounding box.
    cropped_mask: the part of the mask within the bounding box.
    """

    __slots__ = ("_shape", "class_name", "confidence", "cropped_mask", "slices")

    def __init__(self, mask: AnyArray, class_name: str, confidence: float) -> None:
        self.class_name, self.confidence = class_name, confidence
        self.cropped_mask = mask
        self._shape: tuple[int, ...] | None = None
        self.slices: tuple[slice, slice] = np.s_[0:0, 0:0]
        if isinstance(mask, np.ndarray) and mask.dtype == bool and mask.ndim == 2:
            self.slices = bounding_box(mask)
            self.cropped_mask, self._shape = mask[self.slices].copy(), mask.shape

    @property
    def mask(self) -> BoolArray:
        """The whole mask, (H, W) bool."""
        if self._shape is None:
            return self.cropped_mask
        whole = np.zeros(self._shape, dtype=bool)
        whole[self.slices] = self.cropped_mask
        return whole

    @property
    def shape(self) -> tuple[int, ...]:
        """The shape of the whole mask."""
        return self._shape or self.cropped_mask.shape

    def __repr__(self) -> str:
        return f"Instance({self.class_name!r}, {self.confidence}, {self.slices})"


def image_size(image: AnyArray) -> Size:
    """(height, width) of an array (H, W, ...)."""
    height, width = image.shape[:2]
    return height, width


def bounding_box(mask: BoolArray) -> tuple[slice, slice]:
    """Rows and columns of the bounding box of a mask (H, W) bool; empty slices for an empty mask."""
    rows = np.flatnonzero(mask.any(axis=1))
    if not rows.size:
        return np.s_[0:0, 0:0]
    rows_of = slice(int(rows[0]), int(rows[-1]) + 1)
    columns = np.flatnonzero(mask[rows_of].any(axis=0))
    return rows_of, slice(int(columns[0]), int(columns[-1]) + 1)


def label_map(instances: Sequence[Instance], size: Size) -> Int32Array:
    """The label map (H, W) int32 of instances.

    The pixels of ``instances[i].mask`` have the label ``label_of_each_instance(instances)[i]``; pixels
    outside all masks are 0. Any two masks must be equal or disjoint.
    """
    labels = np.zeros(size, np.int32)
    for number, instance in zip(label_of_each_instance(instances), instances, strict=True):
        labels[instance.slices][instance.cropped_mask] = number
    return labels


def label_of_each_instance(instances: Sequence[Instance]) -> list[int]:
    """The label of each instance in ``label_map``: 1, 2, ...

    Successive instances with the same mask are one object with several classes, and share a label.
    """
    numbers: list[int] = []
    for index, instance in enumerate(instances):
        before = instances[index - 1] if index else None
        same = (
            before is not None
            and before.slices == instance.slices
            and np.array_equal(before.cropped_mask, instance.cropped_mask)
        )
        numbers.append(numbers[-1] + (not same) if numbers else 1)
    return numbers
