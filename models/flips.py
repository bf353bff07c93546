"""Answers for a mirrored picture, and for the picture itself (the paper's horizontal flip, section 5.3)."""

from collections.abc import Sequence

import numpy as np

from models.affinities import channel_offsets
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

    def mean(one: np.ndarray, two: np.ndarray, wanted: bool) -> np.ndarray:
        return (one + two) * np.float32(0.5) if wanted else one

    return Probabilities(
        mean(answer.semantic, other.semantic, semantic),
        mean(answer.affinity, other.affinity, affinity),
    )
