"""Make affinities and thresholds from random bytes, with many ties and many weights equal to a threshold."""

import numpy as np

from merge_impls.arrays import BoolArray, Float64Array, Int64Array, UInt16Array
from merge_impls.fixed_point_affinities import ONE


class ByteStream:
    """A sequence of random bytes that are consumed in order."""

    def __init__(self, data: bytes) -> None:
        self._data: Int64Array = np.frombuffer(data, np.uint8).astype(np.int64)

    def next_bytes(self, *shape: int) -> Int64Array:
        """Consume the next bytes; return them as an int64 array of this shape."""
        count = int(np.prod(shape))
        taken, self._data = self._data[:count], self._data[count:]
        return taken.reshape(shape)


def map_bytes_to_range(data: Int64Array, options: int | Int64Array) -> Int64Array:
    """Map bytes to integers 0 .. options - 1. Uniform bytes give all integers about equally often."""
    numbers: Int64Array = data * options >> 8
    return numbers


AFFINITY_STYLES = ["objects"] * 3 + ["levels"] * 3 + ["any", "any", "close", "sparse", "constant"]
"""The distributions of affinities; one that is listed several times is drawn more often.

"levels": multiples of 1 / spacing. "objects": levels that are high inside an object and low between
two objects. "sparse": levels of which most are 0. "constant": the same level everywhere. "close":
four neighbouring fixed-point numbers, which differ so little that rounding decides between weights.
"any": any fixed-point number.
"""


def affinities_from_bytes(
    stream: ByteStream, same: BoolArray, style: str, spacing: int
) -> UInt16Array:
    """Return fixed-point affinities, uint16, of the shape of ``same``; consume one byte for each.

    same: whether both ends of an edge are in the same object.
    style: one of ``AFFINITY_STYLES``.
    spacing: the number of steps from 0 to 1 in the styles that have levels.
    """
    data = stream.next_bytes(*same.shape)
    if style == "any":
        return (data * 256 + np.roll(data, 1)).astype(np.uint16)
    if style == "close":
        return (ONE - 9000 * spacing - map_bytes_to_range(data, 4)).astype(np.uint16)
    levels = ONE * np.arange(spacing + 1) // spacing
    return _apply_style(levels[map_bytes_to_range(data, spacing + 1)], data, same, style).astype(
        np.uint16
    )


def _apply_style(values: Int64Array, data: Int64Array, same: BoolArray, style: str) -> Int64Array:
    """Change random levels to one of the styles "objects", "sparse", "constant" and "levels"."""
    if style == "objects":
        # Edges inside an object get a level of at least 0.5, edges between objects one of at most 0.5.
        return np.where(same, np.maximum(values, ONE - values), np.minimum(values, ONE - values))
    if style == "sparse":
        return np.where(data % 4 == 0, values, 0)
    if style == "constant":
        return np.broadcast_to(values.ravel()[0] if values.size else 0, values.shape)
    return values


BYTES_A_THRESHOLD = 4
"""The number of bytes from which one threshold is made."""


def thresholds_from_bytes(
    stream: ByteStream, affinities: UInt16Array, count: int, order: str
) -> Float64Array:
    """Return thresholds, (count,) float64; most equal a weight that an edge has or may get.

    order: "falling", "rising", "equal" or "any". Consumes ``count * BYTES_A_THRESHOLD`` bytes.
    """
    values = np.unique(affinities[affinities > 0]).astype(np.int64)
    if len(values) == 0:
        values = np.array([ONE // 2])
    thresholds = [
        _threshold_near_weights(values, *row)
        for row in stream.next_bytes(count, BYTES_A_THRESHOLD).tolist()
    ]
    if order == "equal":
        return np.full(count, thresholds[0])
    if order == "any":
        return np.array(thresholds)
    return np.array(sorted(thresholds, reverse=order == "falling"))


def _threshold_near_weights(values: Int64Array, style: int, *where: int) -> float:
    """Return one threshold.

    values: the affinities, fixed point. style: 0 .. 255, selects a rule below. where: three bytes,
    each of which selects one of the values.
    """
    x: int
    y: int
    z: int
    x, y, z = values[map_bytes_to_range(np.array(where), len(values))].tolist()
    if style < 80:
        return x / ONE
    if style < 110:
        return max(x, y) / ONE
    if style < 200:
        # The mean of two weights, which an edge may get when two edges are joined.
        return (max(x, y) + z) / 2 / ONE
    if style < 215:
        return 0.0
    if style < 225:
        return 1.0
    return where[0] / 255
