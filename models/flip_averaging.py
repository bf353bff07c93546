"""Averages of the predictions for an image and for its mirror image (horizontal flip, section 5.3)."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from models.affinity_channels import channel_offsets
from models.inference import Probabilities


def mirrored_channels(distances: Sequence[int]) -> list[int]:
    """For each affinity channel, the index of the channel of the same neighbour in the mirror image.

    The neighbour at (dy, dx) is at (dy, -dx) in the mirror image.
    """
    offsets = channel_offsets(distances)
    channels = {offset: channel for channel, offset in enumerate(offsets)}
    return [channels[dy, -dx] for dy, dx in offsets]


def unmirrored(predicted: Probabilities, distances: Sequence[int]) -> Probabilities:
    """Mirror the prediction for the mirror image back, so that it is a prediction for the image."""
    return Probabilities(
        predicted.semantic[:, :, ::-1], predicted.affinity[mirrored_channels(distances), :, ::-1]
    )


def averaged(
    predicted: Probabilities,
    mirror: Probabilities,
    distances: Sequence[int],
    semantic: bool = True,
    affinity: bool = True,
) -> Probabilities:
    """The mean of the predictions for the image and for its mirror image.

    predicted: for the image. mirror: for the mirror image.
    semantic, affinity: whether to average this part; if not, it is that of ``predicted``.
    """
    other = unmirrored(mirror, distances)
    return Probabilities(
        _mean(predicted.semantic, other.semantic) if semantic else predicted.semantic,
        _mean(predicted.affinity, other.affinity) if affinity else predicted.affinity,
    )


def averaged_classes(
    predicted: npt.NDArray[np.float32], mirror: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """The semantic part of ``averaged``, for class probabilities (1 + C, H, W) float32."""
    return _mean(predicted, mirror[:, :, ::-1])


def _mean(one: npt.NDArray[np.float32], two: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return (one + two) * np.float32(0.5)
