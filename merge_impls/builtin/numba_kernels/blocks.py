"""The edges of a vertex, which are stored in a block: consecutive slots, with a half-edge in each."""

import numpy as np

from merge_impls.builtin.numba_kernels.compiling import inlined
from merge_impls.builtin.numba_kernels.layouts import (
    NO_BLOCK,
    NO_SLOT,
    NO_WEIGHT,
    Graph,
    Integer,
    Record,
)
from merge_impls.builtin.numba_kernels.linkage import KEEP_SUMS


@inlined
def make_half_edge(to: Integer, slot: Integer) -> Integer:
    """Make the half-edge that leads to vertex ``to``; its twin is in slot ``slot`` of that vertex."""
    return (np.int64(to) << 32) | np.int64(slot)


@inlined
def other_end(half: Integer) -> Integer:
    """The vertex that a half-edge leads to."""
    return half >> 32


@inlined
def twin_slot(half: Integer) -> Integer:
    """The slot that holds the twin of a half-edge, in the block of its other end."""
    return half & 0xFFFFFFFF


@inlined
def block_kind_for(graph: Graph, slots: Integer) -> Integer:
    """The kind of the smallest block with at least ``slots`` slots. Graph.sizes[kind] is its size."""
    kind = 0
    while graph.sizes[kind] < slots:
        kind += 1
    return kind


@inlined
def take_block(graph: Graph, kind: Integer) -> Integer:
    """Take a block from the free list of ``kind`` or, if the list is empty, a new block.

    The block holds arbitrary values. If it is one of a hub, keys must be set.
    """
    start = np.int64(graph.free[kind])
    if start != NO_BLOCK:
        graph.free[kind] = graph.halves[start]
        return start
    state = graph.state[0]
    start = state.end
    state.end = start + graph.rooms[kind]
    return start


@inlined
def free_block(graph: Graph, start: Integer, kind: Integer) -> None:
    """Put a block on the free list of its kind."""
    graph.halves[start] = graph.free[kind]
    graph.free[kind] = start


@inlined
def copy_slot(graph: Graph, to: Integer, slot: Integer) -> None:
    """Copy the weight, the half-edge and the sum from one slot to another.

    Both slots are given as indices of the arrays of ``Graph``, not relative to a block.
    """
    graph.weights[to], graph.halves[to] = graph.weights[slot], graph.halves[slot]
    if graph.linkage in KEEP_SUMS:
        graph.sums[to] = graph.sums[slot]


@inlined
def take_slot(graph: Graph, vertex: Record) -> Integer:
    """Take an unused slot for one more edge of a vertex. The block must have room for it."""
    slot = np.int64(vertex.unused)
    if slot == NO_SLOT:
        slot = np.int64(vertex.used)
        vertex.used = slot + 1
        return slot
    vertex.unused = twin_slot(graph.halves[vertex.start + slot])
    return slot


@inlined
def free_slot(graph: Graph, vertex: Record, slot: Integer) -> None:
    """Remove the edge in a slot of a vertex, and put the slot on the vertex's list of unused slots."""
    # Unused slots form a linked list: in place of a twin, each holds the next unused slot.
    at = vertex.start + slot
    graph.weights[at] = NO_WEIGHT
    graph.halves[at] = make_half_edge(len(graph.vertices) - 1, vertex.unused & 0xFFFFFFFF)
    vertex.unused = slot
    vertex.live -= 1
