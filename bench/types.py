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
