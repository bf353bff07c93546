"""The arrays that compiled functions share, and their types: Python's and numba's.

Vertices are numbered 0..n-1 over the foreground in raster order. A super-vertex keeps the number of
one of its vertices; its name is the smallest vertex in it. Row n of ``Graph.vertices`` is the
sentinel, to which unused slots lead.

Every super-edge is stored at both ends, as a half-edge, in the block of slots of that vertex. A
half-edge holds the slot of its twin, the half-edge at the other end, so no search is needed. Slots
count from the start of the block, so a block can move.
"""

from typing import Annotated, Any, NamedTuple

import numpy as np
import numpy.typing as npt
from numba import from_dtype, int32, int64, types, uint8, uint16

from merge_impls.arrays import Int32Array, Int64Array, StructuredArray, UInt16Array

# Sentinels: what an index or a weight is where there is none.
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
        ("used", np.int32),  # slots that have ever held an edge: 0 .. used - 1
        ("live", np.int32),  # slots that hold an edge now
        ("unused", np.int32),  # the first slot on the free list of those below used, or NO_SLOT
        ("mark", np.int32),  # a slot in some block: see mark_neighbours
        ("best", np.int32),  # the other end of its best edge, or negative: see best_edge_of
    ],
    align=True,
)
EDGE = np.dtype(
    [
        ("a", np.int32),
        ("b", np.int32),
        ("total", np.int64),
        ("count", np.int64),
        ("weight", np.float32),  # of an edge of earlier stages without sum; else -1
    ],
    align=True,
)
RUN = np.dtype([("begin", np.int32), ("end", np.int32), ("label", np.int32)], align=True)
STATE = np.dtype(
    [
        ("end", np.int64),  # of the slots in use
        ("height", np.int64),  # of the worklist
        ("marked", np.int64),  # the vertex whose neighbours' marks are right, or NO_VERTEX
        ("merges", np.int64),
        ("tile", np.int64),  # the next one to look at
        ("num_wide", np.int64),  # rows of Graph.wide in use
    ],
    align=True,
)
VERTICES = from_dtype(VERTEX)[::1]
EDGES = from_dtype(EDGE)[::1]
RUNS = from_dtype(RUN)[::1]
AFFINITIES = types.Array(uint16, 1, "C", readonly=True)

# Types in annotations; the numba type behind one is what a compiled signature says.
Integer = int | np.int32 | np.int64
Int32s = Annotated[Int32Array, int32[::1]]
Int64s = Annotated[Int64Array, int64[::1]]
Int32Rows = Annotated[Int32Array, int32[:, ::1]]
Int64Rows = Annotated[Int64Array, int64[:, ::1]]
Uint8s = Annotated[npt.NDArray[np.uint8], uint8[::1]]
Uint16s = Annotated[UInt16Array, AFFINITIES]
Records = StructuredArray
Record = Any  # one of Records; only compiled code reads the fields of a row as attributes
Vertices = Annotated[Records, VERTICES]
States = Annotated[Records, from_dtype(STATE)[::1]]


class Graph(NamedTuple):
    """The super-vertices and super-edges of one stage."""

    vertices: Vertices  # n + 1 rows
    best_weights: Int32s  # bits of a float32, at least as heavy as the best edge of a vertex
    names: Int32s
    parents: Int32s  # the vertex it was merged into; itself while it lives
    weights: Int32s  # of each slot: bits of a float32, NO_WEIGHT if it is unused
    halves: Int64s  # of each slot: the vertex at the other end << 32 | the slot there
    sums: Int64s  # of each slot: see add_sums; empty if the linkage keeps none
    wide: Int64Rows  # (total, count) of sums that are too large to be packed
    most_packed: Annotated[int, int64]  # the largest count that is packed, 2 ** bits - 1
    linkage: Annotated[int, int64]  # see linkage.LINKAGE_NUMBERS
    sizes: Int64s  # of the kinds of blocks
    pixel_kind: Annotated[int, int64]  # of the block of a pixel
    free: (
        Int32s  # the first block on the free list of each kind, or NO_BLOCK; the next is in halves
    )
    worklist: Int32s
    waiting: Uint8s  # whether a vertex is in the worklist
    joined: Int32s  # slots, while contract_edge splits the edges of a vertex
    inherited: Int32s
    merges: Int32Rows  # rows of bits of the weight and names a < b
    state: States  # one row


class Pixels(NamedTuple):
    """The grid, and the neighbours of a pixel in the first stage that has edges.

    Neighbour i + P / 2 lies opposite neighbour i. Explicit edges: nothing.
    """

    shape: Int64s  # three axes
    margin: Int64s  # how far from the border of the grid all pixels have all neighbours
    steps: Int64Rows  # (P, 3)
    jumps: Int64s  # the steps in raster order
    shifts: Int64s  # from a pixel's raster index to that of the edge's affinity
    affinities: Uint16s
    numbers: Int32s  # of each pixel its vertex, NO_VERTEX outside the mask
    pixels: Int32s  # of each vertex


def named_tuple_type(layout: type[NamedTuple]) -> types.Type:
    """The numba type of a named tuple all of whose annotations have one."""
    fields = [annotation.__metadata__[0] for annotation in layout.__annotations__.values()]
    named_tuple: Any = types.NamedTuple  # numba gives its arguments no types
    made: types.Type = named_tuple(fields, layout)
    return made


GRAPH = named_tuple_type(Graph)
PIXELS = named_tuple_type(Pixels)
