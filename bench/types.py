"""The plain data that the stages hand to one another."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

VOID = 255
"""Value of semantic maps where the annotation says nothing (Cityscapes: labels ignored in evaluation)."""


@dataclass(frozen=True)
class Sample:
    """One annotated image.

    image: (H, W, 3) uint8 RGB.
    semantic: (H, W) uint8, 0 background, 1..C the data set's classes in order, ``VOID`` void.
    instances: (H, W) int32, 0 where there is no instance (background, void), else 1..n, dense, numbered in
        raster order of the first pixel.
    """

    name: str
    image: np.ndarray
    semantic: np.ndarray
    instances: np.ndarray


class Instance:
    """One predicted object: mask (H, W) bool, the name of its class, a score in [0, 1].

    Of the mask the part within its box is kept: thousands of images have to fit into memory at once. A mask
    that is none, which only the evaluation refuses, is kept as it is.
    """

    __slots__ = ("_kept", "_whole", "box", "class_name", "score")

    def __init__(self, mask: np.ndarray, class_name: str, score: float) -> None:
        self.class_name, self.score = class_name, score
        self._kept, self._whole = mask, None
        self.box: tuple[slice, slice] = np.s_[0:0, 0:0]
        if isinstance(mask, np.ndarray) and mask.dtype == bool and mask.ndim == 2:
            self.box = bounding_box(mask)
            self._kept, self._whole = mask[self.box].copy(), mask.shape

    @property
    def mask(self) -> np.ndarray:
        """(H, W) bool."""
        if self._whole is None:
            return self._kept
        whole = np.zeros(self._whole, dtype=bool)
        whole[self.box] = self._kept
        return whole

    @property
    def shape(self) -> tuple[int, ...]:
        """The mask's."""
        return self._whole or self._kept.shape

    @property
    def inside(self) -> np.ndarray:
        """The part of the mask within ``box``."""
        return self._kept

    def __repr__(self) -> str:
        return f"Instance({self.class_name!r}, {self.score}, {self.box})"


def bounding_box(mask: np.ndarray) -> tuple[slice, slice]:
    """Rows and columns of the smallest box that holds all of a mask (H, W); empty for an empty one."""
    rows = np.flatnonzero(mask.any(axis=1))
    if not rows.size:
        return np.s_[0:0, 0:0]
    rows_of = slice(int(rows[0]), int(rows[-1]) + 1)
    columns = np.flatnonzero(mask[rows_of].any(axis=0))
    return rows_of, slice(int(columns[0]), int(columns[-1]) + 1)


def label_map(instances: Sequence[Instance], size: tuple[int, int]) -> np.ndarray:
    """(H, W) int32 with instance i as i + 1, which disjoint masks allow."""
    labels = np.zeros(size, np.int32)
    for number, instance in enumerate(instances, start=1):
        labels[instance.box][instance.inside] = number
    return labels


VOID_OBJECT = -1
"""In :attr:`Annotation.objects`: pixels of which the annotation says nothing."""


@dataclass(frozen=True)
class Annotation:
    """One image's objects, of classes that are scored.

    objects: (H, W) int32, 0 where there is none, 1..n, ``VOID_OBJECT`` where nothing is known.
    classes: (n,) int64, of each object the index of its class.
    is_group: (n,) bool, whether it is a group whose members were not told apart; a prediction on a group
        is neither right nor wrong.
    """

    objects: np.ndarray
    classes: np.ndarray
    is_group: np.ndarray
