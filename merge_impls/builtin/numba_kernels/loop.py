"""The merge loop: merges every pair that may be merged now, in a quick order.

If order is free (see linkage), a mutually best pair may be merged at any time, because a merge never
raises the rank of an edge. Otherwise it may be merged if no neighbour of the two has an edge of higher
rank than theirs. Sorted afterwards, these are the merges of the greedy loop.
"""

import numpy as np
from numba import boolean, int32, int64

from merge_impls.builtin.numba_kernels.best_edge import best_edge_of, push
from merge_impls.builtin.numba_kernels.blocks import other_end
from merge_impls.builtin.numba_kernels.compiling import compiled, entry, inlined
from merge_impls.builtin.numba_kernels.contract_edge import contract_edge
from merge_impls.builtin.numba_kernels.layouts import (
    EDGES,
    GRAPH,
    MUST_GROW,
    NO_VERTEX,
    NO_WEIGHT,
    NOT_MADE,
    PIXELS,
    Graph,
    Integer,
    Pixels,
    Records,
)
from merge_impls.builtin.numba_kernels.linkage import KEEP_SUMS, ORDER_IS_FREE
from merge_impls.builtin.numba_kernels.pixel_edges import make_pixel_edges
from merge_impls.builtin.numba_kernels.sums import unpack_sum, weight_of

TILE = 32  # pixels; the edges of a tile fit a core's own cache


@inlined
def wins_tie(graph: Graph, k: Integer, to: Integer, u: Integer, v: Integer) -> bool:
    """Whether edge (k, to) has a higher rank than edge (u, v), which weighs the same."""
    one, other, mine, yours = graph.names[k], graph.names[to], graph.names[u], graph.names[v]
    smaller, small = min(one, other), min(mine, yours)
    return smaller > small or (smaller == small and max(one, other) > max(mine, yours))


@inlined
def find_blocker(graph: Graph, pixels: Pixels, u: Integer, v: Integer, weight: Integer) -> Integer:
    """A neighbour of u or v whose best edge has a higher rank than (u, v), or NO_VERTEX."""
    for of in (u, v):
        make_pixel_edges(graph, pixels, of)
        start = np.int64(graph.vertices[of].start)
        for i in range(start, start + graph.vertices[of].used):
            k = other_end(graph.halves[i])
            if graph.best_weights[k] < weight or k == u or k == v:
                continue
            heaviest, to = best_edge_of(graph, pixels, k)
            if heaviest > weight or (heaviest == weight and wins_tie(graph, k, to, u, v)):
                return k
    return np.int64(NO_VERTEX)


@inlined
def has_room(graph: Graph, edges: Integer) -> bool:
    """Whether the graph has slots for so many blocks of pixels and for one block with so many edges."""
    pixel = graph.sizes[graph.pixel_kind]
    # A block for n slots has less than 2 n + 8; grow and compact take one each.
    return graph.state[0].end + edges * (pixel + 4) + 16 <= len(graph.weights)


@inlined
def most_edges_of(graph: Graph, pixels: Pixels, v: Integer) -> Integer:
    """An upper bound of the number of edges of a vertex."""
    vertex = graph.vertices[v]
    return len(pixels.jumps) if vertex.start == NOT_MADE else np.int64(vertex.live)


@inlined
def contract_from(
    graph: Graph, pixels: Pixels, v: Integer, threshold: Integer, follow: bool
) -> bool:
    """Visit a vertex: merge it with its best neighbour as often as that is allowed.

    follow: visit a blocker before. Ranks rise from one blocker to the next, so there is a last one.
    Returns False if the graph has to grow.
    """
    while True:
        if not has_room(graph, 2):
            push(graph, v)
            return False
        weight, n = best_edge_of(graph, pixels, v)
        if weight < threshold:
            return True
        if not has_room(graph, most_edges_of(graph, pixels, v) + most_edges_of(graph, pixels, n)):
            push(graph, v)
            return False
        _, back = best_edge_of(graph, pixels, n)
        blocker = n if back != v else np.int64(NO_VERTEX)
        if graph.linkage not in ORDER_IS_FREE and blocker == NO_VERTEX:
            blocker = find_blocker(graph, pixels, v, n, weight)
        if blocker == NO_VERTEX:
            v = contract_edge(graph, pixels, v, n, weight)
        elif follow:
            push(graph, v)
            v = blocker
        else:
            return True


@compiled
def drain(graph: Graph, pixels: Pixels, threshold: Integer, follow: bool) -> bool:
    """Visit the vertices on the worklist, last in, first out; False if the graph has to grow."""
    state = graph.state[0]
    while state.height > 0:
        state.height -= 1
        v = np.int64(graph.worklist[state.height])
        graph.waiting[v] = 0
        # A vertex that has been merged has NO_WEIGHT.
        if graph.best_weights[v] >= threshold:
            if not contract_from(graph, pixels, v, threshold, follow):
                return False
    return True


@inlined
def push_candidate(graph: Graph, v: Integer, threshold: Integer) -> None:
    """Push a vertex unless its best neighbour has another best neighbour."""
    best = graph.vertices[v].best
    if graph.best_weights[v] < threshold:
        return
    if best >= 0:
        back = graph.vertices[best].best
        if back >= 0 and back != v:
            return
    push(graph, v)


@inlined
def push_candidates_of_tile(
    graph: Graph, pixels: Pixels, tile: Integer, threshold: Integer
) -> None:
    """Push the vertices of a square of pixels, the first one last."""
    width, rows = pixels.shape[2], pixels.shape[0] * pixels.shape[1]
    across = (width + TILE - 1) // TILE
    top, left = tile // across * TILE, tile % across * TILE
    for y in range(min(top + TILE, rows) - 1, top - 1, -1):
        for x in range(min(left + TILE, width) - 1, left - 1, -1):
            v = pixels.numbers[y * width + x]
            if v != NO_VERTEX:
                push_candidate(graph, np.int64(v), threshold)


@inlined
def sweep_tiles(graph: Graph, pixels: Pixels, threshold: Integer) -> bool:
    """Merge tile by tile, which keeps a tile in the cache; False if the graph has to grow."""
    state = graph.state[0]
    rows, width = pixels.shape[0] * pixels.shape[1], pixels.shape[2]
    tiles = ((rows + TILE - 1) // TILE) * ((width + TILE - 1) // TILE)
    while state.tile < tiles:
        if not drain(graph, pixels, threshold, graph.linkage not in ORDER_IS_FREE):
            return False
        push_candidates_of_tile(graph, pixels, state.tile, threshold)
        state.tile += 1
    return True


@inlined
def sweep_all(graph: Graph, pixels: Pixels, threshold: Integer) -> bool:
    """Visit all vertices until no edge reaches the threshold; False if the graph has to grow."""
    while True:
        if not drain(graph, pixels, threshold, True):
            return False
        for v in range(len(graph.vertices) - 2, -1, -1):
            if graph.best_weights[v] >= threshold:
                push(graph, np.int64(v))
        if graph.state[0].height == 0:
            return True


@entry(boolean(GRAPH, PIXELS, int32))
def merge_stage(graph: Graph, pixels: Pixels, threshold: Integer) -> bool:
    """Merge until no edge reaches the threshold, whose bits are given.

    Returns False if the graph has to grow; called again, it goes on.
    """
    return sweep_tiles(graph, pixels, threshold) and sweep_all(graph, pixels, threshold)


@entry(int64(GRAPH, PIXELS))
def count_edges(graph: Graph, pixels: Pixels) -> int:
    """Give all vertices their blocks and count the edges; MUST_GROW if the graph has to grow."""
    live = 0
    for v in range(len(graph.vertices) - 1):
        if not has_room(graph, 1):
            return MUST_GROW
        make_pixel_edges(graph, pixels, v)
        live += graph.vertices[v].live
    return live // 2


@entry(int64(GRAPH, EDGES))
def list_edges(graph: Graph, edges: Records) -> int:
    """Write all edges to ``edges``, whose length count_edges gave."""
    count = 0
    for a in range(len(graph.vertices) - 1):
        start = np.int64(graph.vertices[a].start)
        for i in range(start, start + graph.vertices[a].used):
            b = other_end(graph.halves[i])
            if graph.weights[i] == NO_WEIGHT or b < a:
                continue
            edge = edges[count]
            edge.a, edge.b, edge.weight = a, b, -1
            if graph.linkage in KEEP_SUMS:
                edge.total, edge.count = unpack_sum(graph, graph.sums[i])
            else:
                edge.total, edge.count, edge.weight = 0, 0, weight_of(graph.weights[i])
            count += 1
    return count
