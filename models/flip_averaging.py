"""The mean of the answers for an image and for its mirror image (the horizontal flip of section 5.3)."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from models.affinity_channels import channel_offsets
from models.inference import Probabilities


def mirrored_channels(distances: Sequence[int]) -> list[int]:
    """For each affinity channel, the channel of the same neighbour in the mirror image.

    The neighbour at (dy, dx) lies at (dy, -dx) there.
    """
    offsets = channel_offsets(distances)
    channels = {offset: channel for channel, offset in enumerate(offsets)}
    return [channels[dy, -dx] for dy, dx in offsets]


def unmirrored(answer: Probabilities, distances: Sequence[int]) -> Probabilities:
    """The answer for the mirror image, turned back into an answer for the image."""
    return Probabilities(
        answer.semantic[:, :, ::-1], answer.affinity[mirrored_channels(distances), :, ::-1]
    )


def averaged(
    answer: Probabilities,
    mirror: Probabilities,
    distances: Sequence[int],
    semantic: bool = True,
    affinity: bool = True,
) -> Probabilities:
    """The mean of ``answer`` and of ``mirror``, the answer for the mirror image.

    semantic, affinity: the networks whose answers are averaged; of the other, ``answer`` is returned.
    """
    other = unmirrored(mirror, distances)
    return Probabilities(
        _mean(answer.semantic, other.semantic) if semantic else answer.semantic,
        _mean(answer.affinity, other.affinity) if affinity else answer.affinity,
    )


def averaged_classes(
    answer: npt.NDArray[np.float32], mirror: npt.NDArray[np.float32]
) -> npt.NDArray[np.float32]:
    """The semantic part of ``averaged`` alone, of class probabilities (1 + C, H, W)."""
    return _mean(answer, mirror[:, :, ::-1])


def _mean(one: npt.NDArray[np.float32], two: npt.NDArray[np.float32]) -> npt.NDArray[np.float32]:
    return (one + two) * np.float32(0.5)
