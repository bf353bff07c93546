"""Blocks of slots in the pool, and half-edges in them."""

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
    """The half-edge to a vertex, whose twin is in this slot there."""
    return (np.int64(to) << 32) | np.int64(slot)


@inlined
def other_end(half: Integer) -> Integer:
    """The vertex that a half-edge leads to."""
    return half >> 32


@inlined
def twin(half: Integer) -> Integer:
    """The slot of a half-edge's twin."""
    return half & 0xFFFFFFFF


@inlined
def kind_for(graph: Graph, slots: Integer) -> Integer:
    """The smallest kind of blocks with at least so many slots."""
    kind = 0
    while graph.sizes[kind] < slots:
        kind += 1
    return kind


@inlined
def take_block(graph: Graph, kind: Integer) -> Integer:
    """The start of a free or a new block; what is in it is arbitrary."""
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
    """Put a block on the list of free ones of its kind."""
    graph.halves[start] = graph.free[kind]
    graph.free[kind] = start


@inlined
def copy_slot(graph: Graph, to: Integer, slot: Integer) -> None:
    """Copy a slot of the pool to another."""
    graph.weights[to], graph.halves[to] = graph.weights[slot], graph.halves[slot]
    if graph.linkage in KEEP_SUMS:
        graph.sums[to] = graph.sums[slot]


@compiled
def grow(graph: Graph, v: Integer) -> None:
    """Move a vertex to a block with room for its live edges, which keep their slots."""
    vertex = graph.vertices[v]
    old, old_kind = np.int64(vertex.start), vertex.kind
    kind = kind_for(graph, vertex.live)
    start = take_block(graph, kind)
    for i in range(vertex.used):
        copy_slot(graph, start + i, old + i)
    free_block(graph, old, old_kind)
    vertex.start, vertex.kind = start, kind


@inlined
def take_slot(graph: Graph, vertex: Record) -> Integer:
    """An unused slot in a block with room for it."""
    slot = np.int64(vertex.unused)
    if slot == NO_SLOT:
        slot = np.int64(vertex.used)
        vertex.used = slot + 1
        return slot
    vertex.unused = twin(graph.halves[vertex.start + slot])
    return slot


@inlined
def free_slot(graph: Graph, vertex: Record, slot: Integer) -> None:
    """Make a slot unused; its twin is the next in the chain of unused slots."""
    at = vertex.start + slot
    graph.weights[at] = NO_WEIGHT
    graph.halves[at] = half_edge(len(graph.vertices) - 1, vertex.unused & 0xFFFFFFFF)
    vertex.unused = slot
    vertex.live -= 1
