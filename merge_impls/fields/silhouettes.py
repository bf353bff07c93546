"""Outlines of people, vehicles and poles, made of ellipses and rounded boxes."""

from dataclasses import dataclass

import numpy as np

from merge_impls.arrays import BoolArray, Float64Array


@dataclass(frozen=True)
class SilhouettePart:
    """An ellipse, or a rectangle with rounded corners. Lengths are in metres.

    The part covers the points with ``(dx / half_width) ** n + (dy / half_height) ** n <= 1``, where dx and
    dy are measured from the middle of the part.

    centre: the distance of the part's middle from the silhouette's middle, positive to the right.
    height: the height of the part's middle above the ground.
    boxy: True for a rectangle (n = 8), False for an ellipse (n = 2).
    """

    centre: float
    height: float
    half_width: float
    half_height: float
    boxy: bool = True


@dataclass(frozen=True)
class Silhouette:
    """The outline of an object in a picture.

    is_object: False for something that hides objects but is background itself, such as a pole.
    """

    parts: tuple[SilhouettePart, ...]
    is_object: bool = True

    @property
    def half_width(self) -> float:
        """The largest distance of a covered point from the middle to the left or right, in metres."""
        return max(abs(part.centre) + part.half_width for part in self.parts)

    @property
    def total_height(self) -> float:
        """The height of the top above the ground, in metres."""
        return max(part.height + part.half_height for part in self.parts)

    def covers(self, x: Float64Array, y: Float64Array) -> BoolArray:
        """Bool (len(y), len(x)): whether the silhouette covers the point ``x[j]``, ``y[i]``, at [i, j].

        x: metres to the right of the silhouette's middle. y: metres above the ground.
        """
        covered = np.zeros((len(y), len(x)), np.bool_)
        for part in self.parts:
            across = _square_or_eighth_power((x - part.centre) / part.half_width, part.boxy)
            up = _square_or_eighth_power((y - part.height) / part.half_height, part.boxy)
            covered |= across[None, :] + up[:, None] <= 1
        return covered


def _square_or_eighth_power(values: Float64Array, boxy: bool) -> Float64Array:
    """Compute values**2 or, if ``boxy``, values**8.

    Products are rounded in the same way on every machine; ``**`` is not.
    """
    squares: Float64Array = values * values
    if boxy:
        squares = squares * squares
        squares = squares * squares
    return squares


PERSON = Silhouette(
    (
        SilhouettePart(0, 1.60, 0.13, 0.16, boxy=False),
        SilhouettePart(0, 1.12, 0.28, 0.36),
        SilhouettePart(0, 0.42, 0.20, 0.43),
    )
)
CYCLIST = Silhouette(
    (
        SilhouettePart(0.05, 1.62, 0.13, 0.16, boxy=False),
        SilhouettePart(0, 1.18, 0.25, 0.34),
        SilhouettePart(0, 0.62, 0.16, 0.35),
        SilhouettePart(-0.52, 0.34, 0.34, 0.34, boxy=False),
        SilhouettePart(0.52, 0.34, 0.34, 0.34, boxy=False),
    )
)
CAR_BEHIND = Silhouette(
    (
        SilhouettePart(0, 0.72, 0.90, 0.48),
        SilhouettePart(0, 1.12, 0.70, 0.40),
        SilhouettePart(-0.66, 0.24, 0.16, 0.24),
        SilhouettePart(0.66, 0.24, 0.16, 0.24),
    )
)
CAR_BESIDE = Silhouette(
    (
        SilhouettePart(0, 0.62, 2.10, 0.36),
        SilhouettePart(-0.25, 1.05, 1.30, 0.46),
        SilhouettePart(-1.30, 0.32, 0.34, 0.32, boxy=False),
        SilhouettePart(1.30, 0.32, 0.34, 0.32, boxy=False),
    )
)
TRUCK = Silhouette(
    (
        SilhouettePart(0, 1.70, 1.25, 1.50),
        SilhouettePart(-0.9, 0.4, 0.2, 0.4),
        SilhouettePart(0.9, 0.4, 0.2, 0.4),
    )
)
BUS = Silhouette(
    (
        SilhouettePart(0, 1.65, 4.60, 1.40),
        SilhouettePart(-2.8, 0.45, 0.48, 0.45, boxy=False),
        SilhouettePart(2.9, 0.45, 0.48, 0.45, boxy=False),
    )
)
POLE = Silhouette((SilhouettePart(0, 2.4, 0.09, 2.5),), is_object=False)
