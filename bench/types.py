"""The plain data that the stages hand to one another."""

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


@dataclass(frozen=True)
class Instance:
    """One predicted object: mask (H, W) bool, the name of its class, a score in [0, 1]."""

    mask: np.ndarray
    class_name: str
    score: float


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
