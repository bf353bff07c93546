"""Averages of the predictions for an image and for its mirror image (horizontal flip, section 5.3)."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from models.affinity_channels import channel_offsets


def mirrored_channels(distances: Sequence[int]) -> list[int]:
    """For each affinity channel, the index of the channel of the same neighbour in the mirror image.

    The neighbour at (dy, dx) is at (dy, -dx) in the mirror image.
    """
    offsets = channel_offsets(distances)
    channels = {offset: channel for channel, offset in enumerate(offsets)}
    return [channels[dy, -dx] for dy, dx in offsets]


def unmirrored_affinities(
    mirror: npt.NDArray[np.float32], distances: Sequence[int]
) -> npt.NDArray[np.float32]:
    """Affinities (8 D, H, W) of the mirror image, turned back into affinities of the image."""
    return mirror[mirrored_channels(distances), :, ::-1]


def averaged_affinities(
    affinity: npt.NDArray[np.float32], mirror: npt.NDArray[np.float32], distances: Sequence[int]
) -> npt.NDArray[np.float32]:
    """The mean of the affinities (8 D, H, W) of an image and of those of its mirror image."""
    return _mean(affinity, unmirrored_affinities(mirror, distances))


def averaged_classes(
    classes: npt.NDArray[np.float32], mirror: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """The mean of the class probabilities (1 + C, H, W) of an image and of those of its mirror image."""
    return _mean(classes, mirror[:, :, ::-1])


def _mean(one: npt.NDArray[np.float32], two: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return (one + two) * np.float32(0.5)
