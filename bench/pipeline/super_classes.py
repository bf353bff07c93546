"""Classifies each pixel to a super-class by its class probabilities (sections 4.2 and 4.5)."""

from collections.abc import Sequence

import numpy as np

from merge_impls.arrays import Float32Array, Int64Array


def super_class_probabilities(
    semantic: Float32Array, super_class_channels: Sequence[Sequence[int]]
) -> tuple[Float32Array, Int64Array]:
    """The probability of each super-class, and the most likely super-class of each pixel.

    The probability of a super-class is the sum of the probabilities of its classes.

    semantic: (1 + C, H, W) class probabilities, background first.
    super_class_channels: the channels of each of G super-classes in ``semantic``.
    Returns the probabilities (G, H, W) float32, and the super-class (H, W) int: 0 background, 1..G.
    """
    sums = np.stack([semantic[list(channels)].sum(axis=0) for channels in super_class_channels])
    return sums, np.concatenate([semantic[:1], sums]).argmax(axis=0)


def most_likely_super_class(
    semantic: Float32Array, super_class_channels: Sequence[Sequence[int]]
) -> tuple[Int64Array, Float32Array]:
    """The most likely super-class of each pixel, and how likely it is (section 4.5).

    semantic: (1 + C, H, W) float32 class probabilities, background first.
    Returns the super-class (H, W) int, 0 background, 1..G, and its probability (H, W) float32.
    """
    sums, super_class = super_class_probabilities(semantic, super_class_channels)
    return super_class, np.maximum(sums.max(axis=0), semantic[0])
