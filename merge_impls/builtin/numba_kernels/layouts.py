"""The arrays that compiled functions share, with their Python types and numba types.

The n vertices of the foreground are numbered in raster order. A super-vertex has the number of one of
its vertices, while its name is its smallest vertex. The last row of ``Graph.vertices``, row n, is the
sentinel: unused slots lead to it.

A super-edge is stored twice, as two half-edges: one in a slot of each end. The slots of a vertex are
consecutive and form a block. A half-edge holds the number of the slot of its twin, which is the
half-edge at the other end. Slots are numbered from the first slot of a block, so a block can move. A vertex
with a large block is a hub: its block is followed by keys, see ``hub``.
"""

from typing import Annotated, Any, NamedTuple

import numpy as np
from numba import from_dtype, int32, int64, types, uint16

from merge_impls.arrays import Int32Array, Int64Array, StructuredArray, UInt16Array

# Values that stand for a missing index or weight.
NO_VERTEX = -1
NO_SLOT = -1
NO_BLOCK = -1
NO_WEIGHT = -1  # less than the bits of any weight
NOT_MADE = -1  # the start of the block of a pixel that has no block yet
NO_HUB_EDGE = -1  # a free row of Graph.hub_edges
NOT_FILLED = -1  # the length of the queue, before it is filled
MUST_GROW = -1  # the number of edges, if the graph has to grow before they can be counted

# A row takes 32 bytes, so that two rows fit into a line of the processor's cache.
VERTEX = np.dtype(
    [
        ("start", np.int32),  # the first index of the block; NOT_MADE if a pixel has no block yet
        ("kind", np.int32),  # the kind of the block, which has Graph.sizes[kind] slots
        ("used", np.int32),  # slots 0 .. used - 1 have held an edge at some time
        ("live", np.int32),  # the number of slots that hold an edge
        ("unused", np.int32),  # the head of the list of used slots that hold no edge, or NO_SLOT
        ("mark", np.int32),  # a slot of another vertex: see mark_neighbours
        ("best", np.int32),  # the other end of the best edge; negative if stale: see best_edge_of
        ("waiting", np.int32),  # whether the vertex is in the worklist
    ],
    align=True,
)
EDGE = np.dtype(
    [
        ("a", np.int32),  # a and b are the two ends
        ("b", np.int32),
        ("total", np.int64),  # the sum of affinities or, for single and complete, one affinity
        ("count", np.int64),  # how many affinities are added up; 0 if only the weight is known
        ("weight", np.float32),  # the weight after earlier stages, if they keep no sum; else -1
    ],
    align=True,
)
# Pixels begin .. end - 1 of a row of the grid have the same label.
RUN = np.dtype([("begin", np.int32), ("end", np.int32), ("label", np.int32)], align=True)
STATE = np.dtype(
    [
        ("end", np.int64),  # slots before this index belong to a block
        ("height", np.int64),  # the number of vertices in the worklist
        ("marked", np.int64),  # the vertex whose neighbours' marks are right, or NO_VERTEX
        ("merges", np.int64),  # the number of merges in this stage
        ("tile", np.int64),  # the number of the next tile of pixels
        ("num_wide", np.int64),  # the number of rows of Graph.wide in use
        ("unmade", np.int64),  # the number of pixels that have no block yet
        ("num_hubs", np.int64),  # the number of hubs
        ("num_hub_edges", np.int64),  # the number of rows of Graph.hub_edges in use
        ("patience", np.int64),  # how much waiting may still cost: see loop
        ("queued", np.int64),  # the number of rows of Graph.queue in use, or NOT_FILLED
        ("bucket", np.int64),  # the bucket whose vertices are in Graph.queue
        ("changed", np.int64),  # 1 if another thread has changed the affinities during the merge
    ],
    align=True,
)
VERTICES = from_dtype(VERTEX)[::1]
EDGES = from_dtype(EDGE)[::1]
RUNS = from_dtype(RUN)[::1]
AFFINITIES = types.Array(uint16, 1, "C", readonly=True)
PAIRS = types.Array(int64, 2, "C", readonly=True)
TOTALS = types.Array(int64, 1, "C", readonly=True)

# Types for annotations. The second argument of Annotated is the numba type.
Integer = int | np.int32 | np.int64
Int32s = Annotated[Int32Array, int32[::1]]
Int64s = Annotated[Int64Array, int64[::1]]
Int32Rows = Annotated[Int32Array, int32[:, ::1]]
Int64Rows = Annotated[Int64Array, int64[:, ::1]]
Uint16s = Annotated[UInt16Array, AFFINITIES]
Records = StructuredArray
Record = Any  # one row of Records; only compiled code can read its fields as attributes
Vertices = Annotated[Records, VERTICES]
States = Annotated[Records, from_dtype(STATE)[::1]]


class Graph(NamedTuple):
    """The super-vertices and super-edges of one stage."""

    # One entry for each vertex:
    vertices: Vertices  # one more row for the sentinel
    best_weights: Int32s  # the bits of an upper bound of the weight of the best edge
    names: Int32s  # the smallest vertex of a super-vertex
    parents: Int32s  # the vertex into which a vertex was merged, or the vertex itself
    # One entry for each slot:
    weights: Int32s  # the bits of the weight, or NO_WEIGHT if the slot is unused
    halves: Int64s  # the half-edge: other end << 32 | slot of the twin; also the keys of hubs
    sums: Int64s  # the sum of the pixel edges, see add_sums; empty if the linkage keeps none
    # All others:
    wide: Int64Rows  # (total, count) of sums that are too large to be packed
    most_packed: Annotated[int, int64]  # the largest count that is packed, 2 ** bits - 1
    linkage: Annotated[int, int64]  # see linkage.LINKAGE_NUMBERS
    sizes: Int64s  # the number of slots of each kind of block
    rooms: Int64s  # the number of entries that each kind of block takes, with the keys of a hub
    pixel_kind: Annotated[int, int64]  # the kind of a new pixel's block
    hub_kind: Annotated[int, int64]  # a vertex with a block of this kind or a larger one is a hub
    part_bits: Annotated[int, int64]  # a key of a hub is for 2 ** part_bits slots
    group_bits: Annotated[int, int64]  # and 2 ** group_bits keys have a key on the next level
    levels: Int64Rows  # for each kind of hub, where the keys of each level begin, and the end
    num_levels: Int64s  # for each kind of hub, the number of levels
    hub_edges: Int64Rows  # a hash table: the ends of an edge between hubs, its slot at the first
    free: Int32s  # for each kind the first free block, or NO_BLOCK; halves holds the next one
    worklist: Int32s  # the vertices to visit
    queue: Int64Rows  # vertices in the order of their best edges, see vertex_queue
    first_in_bucket: Int32s  # the first vertex of each bucket of weights, or NO_VERTEX
    next_in_bucket: Int32s  # for each vertex the next one in the same bucket, or NO_VERTEX
    fetched: Int64Rows  # for fetch_ahead: two lists of parts or of vertices
    joined: Int32s  # for contract_edge: slots of edges that are joined
    inherited: Int32s  # for contract_edge: slots of edges that are inherited
    merges: Int32Rows  # for each merge: the bits of the weight, and the names a < b
    state: States  # one row
    stop: Int32s  # one entry, which is not 0 if the merge must stop


class Pixels(NamedTuple):
    """The grid, and the P neighbours of a pixel in the first stage that has edges.

    Neighbours i and i + P / 2 lie opposite each other. For explicit edges, all arrays but ``pixels``
    are empty or zero.
    """

    shape: Int64s  # the lengths of the three axes
    margin: Int64s  # pixels that are this far from the border of the grid have all neighbours
    steps: Int64Rows  # (P, 3), the offset to each neighbour
    jumps: Int64s  # (P,), the raster index of the neighbour - the raster index of the pixel
    shifts: Int64s  # (P,), the index of the edge in affinities - the raster index of the pixel
    affinities: Uint16s  # (K * n,), of all offsets
    numbers: Int32s  # the vertex of each pixel, NO_VERTEX outside the mask
    pixels: Int32s  # the pixel of each vertex
    stop: Int32s  # one entry, which is not 0 if the merge must stop


class ExplicitEdges(NamedTuple):
    """The explicit edges of a problem, of all stages. All arrays are read-only."""

    ends: Annotated[Int64Array, PAIRS]  # (M, 2), the two vertices of each edge
    affinities: Uint16s  # (M,)
    totals: Annotated[Int64Array, TOTALS]  # (M,), or empty if each edge is one pixel edge
    counts: Annotated[Int64Array, TOTALS]  # (M,), or empty if each edge is one pixel edge


def named_tuple_type(layout: type[NamedTuple]) -> types.Type:
    """The numba type of a named tuple whose fields are annotated with numba types."""
    fields = [annotation.__metadata__[0] for annotation in layout.__annotations__.values()]
    named_tuple: Any = types.NamedTuple  # Any, because numba does not annotate its arguments
    made: types.Type = named_tuple(fields, layout)
    return made


GRAPH = named_tuple_type(Graph)
PIXELS = named_tuple_type(Pixels)
EXPLICIT_EDGES = named_tuple_type(ExplicitEdges)
