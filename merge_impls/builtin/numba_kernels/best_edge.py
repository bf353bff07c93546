"""The best edge of a vertex, and the worklist of vertices to visit."""

import numpy as np

from merge_impls.builtin.numba_kernels.blocks import other_end
from merge_impls.builtin.numba_kernels.compiling import compiled, inlined
from merge_impls.builtin.numba_kernels.layouts import (
    NO_SLOT,
    NO_WEIGHT,
    Graph,
    Int32s,
    Integer,
    Pixels,
)
from merge_impls.builtin.numba_kernels.pixel_edges import make_pixel_edges


@inlined
def find_heaviest(weights: Int32s) -> tuple[Integer, Integer, Integer]:
    """The largest of some weights, NO_WEIGHT if there is none, and the first and last slot that has it.

    Two plain loops, which the compiler vectorises.
    """
    first: Integer
    last: Integer
    heaviest, first, last = np.int32(NO_WEIGHT), np.int32(len(weights)), np.int32(NO_SLOT)
    for i in range(len(weights)):
        heaviest = max(heaviest, weights[i])
    for i in range(np.int32(len(weights))):
        is_heaviest = weights[i] == heaviest
        first = min(first, i if is_heaviest else first)
        last = max(last, i if is_heaviest else last)
    return heaviest, first, last


@compiled
def break_tie(graph: Graph, start: Integer, first: Integer, last: Integer) -> Integer:
    """The other end of the best edge of a vertex, if several edges weigh the same.

    start: of the vertex's block. first, last: the first and last slot with the largest weight. Among
    edges of one vertex the tie goes to the neighbour with the largest name.
    """
    best = other_end(graph.halves[start + first])
    for i in range(start + first + 1, start + last + 1):
        to = other_end(graph.halves[i])
        if graph.weights[i] == graph.weights[start + first] and graph.names[to] > graph.names[best]:
            best = to
    return best


@inlined
def find_best_edge(graph: Graph, pixels: Pixels, v: Integer) -> tuple[Integer, Integer]:
    """Search the best edge of a vertex and cache it, marked stale if another edge weighs the same.

    Names decide then, and a neighbour's name may change. Returns what ``best_edge_of`` returns.
    """
    best: Integer
    make_pixel_edges(graph, pixels, v)
    vertex = graph.vertices[v]
    start = np.int64(vertex.start)
    heaviest, first, last = find_heaviest(graph.weights[start : start + vertex.used])
    if heaviest == NO_WEIGHT:
        best = np.int64(len(graph.vertices) - 1)
        vertex.best = best
    elif first == last:
        best = other_end(graph.halves[start + first])
        vertex.best = best
    else:
        best = break_tie(graph, start, first, last)
        vertex.best = ~best
    graph.best_weights[v] = heaviest
    return heaviest, best


@inlined
def best_edge_of(graph: Graph, pixels: Pixels, v: Integer) -> tuple[Integer, Integer]:
    """The bits of the weight, and the other end, of the best edge of a vertex.

    That is the cached edge or, if it is stale, the result of a search. The cached end of a stale edge
    is negative: ~sentinel if the edge has changed, ~end if another edge weighs the same.
    """
    best = np.int64(graph.vertices[v].best)
    if best < 0:
        return find_best_edge(graph, pixels, v)
    return graph.best_weights[v], best


@inlined
def push(graph: Graph, v: Integer) -> None:
    """Put a vertex on top of the worklist, unless it is on it already."""
    if not graph.waiting[v]:
        state = graph.state[0]
        graph.waiting[v] = 1
        graph.worklist[state.height] = v
        state.height += 1


@inlined
def mark_stale(graph: Graph, v: Integer) -> None:
    """Make the next best_edge_of search again, because the best edge may have a lower rank now; push v."""
    graph.vertices[v].best = ~(len(graph.vertices) - 1)
    push(graph, v)
