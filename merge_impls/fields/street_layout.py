"""Draws a street: objects at random places. Nearer objects hide farther ones."""

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
"""Objects are drawn until they cover this share of the picture."""

_LARGEST = 0.1
"""A silhouette is not drawn if its bounding box covers more than this share of the picture."""

_HORIZON = 0.36
"""The horizon is at this share of the height of the picture, measured from the upper edge."""

_CAMERA_METRES = 1.4
_STREET_HALF_WIDTH_METRES = 18
_SILHOUETTES = (
    (PERSON,) * 6
    + (CAR_BEHIND,) * 4
    + (CAR_BESIDE,) * 3
    + (CYCLIST, CYCLIST, TRUCK, BUS, POLE, POLE)
)
"""Silhouettes are drawn at random from this list. One that is listed n times is n times as likely."""

_MAX_SILHOUETTES = 600
_GOLDEN_RATIO = 0.6180339887498949


def street_instances(height: int, width: int, random: PortableRandom) -> Int32Array:
    """Return the objects of a street as int32 (height, width): 0 is background, 1..N are the objects.

    Nearer objects are larger and stand lower in the picture. An object that is partly hidden by a nearer
    object may have two separate visible parts. Poles hide objects too, but they are background.
    """
    labels = np.zeros((height, width), np.int32)
    nearness = np.zeros((height, width), np.float64)
    fraction = random.uniform()
    for number in range(1, _MAX_SILHOUETTES + 1):
        # Multiples of the golden ratio, modulo 1, fill [0, 1) evenly for any number of objects.
        fraction = (fraction + _GOLDEN_RATIO) % 1
        _draw_silhouette(random, number, 1 / (1.5 + 22 * fraction), labels, nearness)
        if np.count_nonzero(labels) >= _FOREGROUND * labels.size:
            break
    return _renumber_visible(labels)


def _draw_silhouette(
    random: PortableRandom, number: int, near: float, labels: Int32Array, nearness: Float64Array
) -> None:
    """Draw a random silhouette with this ``number`` into ``labels``, where no nearer silhouette hides it.

    near: the nearness of the silhouette: 0 at the horizon, 1 at the lower edge of the picture.
    nearness: float64 (height, width), the nearness of what each pixel shows; updated.
    """
    height, width = labels.shape
    silhouette = _SILHOUETTES[int(random.uniform() * len(_SILHOUETTES))]
    below_horizon = near * (1 - _HORIZON) * height
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
    visible = silhouette.covers(x, y) & (nearness[window] < near)
    nearness[window][visible] = near
    labels[window][visible] = number if silhouette.is_object else 0


def _silhouette_window(
    silhouette: Silhouette, ground: float, middle: float, scale: float, shape: tuple[int, int]
) -> tuple[slice, slice]:
    """The rows and columns of the bounding box of a silhouette, cut off at the edges of the picture.

    ground: the row on which the silhouette stands. middle: the column of its middle.
    scale: pixels per metre. shape: height and width of the picture.
    """
    height, width = shape
    half = silhouette.half_width * scale
    top, left = int(max(ground - silhouette.total_height * scale, 0)), int(max(middle - half, 0))
    bottom, right = int(min(ground + 1, height)), int(min(middle + half + 1, width))
    return slice(top, max(top, bottom)), slice(left, max(left, right))


def _renumber_visible(labels: Int32Array) -> Int32Array:
    """Renumber the objects that have visible pixels as 1..N. Their order stays the same."""
    visible = np.bincount(labels.ravel()) > 0
    visible[0] = False
    numbers: Int32Array = np.cumsum(visible, dtype=np.int32)
    return numbers[labels]
