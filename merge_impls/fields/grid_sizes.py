"""Shapes of grids with about a given number of pixels. Exact integers make them the same on every machine."""

import math


def grid_shape(pixels: int, proportions: tuple[int, ...]) -> tuple[int, ...]:
    """The shape of a grid with about ``pixels`` pixels. proportions: of the axes, for example (1, 2)."""
    degree, volume = len(proportions), math.prod(proportions)
    return tuple(
        max(1, rounded_root(pixels * part**degree // volume, degree)) for part in proportions
    )


def rounded_root(value: int, degree: int) -> int:
    """The integer nearest to the ``degree``-th root of ``value``."""
    root: int = round(value ** (1 / degree))
    # The power above may differ between machines in its last bits, so the root is corrected exactly.
    while (2 * root + 1) ** degree <= 2**degree * value:
        root += 1
    while root and (2 * root - 1) ** degree > 2**degree * value:
        root -= 1
    return root
