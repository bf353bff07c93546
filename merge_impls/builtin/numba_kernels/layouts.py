"""The arrays that compiled functions share; annotations are numba's types, for signatures.

Vertices are numbered 0..n-1 over the foreground in raster order. A super-vertex keeps the number of
one of its vertices; its name is the smallest vertex in it. Row n of ``Graph.vertices`` is the sentinel: what
an unused slot leads to.

Every super-edge stands at both ends, as a half-edge, in the block of slots of that vertex. A
half-edge knows the slot of the one at the other end, its twin, so nothing is ever searched for.
Slots count from the start of the block, so a block can move.
"""

from typing import NamedTuple

import numpy as np
from numba import boolean, from_dtype, int32, int64, types, uint8, uint16

# What stands where there is no such thing.
NO_VERTEX = -1
NO_SLOT = -1
NO_BLOCK = -1
NO_WEIGHT = -1  # the bits of every weight are larger
NOT_MADE = -1  # in place of the start of a block
MUST_GROW = -1  # in place of a number of edges

VERTEX = np.dtype(
    [
        ("start", np.int32),  # of its block; NOT_MADE while a pixel's edges are those of the grid
        ("kind", np.int32),  # of its block: there are Graph.sizes[kind] slots
        ("used", np.int32),  # slots ever used; those behind are unused, too
        ("live", np.int32),  # edges
        ("unused", np.int32),  # the first unused slot below used, or NO_SLOT
        ("mark", np.int32),  # a slot in some block: see mark_neighbours
        ("best", np.int32),  # the other end of its best edge, or negative: see best_of
    ],
    align=True,
)
EDGE = np.dtype(
    [
        ("a", np.int32),
        ("b", np.int32),
        ("total", np.int64),
        ("count", np.int64),
        ("weight", np.float32),  # "weighted": of an edge of earlier stages, -1 if there is none
    ],
    align=True,
)
RUN = np.dtype([("begin", np.int32), ("end", np.int32), ("label", np.int32)], align=True)
STATE = np.dtype(
    [
        ("end", np.int64),  # slots of the pool in use
        ("height", np.int64),  # of the worklist
        ("marked", np.int64),  # the vertex whose neighbours' marks are right, or NO_VERTEX
        ("merges", np.int64),
        ("tile", np.int64),  # the next one to look at
        ("num_wide", np.int64),  # rows of Graph.wide in use
    ],
    align=True,
)


class Graph(NamedTuple):
    """The super-vertices and super-edges of one stage."""

    vertices: from_dtype(VERTEX)[::1]  # n + 1 rows
    best_weights: int32[::1]  # bits of a float32, at least as heavy as the best edge of a vertex
    names: int32[::1]
    parents: int32[::1]  # the vertex it was merged into; itself while it lives
    weights: int32[::1]  # of each slot of the pool: bits of a float32, NO_WEIGHT if it is unused
    halves: int64[::1]  # of each slot: the vertex at the other end << 32 | the slot there
    sums: int64[::1]  # "average", of each slot: see added; else empty
    wide: int64[:, ::1]  # (total, count) of sums that are too large to be packed
    most_packed: int64  # the largest count that is packed, 2 ** bits - 1
    average: boolean
    sizes: int64[::1]  # of the kinds of blocks
    pixel_kind: int64  # of the block of a pixel
    free: int32[::1]  # of each kind the first free block, or NO_BLOCK; the next is in halves
    worklist: int32[::1]
    waiting: uint8[::1]  # whether a vertex is in the worklist
    joined: int32[::1]  # room to sort out the edges of a vertex
    inherited: int32[::1]
    merges: int32[:, ::1]  # rows of bits of the weight and names a < b
    state: from_dtype(STATE)[::1]  # one row


class Pixels(NamedTuple):
    """The grid, and the neighbours of a pixel in the first stage that has edges.

    Neighbour i + P / 2 lies opposite neighbour i. Explicit edges: nothing.
    """

    shape: int64[::1]  # three axes
    margin: int64[::1]  # how far from the border of the grid all pixels have all neighbours
    steps: int64[:, ::1]  # (P, 3)
    jumps: int64[::1]  # the steps in raster order
    shifts: int64[::1]  # from a pixel's raster index to that of the edge's affinity
    affinities: types.Array(uint16, 1, "C", readonly=True)
    numbers: int32[::1]  # of each pixel its vertex, NO_VERTEX outside the mask
    pixels: int32[::1]  # of each vertex


VERTICES = from_dtype(VERTEX)[::1]
RUNS = from_dtype(RUN)[::1]
EDGES = from_dtype(EDGE)[::1]
GRAPH = types.NamedTuple(list(Graph.__annotations__.values()), Graph)
PIXELS = types.NamedTuple(list(Pixels.__annotations__.values()), Pixels)
AFFINITIES = Pixels.__annotations__["affinities"]
