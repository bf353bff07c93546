"""Where the objects of a street stand in the picture, and which of them hides which."""

import numpy as np

from merge_impls.fields.portable_random import Draws
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
"""The share of the picture that objects fill; the last object may take it a little further."""

_LARGEST = 0.1
"""What would take more of the picture than this share is left out."""

_HORIZON = 0.36
"""Where the street vanishes, as a share of the picture's height."""

_CAMERA_METRES = 1.4
_REACH_METRES = 18
_KINDS = (
    (PERSON,) * 6
    + (CAR_BEHIND,) * 4
    + (CAR_BESIDE,) * 3
    + (CYCLIST, CYCLIST, TRUCK, BUS, POLE, POLE)
)
_MOST_THINGS = 600
_GOLDEN_RATIO = 0.6180339887498949


def instances(height: int, width: int, draws: Draws) -> np.ndarray:
    """int32 (height, width): 0 for background, 1..N for the objects of a street.

    The nearer something stands, the lower in the picture it does, the larger it is, and the more it
    hides; what it hides may be left in two parts. Posts are background that hides. A picture of
    one shape shows one street, the more of it the larger it is.
    """
    labels = np.zeros((height, width), np.int32)
    nearness = np.zeros((height, width), np.float64)
    turn = draws.share()
    for number in range(1, _MOST_THINGS + 1):
        # Multiples of the golden ratio fill [0, 1) evenly, wherever the loop ends.
        turn = (turn + _GOLDEN_RATIO) % 1
        _place(draws, number, 1 / (1.5 + 22 * turn), labels, nearness)
        if np.count_nonzero(labels) >= _FOREGROUND * labels.size:
            break
    return _numbered(labels)


def _place(
    draws: Draws, number: int, depth: float, labels: np.ndarray, nearness: np.ndarray
) -> None:
    """Put one thing on the ground ``depth`` of the way from the horizon to the lower edge."""
    height, width = labels.shape
    thing = _KINDS[int(draws.share() * len(_KINDS))]
    below_horizon = depth * (1 - _HORIZON) * height
    pixels_a_metre = below_horizon / _CAMERA_METRES * draws.between(0.9, 1.1)
    ground = _HORIZON * height + below_horizon
    reach = min(0.52 * width, _REACH_METRES * pixels_a_metre)
    middle = 0.5 * width + draws.between(-reach, reach)
    window = _window(thing, ground, middle, pixels_a_metre, labels.shape)
    rows, columns = window
    if (rows.stop - rows.start) * (columns.stop - columns.start) > _LARGEST * labels.size:
        return
    y = (ground - (np.arange(rows.start, rows.stop) + 0.5)) / pixels_a_metre
    x = (np.arange(columns.start, columns.stop) + 0.5 - middle) / pixels_a_metre
    seen = thing.covers(x, y) & (nearness[window] < depth)
    nearness[window][seen] = depth
    labels[window][seen] = number if thing.solid else 0


def _window(
    thing: Silhouette, ground: float, middle: float, scale: float, shape: tuple[int, int]
) -> tuple[slice, slice]:
    """The rows and columns of the picture that a thing may cover."""
    height, width = shape
    half = thing.half_width * scale
    top, left = int(max(ground - thing.tallness * scale, 0)), int(max(middle - half, 0))
    bottom, right = int(min(ground + 1, height)), int(min(middle + half + 1, width))
    return slice(top, max(top, bottom)), slice(left, max(left, right))


def _numbered(labels: np.ndarray) -> np.ndarray:
    """The same, numbered 1..N in the old order: some things are hidden altogether."""
    seen = np.bincount(labels.ravel()) > 0
    seen[0] = False
    return np.cumsum(seen, dtype=np.int32)[labels]
