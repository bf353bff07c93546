"""The best edge of a vertex, and the worklist of vertices to visit.

The best edge is the one of highest rank: the heaviest or, among equally heavy ones, the one that goes
first by the tie rule of CONTRACT.md.
"""

import numpy as np

from merge_impls.builtin.numba_kernels.blocks import other_end
from merge_impls.builtin.numba_kernels.compiling import compiled, inlined
from merge_impls.builtin.numba_kernels.fetch_ahead import fetch_ahead
from merge_impls.builtin.numba_kernels.hub import (
    LARGEST_NAME,
    is_hub,
    key_of,
    largest_key_of,
    lower_key,
    part_with_largest_key,
)
from merge_impls.builtin.numba_kernels.layouts import (
    NO_SLOT,
    NO_WEIGHT,
    NOT_FILLED,
    Graph,
    Int32s,
    Integer,
    Pixels,
)
from merge_impls.builtin.numba_kernels.linkage import ORDER_IS_FREE
from merge_impls.builtin.numba_kernels.pixel_edges import make_pixel_edges

PATIENCE_PER_SEARCH = 64
"""A search for a best edge costs at most this patience, otherwise as much as there are edges."""


# Loops without branches, so that the compiler can vectorise them.
@inlined
def largest_weight(weights: Int32s) -> Integer:
    """The largest weight, or NO_WEIGHT. weights: the bits of a float32 for each slot, or NO_WEIGHT."""
    heaviest = np.int32(NO_WEIGHT)
    for i in range(len(weights)):
        heaviest = max(heaviest, weights[i])
    return heaviest


@inlined
def slots_of_weight(weights: Int32s, weight: Integer) -> tuple[Integer, Integer]:
    """The first and the last slot with this weight. weights: the bits of a float32 for each slot."""
    first: Integer
    last: Integer
    first, last = np.int32(len(weights)), np.int32(NO_SLOT)
    for i in range(np.int32(len(weights))):
        is_equal = weights[i] == weight
        first = min(first, i if is_equal else first)
        last = max(last, i if is_equal else last)
    return first, last


@compiled
def break_tie(graph: Graph, start: Integer, first: Integer, last: Integer) -> Integer:
    """Return the other end of the best edge of a vertex if several edges have the largest weight.

    All these edges have the vertex in common, so the best one leads to the largest name.

    start: the first index of the slots that were searched. first, last: the first and the last of them
    that have the largest weight, counted from start.
    """
    best = other_end(graph.halves[start + first])
    for i in range(start + first + 1, start + last + 1):
        to = other_end(graph.halves[i])
        if graph.weights[i] == graph.weights[start + first] and graph.names[to] > graph.names[best]:
            best = to
    return best


@compiled
def find_best_edge_of_hub(graph: Graph, v: Integer) -> tuple[Integer, Integer]:
    """Search the best edge of a hub that has edges; return the same as ``best_edge_of``.

    The part with the largest key gets its exact key, until no other part has a larger one.
    """
    vertex, size = graph.vertices[v], np.int64(1) << graph.part_bits
    while True:
        part, bound = part_with_largest_key(graph, v)
        start = vertex.start + part * size
        end = vertex.start + min(vertex.used, (part + 1) * size)
        heaviest = largest_weight(graph.weights[start:end])
        if heaviest < bound >> 32:
            lower_key(graph, v, part, key_of(heaviest, LARGEST_NAME))
            continue
        if bound & 0xFFFFFFFF == LARGEST_NAME:  # the names of this part have not been read
            fetch_ahead(graph, v, heaviest)
        first, last = slots_of_weight(graph.weights[start:end], heaviest)
        best = break_tie(graph, start, first, last)
        exact = key_of(heaviest, graph.names[best])
        if exact != bound:
            lower_key(graph, v, part, exact)
        if exact == largest_key_of(graph, v):
            return heaviest, best


@inlined
def find_best_edge(graph: Graph, pixels: Pixels, v: Integer) -> tuple[Integer, Integer]:
    """Search and cache the best edge of a vertex; return the same as ``best_edge_of``."""
    best: Integer
    make_pixel_edges(graph, pixels, v)
    vertex = graph.vertices[v]
    start = np.int64(vertex.start)
    if graph.linkage not in ORDER_IS_FREE:
        graph.state[0].patience -= min(vertex.used, PATIENCE_PER_SEARCH)
    if is_hub(graph, v) and vertex.live > 0:
        heaviest, best = find_best_edge_of_hub(graph, v)
        vertex.best, graph.best_weights[v] = ~best, heaviest
        return heaviest, best
    weights = graph.weights[start : start + vertex.used]
    heaviest = largest_weight(weights)
    first, last = slots_of_weight(weights, heaviest)
    if heaviest == NO_WEIGHT:
        best = np.int64(len(graph.vertices) - 1)
        vertex.best = best
    elif first == last:
        best = other_end(graph.halves[start + first])
        vertex.best = best
    else:
        best = break_tie(graph, start, first, last)
        vertex.best = ~best  # stale at once, because a neighbour may get another name
    graph.best_weights[v] = heaviest
    return heaviest, best


@inlined
def best_edge_of(graph: Graph, pixels: Pixels, v: Integer) -> tuple[Integer, Integer]:
    """Return the best edge of a vertex: the bits of its weight, and its other end.

    The edge is read from the cache unless it is stale; a stale edge is searched for again. The cached
    end ``best`` of a stale edge is negative: ~sentinel if the edge has changed, or ~end if another
    edge has the same weight.
    """
    best = np.int64(graph.vertices[v].best)
    if best < 0:
        return find_best_edge(graph, pixels, v)
    return graph.best_weights[v], best


@inlined
def push_to_worklist(graph: Graph, v: Integer) -> None:
    """Put a vertex on top of the worklist, unless it is in the worklist already."""
    if not graph.vertices[v].waiting:
        state = graph.state[0]
        graph.vertices[v].waiting = 1
        graph.worklist[state.height] = v
        state.height += 1


@inlined
def mark_stale(graph: Graph, v: Integer) -> None:
    """Mark the best edge of v as stale, because its rank may be lower now.

    Put v on the worklist, unless what is left of the stage is in the queue.
    """
    graph.vertices[v].best = ~(len(graph.vertices) - 1)
    if graph.state[0].queued == NOT_FILLED:
        push_to_worklist(graph, v)
