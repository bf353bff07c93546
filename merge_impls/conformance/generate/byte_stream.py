"""Make affinities and thresholds that are hard to merge right, from uniform random bytes."""

import numpy as np

from merge_impls.arrays import BoolArray, Float64Array, Int64Array, UInt16Array
from merge_impls.fixed_point_affinities import ONE


class ByteStream:
    """Uniformly distributed random bytes, each of which is used once, in order."""

    def __init__(self, data: bytes) -> None:
        self._data: Int64Array = np.frombuffer(data, np.uint8).astype(np.int64)

    def take(self, *shape: int) -> Int64Array:
        """The next bytes, int64 of this shape."""
        count = int(np.prod(shape))
        taken, self._data = self._data[:count], self._data[count:]
        return taken.reshape(shape)


def to_range(data: Int64Array, options: int | Int64Array) -> Int64Array:
    """Map uniform bytes to integers 0 .. options - 1, all of about the same probability."""
    numbers: Int64Array = data * options >> 8
    return numbers


AFFINITY_STYLES = ["objects"] * 3 + ["levels"] * 3 + ["any", "any", "close", "sparse", "constant"]


def fixed_point_affinities(
    stream: ByteStream, same: BoolArray, style: str, spacing: int
) -> UInt16Array:
    """uint16 of the shape of ``same``, which is True where both ends of an edge are in one object.

    style: one of ``AFFINITY_STYLES``. spacing: the number of steps from 0 to 1, if the style has
        levels.
    """
    data = stream.take(*same.shape)
    if style == "any":
        return (data * 256 + np.roll(data, 1)).astype(np.uint16)
    if style == "close":
        # Levels so close that the rounding of a weight matters.
        return (ONE - 9000 * spacing - to_range(data, 4)).astype(np.uint16)
    levels = ONE * np.arange(spacing + 1) // spacing
    return _in_style(levels[to_range(data, spacing + 1)], data, same, style).astype(np.uint16)


def _in_style(values: Int64Array, data: Int64Array, same: BoolArray, style: str) -> Int64Array:
    """Change random ``values`` on levels to one of the styles that have levels."""
    if style == "objects":
        # Edges inside an object get the upper half of the levels, edges between objects the lower.
        return np.where(same, np.maximum(values, ONE - values), np.minimum(values, ONE - values))
    if style == "sparse":
        return np.where(data % 4 == 0, values, 0)
    if style == "constant":
        return np.broadcast_to(values.ravel()[0] if values.size else 0, values.shape)
    return values


BYTES_A_THRESHOLD = 4


def stage_thresholds(
    stream: ByteStream, affinities: UInt16Array, count: int, order: str
) -> Float64Array:
    """Thresholds (count,), float64, near weights that edges have or may get.

    order: "falling", "rising", "equal" or "any". Takes ``BYTES_A_THRESHOLD`` times ``count`` bytes.
    """
    values = np.unique(affinities[affinities > 0]).astype(np.int64)
    if len(values) == 0:
        values = np.array([ONE // 2])
    thresholds = [
        _threshold_near_weights(values, *row)
        for row in stream.take(count, BYTES_A_THRESHOLD).tolist()
    ]
    if order == "equal":
        return np.full(count, thresholds[0])
    if order == "any":
        return np.array(thresholds)
    return np.array(sorted(thresholds, reverse=order == "falling"))


def _threshold_near_weights(values: Int64Array, style: int, *where: int) -> float:
    x: int
    y: int
    z: int
    x, y, z = values[to_range(np.array(where), len(values))].tolist()
    if style < 80:
        return x / ONE
    if style < 110:
        return max(x, y) / ONE
    if style < 200:
        # Two joined edges may have such a weight.
        return (max(x, y) + z) / 2 / ONE
    if style < 215:
        return 0.0
    if style < 225:
        return 1.0
    return where[0] / 255
