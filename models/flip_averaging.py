"""Answers for a mirrored picture, and for the picture itself (the paper's horizontal flip, section 5.3)."""

from collections.abc import Sequence

import numpy as np

from models.affinity_channels import channel_offsets
from models.inference import Probabilities


def mirrored_channels(distances: Sequence[int]) -> list[int]:
    """Of every affinity channel the one that looks at the same neighbour in the mirrored picture.

    The neighbour at (dy, dx) lies at (dy, -dx) there.
    """
    offsets = channel_offsets(distances)
    place = {offset: channel for channel, offset in enumerate(offsets)}
    return [place[dy, -dx] for dy, dx in offsets]


def unmirrored(answer: Probabilities, distances: Sequence[int]) -> Probabilities:
    """What the networks said of the mirrored picture, as an answer for the picture itself."""
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
    """The mean of both answers, ``mirror`` being that for the mirrored picture; of one network alone where
    the other is not to be flipped."""
    other = unmirrored(mirror, distances)
    return Probabilities(
        _mean(answer.semantic, other.semantic) if semantic else answer.semantic,
        _mean(answer.affinity, other.affinity) if affinity else answer.affinity,
    )


def averaged_classes(answer: np.ndarray, mirror: np.ndarray) -> np.ndarray:
    """The semantic part of ``averaged`` alone, of class probabilities (1 + C, H, W)."""
    return _mean(answer, mirror[:, :, ::-1])


def _mean(one: np.ndarray, two: np.ndarray) -> np.ndarray:
    return (one + two) * np.float32(0.5)
