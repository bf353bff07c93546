"""A graph in which pairs of large segments merge: square blocks of pixels, up to half of the grid.

About every third pixel is dust: a pixel that merges with nothing. So a large segment has many neighbours,
the dust inside it. When two segments merge, both have about equally many neighbours, and they have the dust
along their border in common.
"""

import numpy as np

from merge_impls.arrays import Int64Array
from merge_impls.fields.grid_sizes import grid_shape
from merge_impls.fields.portable_random import PortableRandom
from merge_impls.fixed_point_affinities import ONE
from merge_impls.offsets import pair_slices
from merge_impls.problem import MergeProblem

OFFSETS = np.array([(0, 1), (1, 0), (0, 5), (5, 0)])

_HIGHEST, _STEP = ONE * 15 // 16, ONE // 40
"""The mean affinity inside a block is ``_HIGHEST - n * _STEP`` for a block of 2**n pixels a side."""

_DUST = ONE // 4
"""The mean affinity of an edge of a dust pixel."""


def meeting_segments(edges: int, random: PortableRandom, linkage: str) -> MergeProblem:
    """A square grid with four offsets: nested blocks of 2 x 2, 4 x 4, 8 x 8 ... pixels, and dust."""
    shape = grid_shape(edges // len(OFFSETS), (1, 1))
    dust = random.integers(shape, 32) * 3 >> 32 == 0
    affinities = np.zeros((len(OFFSETS), *shape), np.uint16)
    for channel, offset in zip(affinities, OFFSETS, strict=True):
        first, second = pair_slices(shape, offset)
        doublings = _log2_side_of_common_block(shape, offset)
        values = np.where(dust[first] | dust[second], _DUST, _HIGHEST - _STEP * doublings)
        values += random.bell_shaped(values.shape) * 4
        channel[first] = values
    return MergeProblem.from_grid(affinities, OFFSETS, [0] * 4, [0.5], linkage=linkage)


def _log2_side_of_common_block(shape: tuple[int, ...], offset: Int64Array) -> Int64Array:
    """int64, for each pair of pixels: n if the smallest block with both pixels has 2**n pixels a side."""
    rows, columns = (
        _highest_different_bit(length, step)
        for length, step in zip(shape, offset.tolist(), strict=True)
    )
    return np.maximum(rows[:, None], columns[None, :])


def _highest_different_bit(length: int, step: int) -> Int64Array:
    """For each x: the position, counted from 1, of the highest bit in which x and x + step differ."""
    numbers = range(length - step)
    return np.array([(number ^ (number + step)).bit_length() for number in numbers], np.int64)
