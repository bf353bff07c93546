"""The channels of the affinity network: 8 neighbours at each distance (section 3.3, equations 1 and 2)."""

from collections.abc import Sequence

NEIGHBOURS = ((-1, -1), (-1, 0), (-1, 1), (0, -1), (0, 1), (1, -1), (1, 0), (1, 1))
"""The eight neighbours (dy, dx) of equation 2 at distance 1, from top left to bottom right, row by row.

Channel 8 * i + j of the affinity network belongs to the offset distances[i] * NEIGHBOURS[j].
"""


def channel_offsets(distances: Sequence[int]) -> list[tuple[int, int]]:
    """The offset (dy, dx) in pixels of each channel of the affinity network (equation 1)."""
    return [(distance * dy, distance * dx) for distance in distances for dy, dx in NEIGHBOURS]
