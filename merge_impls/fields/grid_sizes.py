"""Shapes of grids that have about a given number of edges, computed with integers alone."""

import math


def grid_shape(pixels: int, proportions: tuple[int, ...]) -> tuple[int, ...]:
    """The shape with about so many pixels and with axes in these proportions; no axis is empty."""
    degree, volume = len(proportions), math.prod(proportions)
    return tuple(
        max(1, rounded_root(pixels * part**degree // volume, degree)) for part in proportions
    )


def rounded_root(value: int, degree: int) -> int:
    """The integer nearest to the ``degree``-th root of ``value``."""
    root: int = round(value ** (1 / degree))
    # The power above differs between machines in its last bits.
    while (2 * root + 1) ** degree <= 2**degree * value:
        root += 1
    while root and (2 * root - 1) ** degree > 2**degree * value:
        root -= 1
    return root
