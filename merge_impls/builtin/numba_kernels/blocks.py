"""The edges of each vertex: a block of consecutive slots of the graph's arrays, a half-edge in each."""

import numpy as np

from merge_impls.builtin.numba_kernels.compiling import compiled, inlined
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
def half_edge(to: Integer, slot: Integer) -> Integer:
    """The half-edge that leads to a vertex and has its twin in this slot of that vertex."""
    return (np.int64(to) << 32) | np.int64(slot)


@inlined
def other_end(half: Integer) -> Integer:
    """The vertex that a half-edge leads to."""
    return half >> 32


@inlined
def twin_slot(half: Integer) -> Integer:
    """The slot of a half-edge's twin."""
    return half & 0xFFFFFFFF


@inlined
def block_kind_for(graph: Graph, slots: Integer) -> Integer:
    """The kind of the smallest blocks that have at least so many slots."""
    kind = 0
    while graph.sizes[kind] < slots:
        kind += 1
    return kind


@inlined
def take_block(graph: Graph, kind: Integer) -> Integer:
    """The start of a block from the free list of its kind or of a new one; its contents are arbitrary."""
    start = np.int64(graph.free[kind])
    if start != NO_BLOCK:
        graph.free[kind] = graph.halves[start]
        return start
    state = graph.state[0]
    start = state.end
    state.end = start + graph.sizes[kind]
    return start


@inlined
def free_block(graph: Graph, start: Integer, kind: Integer) -> None:
    """Put a block on the free list of its kind."""
    graph.halves[start] = graph.free[kind]
    graph.free[kind] = start


@inlined
def copy_slot(graph: Graph, to: Integer, slot: Integer) -> None:
    """Copy weight, half-edge and sum of a slot to another; both are indices of the graph's arrays."""
    graph.weights[to], graph.halves[to] = graph.weights[slot], graph.halves[slot]
    if graph.linkage in KEEP_SUMS:
        graph.sums[to] = graph.sums[slot]


@compiled
def grow_block(graph: Graph, v: Integer) -> None:
    """Move a vertex to a block with room for its live edges, which keep their slots."""
    vertex = graph.vertices[v]
    old, old_kind = np.int64(vertex.start), vertex.kind
    kind = block_kind_for(graph, vertex.live)
    start = take_block(graph, kind)
    for i in range(vertex.used):
        copy_slot(graph, start + i, old + i)
    free_block(graph, old, old_kind)
    vertex.start, vertex.kind = start, kind


@inlined
def take_slot(graph: Graph, vertex: Record) -> Integer:
    """A slot for one more edge of a vertex, whose block must have room for it."""
    slot = np.int64(vertex.unused)
    if slot == NO_SLOT:
        slot = np.int64(vertex.used)
        vertex.used = slot + 1
        return slot
    vertex.unused = twin_slot(graph.halves[vertex.start + slot])
    return slot


@inlined
def free_slot(graph: Graph, vertex: Record, slot: Integer) -> None:
    """Put the slot of an edge on the free list, where its twin is the next slot of the list."""
    at = vertex.start + slot
    graph.weights[at] = NO_WEIGHT
    graph.halves[at] = half_edge(len(graph.vertices) - 1, vertex.unused & 0xFFFFFFFF)
    vertex.unused = slot
    vertex.live -= 1
