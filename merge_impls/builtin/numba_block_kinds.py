"""The kinds of blocks of slots in a graph of the backend ``numba``: their sizes, and where keys lie."""

from typing import NamedTuple

import numpy as np

from merge_impls.arrays import Int64Array
from merge_impls.builtin.numba_kernels.hub import FETCH_NUMBERS

HUB_CAPACITY = 512
"""A vertex with a block of this number of slots or more is a hub, unless blocks of pixels are as large."""

PART_BITS, GROUP_BITS = 4, 4
"""The lowest keys of a hub are for 16 slots each, all other keys for 16 keys of the level below."""


class BlockKinds(NamedTuple):
    """The fields of a ``Graph`` that describe kinds of blocks."""

    sizes: Int64Array
    rooms: Int64Array
    levels: Int64Array
    num_levels: Int64Array
    pixel_kind: int
    hub_kind: int
    part_bits: int
    group_bits: int


def _block_sizes(largest: int) -> Int64Array:
    """The sizes of blocks in slots: 4, 8, 16, 24, 32, 48, 64, 96, ...; the last is >= ``largest``."""
    sizes = [4, 8]
    while sizes[-1] < largest:
        sizes.append(sizes[-1] + max(8, 1 << sizes[-1].bit_length() - 2))
    return np.array(sizes)


def _places_of_keys(sizes: Int64Array) -> tuple[Int64Array, Int64Array]:
    """Where the keys of a hub begin, level by level, and where they end, counted from its first slot.

    sizes: int64 (kinds,), the number of slots of each kind of block.
    Returns the places, int64 (kinds, most levels + 1), and the numbers of levels, int64 (kinds,).
    After the last level of a kind, the place where its keys end is repeated.
    """
    keys = -(-sizes >> PART_BITS)
    places, num_levels = [sizes, sizes + keys], np.ones(len(sizes), np.int64)
    while keys[-1] > 1 << GROUP_BITS:
        has_more = keys > 1 << GROUP_BITS
        keys = np.where(has_more, -(-keys >> GROUP_BITS), 0)
        places.append(places[-1] + keys)
        num_levels += has_more
    return np.stack(places, axis=1), num_levels


def make_block_kinds(num_vertices: int, degree: int) -> BlockKinds:
    """Make all kinds of blocks that a graph needs. degree: the number of slots of a pixel's block."""
    sizes = _block_sizes(2 * max(num_vertices, degree, 1))
    pixel_kind = int(np.searchsorted(sizes, degree))
    hub_kind = max(int(np.searchsorted(sizes, HUB_CAPACITY)), pixel_kind + 1)
    levels, num_levels = _places_of_keys(sizes)
    rooms = sizes.copy()
    rooms[hub_kind:] = levels[hub_kind:, -1] + FETCH_NUMBERS
    return BlockKinds(sizes, rooms, levels, num_levels, pixel_kind, hub_kind, PART_BITS, GROUP_BITS)
