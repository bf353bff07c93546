"""What a network might say of a street: sure inside objects, in doubt at borders, wrong here and
there.

Everything is a logit first, in whole numbers of 1 / 4096. Pairs inside an object start at the
network's certainty. The larger the share of pairs nearby that belong apart, the lower the logit,
down to -6: so a band of doubt lies along every border, as wide as the network's view is blurred,
which is more for longer offsets. Smooth noise at three scales is added (one map for all offsets, one
for each distance, one for each offset) and a sigmoid makes affinities of it.
"""

from dataclasses import dataclass

import numpy as np

from merge_impls.fields.portable_random import Draws
from merge_impls.fields.smooth import counted_around, smooth_noise
from merge_impls.fixed_point import ONE


@dataclass(frozen=True)
class Network:
    """certainty: the logit of a pair inside an object. unrest: how much noise moves the logits; 6
    gives a standard deviation of about 1.2 at the shortest offsets and 2 at the longest."""

    certainty: float
    unrest: int


NETWORKS = {"mild": Network(certainty=6, unrest=6), "strong": Network(certainty=4.5, unrest=10)}
"""By level of noise."""

_LOGIT = 4096
_DOUBT = 18 * _LOGIT
_APART = -6 * _LOGIT
_HIGHEST = 12 * _LOGIT
_BLUR = {1: 1, 2: 2, 4: 3, 8: 4, 16: 6, 32: 8, 64: 10}
"""Pixels to either side, by distance."""


def affinities(
    labels: np.ndarray, offsets: np.ndarray, network: Network, draws: Draws
) -> np.ndarray:
    """uint16 (K, H, W): what ``network`` says of the pairs (p, p + offsets[k]) of ``labels`` (H, W).

    offsets: (K, 2), those of one distance next to each other, at the paper's distances. Pairs that
    leave the picture have a value too, as if its outermost pixels went on.
    """
    height = labels.shape[0]
    # A small picture is seen as sharply, in proportion, as one of 512 rows.
    cell = min(max(height // 64, 2), 8)
    everywhere = smooth_noise(draws, labels.shape, 8 * cell)
    sigmoid = _sigmoid()
    said = np.empty((len(offsets), *labels.shape), np.uint16)
    distance = 0
    for k, offset in enumerate(offsets):
        if distance != np.abs(offset).max():
            distance = int(np.abs(offset).max())
            shared = everywhere + smooth_noise(draws, labels.shape, 4 * cell)
        noise = shared + smooth_noise(draws, labels.shape, cell)
        noise *= network.unrest * (5 + distance.bit_length() // 2)
        logits = _without_noise(labels, offset, min(_BLUR[distance], height // 50), network)
        logits += noise
        np.clip(logits, -_HIGHEST, _HIGHEST, out=logits)
        logits += _HIGHEST
        said[k] = sigmoid[logits]
    return said


def _without_noise(
    labels: np.ndarray, offset: np.ndarray, radius: int, network: Network
) -> np.ndarray:
    logits = counted_around(_belong_apart(labels, offset), radius)
    logits *= -(_DOUBT // (2 * radius + 1) ** 2)
    logits += int(network.certainty * _LOGIT)
    return np.maximum(logits, _APART, out=logits)


def _belong_apart(labels: np.ndarray, offset: np.ndarray) -> np.ndarray:
    """bool (H, W), whether p and p + offset are not both in one object."""
    rows, columns = (
        np.clip(np.arange(length) + step, 0, length - 1)
        for length, step in zip(labels.shape, offset.tolist(), strict=True)
    )
    return (labels != labels[np.ix_(rows, columns)]) | (labels == 0)


def _sigmoid() -> np.ndarray:
    """uint16, the fixed-point affinity of the logit i - ``_HIGHEST`` at [i].

    The exponential is (1 + x / 1024)^1024, by products alone: exp is another on every machine.
    """
    logits = np.arange(-_HIGHEST, _HIGHEST + 1)
    grown = 1 + np.abs(logits) / (1024 * _LOGIT)
    for _ in range(10):
        grown = grown * grown
    unlikely = 1 / (1 + grown)
    return np.rint(np.where(logits < 0, unlikely, 1 - unlikely) * ONE).astype(np.uint16)
