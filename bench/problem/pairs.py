"""Pixel pairs at an offset: how the arrays of both ends line up, and the mean of both directions."""

from collections.abc import Sequence

import numpy as np

Window = tuple[slice, slice]


def both_ends(size: tuple[int, int], offset: tuple[int, int]) -> tuple[Window, Window]:
    """Where p and p + offset are both inside an image of ``size``: the windows of p and of p + offset.

    Both are empty, and of equal shape, for an offset longer than the image.
    """
    here, there = [], []
    for length, step in zip(size, offset, strict=True):
        room = max(0, length - abs(step))
        first = min(max(0, -step), length - room)
        here.append(slice(first, first + room))
        there.append(slice(first + step, first + step + room) if room else slice(0, 0))
    return tuple(here), tuple(there)


def average_directions(
    directed: np.ndarray, channels: Sequence[tuple[int, int]], offsets: Sequence[tuple[int, int]]
) -> np.ndarray:
    """One affinity a pair: the mean of what both its pixels say (section 3.4).

    directed: (K2, H, W) probabilities, one channel a direction.
    channels: for each offset the channel that speaks of p + offset at p, and the one that speaks of p at
        p + offset. Returns (K, H, W) float32 with value [k, p] for the pair (p, p + offsets[k]), 0 where
        the pair leaves the image.
    """
    size = directed.shape[1:]
    undirected = np.zeros((len(offsets), *size), np.float32)
    for index, ((forth, back), offset) in enumerate(zip(channels, offsets, strict=True)):
        here, there = both_ends(size, offset)
        undirected[index][here] = (directed[forth][here] + directed[back][there]) / 2
    return undirected
