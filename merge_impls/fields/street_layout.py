"""Place the objects of a street in a picture, in which near objects hide farther ones."""

import numpy as np

from merge_impls.arrays import Float64Array, Int32Array
from merge_impls.fields.portable_random import PortableRandom
from merge_impls.fields.silhouettes import (
    BUS,
    CAR_BEHIND,
    CAR_BESIDE,
    CYCLIST,
    PERSON,
    POLE,
    TRUCK,
    Silhouette,
)

_FOREGROUND = 0.37
"""The share of the picture that objects fill; the last object may exceed it a little."""

_LARGEST = 0.1
"""A silhouette whose window takes more than this share of the picture is left out."""

_HORIZON = 0.36
"""Height of the horizon below the upper edge, as a share of the picture's height."""

_CAMERA_METRES = 1.4
_STREET_HALF_WIDTH_METRES = 18
_SILHOUETTES = (
    (PERSON,) * 6
    + (CAR_BEHIND,) * 4
    + (CAR_BESIDE,) * 3
    + (CYCLIST, CYCLIST, TRUCK, BUS, POLE, POLE)
)
"""The silhouettes to choose from; one that stands here several times is chosen more often."""

_MAX_SILHOUETTES = 600
_GOLDEN_RATIO = 0.6180339887498949


def street_instances(height: int, width: int, random: PortableRandom) -> Int32Array:
    """int32 (height, width): 0 for background, 1..N for the objects of a street.

    Nearer objects stand lower in the picture, are larger and hide farther ones, of which two parts may
    be left. Poles are background that hides objects. Pictures of one shape and different sizes show
    the same street, the larger ones with more objects.
    """
    labels = np.zeros((height, width), np.int32)
    nearness = np.zeros((height, width), np.float64)
    fraction = random.uniform()
    for number in range(1, _MAX_SILHOUETTES + 1):
        # Multiples of the golden ratio fill [0, 1) evenly, however many there are.
        fraction = (fraction + _GOLDEN_RATIO) % 1
        _draw_silhouette(random, number, 1 / (1.5 + 22 * fraction), labels, nearness)
        if np.count_nonzero(labels) >= _FOREGROUND * labels.size:
            break
    return _renumber_visible(labels)


def _draw_silhouette(
    random: PortableRandom, number: int, depth: float, labels: Int32Array, nearness: Float64Array
) -> None:
    """Draw a silhouette that stands at ``depth``: 0 at the horizon, 1 at the lower edge."""
    height, width = labels.shape
    silhouette = _SILHOUETTES[int(random.uniform() * len(_SILHOUETTES))]
    below_horizon = depth * (1 - _HORIZON) * height
    pixels_per_metre = below_horizon / _CAMERA_METRES * random.uniform_between(0.9, 1.1)
    ground = _HORIZON * height + below_horizon
    reach = min(0.52 * width, _STREET_HALF_WIDTH_METRES * pixels_per_metre)
    middle = 0.5 * width + random.uniform_between(-reach, reach)
    window = _silhouette_window(silhouette, ground, middle, pixels_per_metre, (height, width))
    rows, columns = window
    if (rows.stop - rows.start) * (columns.stop - columns.start) > _LARGEST * labels.size:
        return
    y = (ground - (np.arange(rows.start, rows.stop) + 0.5)) / pixels_per_metre
    x = (np.arange(columns.start, columns.stop) + 0.5 - middle) / pixels_per_metre
    visible = silhouette.covers(x, y) & (nearness[window] < depth)
    nearness[window][visible] = depth
    labels[window][visible] = number if silhouette.is_object else 0


def _silhouette_window(
    silhouette: Silhouette, ground: float, middle: float, scale: float, shape: tuple[int, int]
) -> tuple[slice, slice]:
    """The rows and columns of the picture that a silhouette may cover; scale: pixels per metre."""
    height, width = shape
    half = silhouette.half_width * scale
    top, left = int(max(ground - silhouette.total_height * scale, 0)), int(max(middle - half, 0))
    bottom, right = int(min(ground + 1, height)), int(min(middle + half + 1, width))
    return slice(top, max(top, bottom)), slice(left, max(left, right))


def _renumber_visible(labels: Int32Array) -> Int32Array:
    """Number the visible objects 1..N in the same order; hidden ones get no number."""
    visible = np.bincount(labels.ravel()) > 0
    visible[0] = False
    numbers: Int32Array = np.cumsum(visible, dtype=np.int32)
    return numbers[labels]
