"""Mean predictions over an image and its mirror image (the horizontal flip inference of section 5.3)."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from models.affinity_channels import channel_offsets


def mirrored_channels(distances: Sequence[int]) -> list[int]:
    """For the channel of each offset (dy, dx), the index of the channel of (dy, -dx).

    A neighbour at (dy, dx) in the image is at (dy, -dx) in the mirror image.
    """
    offsets = channel_offsets(distances)
    channel_of_offset = {offset: channel for channel, offset in enumerate(offsets)}
    return [channel_of_offset[dy, -dx] for dy, dx in offsets]


def unmirrored_affinities(
    mirror: npt.NDArray[np.float32], distances: Sequence[int]
) -> npt.NDArray[np.float32]:
    """Convert affinities (8 D, H, W) of the mirror image to affinities of the image itself.

    distances: the D distances of the channels.
    """
    return mirror[mirrored_channels(distances), :, ::-1]


def averaged_affinities(
    affinity: npt.NDArray[np.float32], mirror: npt.NDArray[np.float32], distances: Sequence[int]
) -> npt.NDArray[np.float32]:
    """The mean of the affinities (8 D, H, W) that were predicted for an image and for its mirror image.

    distances: the D distances of the channels.
    """
    return _mean_of_both(affinity, unmirrored_affinities(mirror, distances))


def averaged_class_probabilities(
    classes: npt.NDArray[np.float32], mirror: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """The mean of the class probabilities (1 + C, H, W) of an image and of its mirror image."""
    return _mean_of_both(classes, mirror[:, :, ::-1])


def _mean_of_both(
    one: npt.NDArray[np.float32], two: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    return (one + two) * np.float32(0.5)
