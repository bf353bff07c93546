"""Blocks of places in the pool, and half-edges in them."""

import numpy as np

from merge_impls.builtin.numba_kernels.compiling import compiled, inlined

NONE = -1
ABSENT = -1


@inlined
def half_edge(to, place):
    """A half-edge."""
    return (np.int64(to) << 32) | np.int64(place)


@inlined
def other_end(half):
    """The vertex that a half-edge leads to."""
    return half >> 32


@inlined
def twin(half):
    """The place of a half-edge's other half."""
    return half & 0xFFFFFFFF


@inlined
def kind_for(graph, places):
    """The smallest kind of blocks with so many places."""
    kind = 0
    while graph.sizes[kind] < places:
        kind += 1
    return kind


@inlined
def take_block(graph, kind):
    """The start of a block, which is not cleared."""
    start = np.int64(graph.free[kind])
    if start != NONE:
        graph.free[kind] = graph.halves[start]
        return start
    state = graph.state[0]
    start = state.end
    state.end = start + graph.sizes[kind]
    return start


@inlined
def give_block(graph, start, kind):
    """Keep a block for whoever needs one of its kind."""
    graph.halves[start] = graph.free[kind]
    graph.free[kind] = start


@inlined
def copy_place(graph, to, place):
    """Copy what a place of the pool holds to another."""
    graph.weights[to], graph.halves[to] = graph.weights[place], graph.halves[place]
    if graph.average:
        graph.sums[to] = graph.sums[place]


@compiled
def grow(graph, v):
    """Room at a vertex for all edges that it will have, which keep their places."""
    vertex = graph.vertices[v]
    old, old_kind = np.int64(vertex.start), vertex.kind
    kind = kind_for(graph, vertex.live)
    start = take_block(graph, kind)
    for i in range(vertex.used):
        copy_place(graph, start + i, old + i)
    give_block(graph, old, old_kind)
    vertex.start, vertex.kind = start, kind


@inlined
def take_place(graph, vertex):
    """An unused place in a block with room for it."""
    place = np.int64(vertex.unused)
    if place == NONE:
        place = np.int64(vertex.used)
        vertex.used = place + 1
        return place
    vertex.unused = twin(graph.halves[vertex.start + place])
    return place


@inlined
def leave_place(graph, vertex, place):
    """A place becomes unused; the chain of unused ones goes on in its twin."""
    at = vertex.start + place
    graph.weights[at] = ABSENT
    graph.halves[at] = half_edge(len(graph.vertices) - 1, vertex.unused & 0xFFFFFFFF)
    vertex.unused = place
    vertex.live -= 1
