"""Simulates the affinities that a network might predict for a street.

Affinities are high inside objects, uncertain at borders, and wrong in some places. They are computed in
three steps:

1. The logit of a pair of pixels is ``SimulatedNetwork.certainty`` inside objects. It is lower, down to -6,
   if nearby pairs have pixels in different objects. So pairs near a border are uncertain. For longer
   offsets, pairs farther away count as nearby.
2. Smooth noise at three scales is added: one map for all offsets, one for each distance, and one for each
   offset.
3. A sigmoid converts logits to affinities.

Logits are integers in units of 1 / 4096.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from merge_impls.arrays import BoolArray, Int32Array, Int64Array, UInt16Array
from merge_impls.fields.portable_random import PortableRandom
from merge_impls.fields.sigmoid import ONE_LOGIT, sigmoid
from merge_impls.fields.smooth_maps import count_marked_nearby, smooth_noise


@dataclass(frozen=True)
class SimulatedNetwork:
    """The parameters of a simulated network.

    certainty: the logit of a pair inside an object, before noise.
    noise: the strength of the noise. At 6 the standard deviation of logits is about 1.2 for the shortest
        offsets and 2 for the longest.
    """

    certainty: float
    noise: int


NETWORKS = {
    "mild": SimulatedNetwork(certainty=6, noise=6),
    "strong": SimulatedNetwork(certainty=4.5, noise=10),
}
"""The simulated network for each level of noise."""

_LOGIT_DROP = 18 * ONE_LOGIT
"""How much lower the logit is where no nearby pair is in one object than where all nearby pairs are."""

_LOWEST = -6 * ONE_LOGIT
"""The lowest logit before noise."""

_NEARBY_RADIUS = {1: 1, 2: 2, 4: 3, 8: 4, 16: 6, 32: 8, 64: 10}
"""For each distance of offsets, the radius in pixels within which another pair is nearby."""


def simulated_affinities(
    labels: Int32Array, offsets: Int64Array, network: SimulatedNetwork, random: PortableRandom
) -> UInt16Array:
    """uint16 (K, H, W): the affinities of the pairs (p, p + offsets[k]) of ``labels`` (H, W).

    offsets: (K, 2), sorted by distance; the distances are those of the paper. If p + offsets[k] is outside
    the picture, it is replaced by the nearest pixel of the picture.
    """
    height, width = labels.shape
    result = np.empty((len(offsets), height, width), np.uint16)
    noises = _noise_of_each_offset(random, (height, width), offsets)
    for k, (offset, noise) in enumerate(zip(offsets, noises, strict=True)):
        distance = int(np.abs(offset).max())
        noise *= network.noise * (5 + distance.bit_length() // 2)
        radius = min(_NEARBY_RADIUS[distance], height // 50)
        logits = _noise_free_logits(labels, offset, radius, network)
        logits += noise
        result[k] = sigmoid(logits)
    return result


def _noise_of_each_offset(
    random: PortableRandom, shape: tuple[int, int], offsets: Int64Array
) -> Iterator[Int32Array]:
    """int32 of ``shape`` for each offset: the sum of the noises of all offsets, its distance and itself."""
    # Pictures with fewer than 512 rows have a narrower lattice, so that the noise fits their objects.
    cell = min(max(shape[0] // 64, 2), 8)
    of_all = smooth_noise(random, shape, 8 * cell)
    distance = 0
    for offset in offsets:
        if distance != np.abs(offset).max():
            distance = int(np.abs(offset).max())
            of_distance = of_all + smooth_noise(random, shape, 4 * cell)
        yield of_distance + smooth_noise(random, shape, cell)


def _noise_free_logits(
    labels: Int32Array, offset: Int64Array, radius: int, network: SimulatedNetwork
) -> Int32Array:
    logits = count_marked_nearby(_pairs_not_in_one_object(labels, offset), radius)
    logits *= -(_LOGIT_DROP // (2 * radius + 1) ** 2)
    logits += int(network.certainty * ONE_LOGIT)
    return np.maximum(logits, _LOWEST, out=logits)


def _pairs_not_in_one_object(labels: Int32Array, offset: Int64Array) -> BoolArray:
    """Bool (H, W): whether the pixels p and p + offset are not in the same object, for each p."""
    rows, columns = (
        np.clip(np.arange(length) + step, 0, length - 1)
        for length, step in zip(labels.shape, offset.tolist(), strict=True)
    )
    different: BoolArray = labels != labels[np.ix_(rows, columns)]
    background: BoolArray = labels == 0
    return different | background
