"""The merge loop, which merges in an order that is faster than the greedy order.

An edge has a higher rank than another one if the greedy loop would contract it first: if it is
heavier or, at equal weight, goes first by the tie rule. Two vertices are a mutually best pair if the
edge between them has the highest rank among all edges of both.

With the linkages in ``ORDER_IS_FREE``, a mutually best pair may be merged at any time, because a merge
never raises the rank of an edge. With other linkages it may be merged if no neighbour of the two has
an edge of higher rank. The merges are those of the greedy loop, and are sorted afterwards.
"""

import numpy as np
from numba import boolean, int32, int64

from merge_impls.builtin.numba_kernels.best_edge import best_edge_of, push_to_worklist
from merge_impls.builtin.numba_kernels.blocks import other_end
from merge_impls.builtin.numba_kernels.compiling import compiled, compiled_entry, inlined
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

# The side of a tile in pixels. The edges of a tile of this size fit into the cache of a core.
TILE = 32


@inlined
def wins_tie(graph: Graph, k: Integer, to: Integer, u: Integer, v: Integer) -> bool:
    """Whether edge (k, to) has a higher rank than the equally heavy edge (u, v)."""
    one, other, mine, yours = graph.names[k], graph.names[to], graph.names[u], graph.names[v]
    smaller, small = min(one, other), min(mine, yours)
    return smaller > small or (smaller == small and max(one, other) > max(mine, yours))


@inlined
def find_blocker(graph: Graph, pixels: Pixels, u: Integer, v: Integer, weight: Integer) -> Integer:
    """Find a neighbour of u or v with an edge of higher rank than (u, v); NO_VERTEX if none has.

    weight: the bits of the weight of the edge (u, v).
    """
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
    """Whether the graph has slots for ``edges`` blocks of pixels, and for what a merge needs.

    edges: an upper bound of the number of edges of the two vertices that merge.
    """
    pixel = graph.sizes[graph.pixel_kind]
    # grow_block and compact_block take one block each, and a block for n edges has < 2 n + 8 slots.
    return graph.state[0].end + edges * (pixel + 4) + 16 <= len(graph.weights)


@inlined
def max_edges_of(graph: Graph, pixels: Pixels, v: Integer) -> Integer:
    """An upper bound of the number of edges of a vertex, also if its block is not made yet."""
    vertex = graph.vertices[v]
    return len(pixels.jumps) if vertex.start == NOT_MADE else np.int64(vertex.live)


@inlined
def contract_from(
    graph: Graph, pixels: Pixels, v: Integer, threshold: Integer, follow: bool
) -> bool:
    """Merge a vertex with its best neighbour, again and again, as long as this is allowed.

    A blocker is a vertex with an edge of higher rank, which has to be merged before.
    follow: whether to go on with the blocker, if there is one, and to return to the vertex later.
        There is a last blocker, because the rank rises from one blocker to the next.
    Returns False if the graph has to grow.
    """
    while True:
        if not has_room(graph, 2):
            push_to_worklist(graph, v)
            return False
        weight, n = best_edge_of(graph, pixels, v)
        if weight < threshold:
            return True
        if not has_room(graph, max_edges_of(graph, pixels, v) + max_edges_of(graph, pixels, n)):
            push_to_worklist(graph, v)
            return False
        _, back = best_edge_of(graph, pixels, n)
        blocker = n if back != v else np.int64(NO_VERTEX)
        if graph.linkage not in ORDER_IS_FREE and blocker == NO_VERTEX:
            blocker = find_blocker(graph, pixels, v, n, weight)
        if blocker == NO_VERTEX:
            v = contract_edge(graph, pixels, v, n, weight)
        elif follow:
            push_to_worklist(graph, v)
            v = blocker
        else:
            return True


@compiled
def drain_worklist(graph: Graph, pixels: Pixels, threshold: Integer, follow: bool) -> bool:
    """Call ``contract_from`` for all vertices on the worklist, the last one first.

    Returns False if the graph has to grow.
    """
    state = graph.state[0]
    while state.height > 0:
        state.height -= 1
        v = np.int64(graph.worklist[state.height])
        graph.waiting[v] = 0
        # A vertex that was merged into another one has NO_WEIGHT, so it is skipped.
        if graph.best_weights[v] >= threshold:
            if not contract_from(graph, pixels, v, threshold, follow):
                return False
    return True


@inlined
def push_candidate(graph: Graph, v: Integer, threshold: Integer) -> None:
    """Push a vertex, unless its weight is too low or its best neighbour has another best neighbour."""
    best = graph.vertices[v].best
    if graph.best_weights[v] < threshold:
        return
    if best >= 0:
        back = graph.vertices[best].best
        if back >= 0 and back != v:
            return
    push_to_worklist(graph, v)


@inlined
def push_candidates_of_tile(
    graph: Graph, pixels: Pixels, tile: Integer, threshold: Integer
) -> None:
    """Push the candidates of a tile in reverse order, so that the first pixel is visited first."""
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
    """Merge tile by tile, which uses the cache well. Returns False if the graph has to grow."""
    state = graph.state[0]
    rows, width = pixels.shape[0] * pixels.shape[1], pixels.shape[2]
    tiles = ((rows + TILE - 1) // TILE) * ((width + TILE - 1) // TILE)
    while state.tile < tiles:
        if not drain_worklist(graph, pixels, threshold, graph.linkage not in ORDER_IS_FREE):
            return False
        push_candidates_of_tile(graph, pixels, state.tile, threshold)
        state.tile += 1
    return True


@inlined
def sweep_all(graph: Graph, pixels: Pixels, threshold: Integer) -> bool:
    """Visit all vertices until no edge reaches the threshold. Returns False if the graph has to grow."""
    while True:
        if not drain_worklist(graph, pixels, threshold, True):
            return False
        for v in range(len(graph.vertices) - 2, -1, -1):
            if graph.best_weights[v] >= threshold:
                push_to_worklist(graph, np.int64(v))
        if graph.state[0].height == 0:
            return True


@compiled_entry(boolean(GRAPH, PIXELS, int32))
def merge_stage(graph: Graph, pixels: Pixels, threshold: Integer) -> bool:
    """Merge until no edge reaches the threshold.

    threshold: the bits of the threshold.
    Returns False if the graph has to grow. The caller then calls again with a larger graph.
    """
    return sweep_tiles(graph, pixels, threshold) and sweep_all(graph, pixels, threshold)


@compiled_entry(int64(GRAPH, PIXELS))
def count_edges(graph: Graph, pixels: Pixels) -> int:
    """Make the missing blocks and count the edges. Returns MUST_GROW if the graph has to grow."""
    live = 0
    for v in range(len(graph.vertices) - 1):
        if not has_room(graph, 1):
            return MUST_GROW
        make_pixel_edges(graph, pixels, v)
        live += graph.vertices[v].live
    return live // 2


@compiled_entry(int64(GRAPH, EDGES))
def list_edges(graph: Graph, edges: Records) -> int:
    """Write all edges of the graph to ``edges`` and return their number.

    edges: rows of ``EDGE``, as many as ``count_edges`` has returned.
    """
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
