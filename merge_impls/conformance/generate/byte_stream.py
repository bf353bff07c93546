"""Affinities and thresholds that make merging hard, made of even bytes."""

import numpy as np

from merge_impls.fixed_point import ONE


class ByteStream:
    """Bytes, each value of 0..255 as likely as every other, that are used up from the front."""

    def __init__(self, data: bytes) -> None:
        self._data = np.frombuffer(data, np.uint8).astype(np.int64)

    def take(self, *shape: int) -> np.ndarray:
        """The next bytes, int64 of this shape."""
        count = int(np.prod(shape))
        taken, self._data = self._data[:count], self._data[count:]
        return taken.reshape(shape)


def to_range(data: np.ndarray, options: int | np.ndarray) -> np.ndarray:
    """Numbers 0 .. options - 1, all about as likely, from even bytes."""
    return data * options >> 8


AFFINITY_STYLES = ["objects"] * 3 + ["levels"] * 3 + ["any", "any", "close", "sparse", "constant"]


def fixed_point_affinities(
    stream: ByteStream, same: np.ndarray, style: str, spacing: int
) -> np.ndarray:
    """uint16 of the shape of ``same``, which tells where both ends of an edge are in one object.

    style: of ``AFFINITY_STYLES``. spacing: where there are levels, how many steps there are to 1.
    """
    data = stream.take(*same.shape)
    if style == "any":
        return (data * 256 + np.roll(data, 1)).astype(np.uint16)
    if style == "close":
        # Levels so close that only the rounding of a weight tells them apart.
        return (ONE - 9000 * spacing - to_range(data, 4)).astype(np.uint16)
    levels = ONE * np.arange(spacing + 1) // spacing
    values = levels[to_range(data, spacing + 1)]
    if style == "objects":
        # The upper half of the levels inside, the lower half between.
        values = np.where(same, np.maximum(values, ONE - values), np.minimum(values, ONE - values))
    elif style == "sparse":
        values = np.where(data % 4 == 0, values, 0)
    elif style == "constant":
        values[...] = values.ravel()[:1] if values.size else 0
    return values.astype(np.uint16)


BYTES_A_THRESHOLD = 4


def stage_thresholds(
    stream: ByteStream, affinities: np.ndarray, count: int, order: str
) -> np.ndarray:
    """(count,) float64, of weights that edges have or may get; "falling", "rising", "equal", "any".

    Takes ``BYTES_A_THRESHOLD`` times ``count`` bytes.
    """
    values = np.unique(affinities[affinities > 0]).astype(np.int64)
    if len(values) == 0:
        values = np.array([ONE // 2])
    thresholds = [
        _threshold(values, *row) for row in stream.take(count, BYTES_A_THRESHOLD).tolist()
    ]
    if order == "equal":
        return np.full(count, thresholds[0])
    if order == "any":
        return np.array(thresholds)
    return np.array(sorted(thresholds, reverse=order == "falling"))


def _threshold(values: np.ndarray, style: int, *where: int) -> float:
    x, y, z = values[to_range(np.array(where), len(values))].tolist()
    if style < 80:
        return x / ONE
    if style < 110:
        return max(x, y) / ONE
    if style < 200:
        # Where two edges of these weights become one, it weighs as much as this.
        return (max(x, y) + z) / 2 / ONE
    if style < 215:
        return 0.0
    if style < 225:
        return 1.0
    return where[0] / 255
