"""The merge loop, which merges in an order that is faster than the greedy order.

An edge has a higher rank than another one if the greedy loop would contract it first: if it is
heavier or, at equal weight, goes first by the tie rule. Two vertices are a mutually best pair if the
edge between them has the highest rank among all edges of both.

With the linkages in ``ORDER_IS_FREE``, a mutually best pair may be merged at any time, because a merge
never raises the rank of an edge. With other linkages it may be merged if no neighbour of the two has
an edge of higher rank. The merges are those of the greedy loop, and are sorted afterwards.

Where the order is not free, pairs wait for others, and every look at a neighbour whether to wait costs
patience. A visit and a search for a best edge cost as much as several looks; a merge earns some. When no
patience is left, the rest of the stage is merged by rank: in the greedy order, from a queue of vertices.
"""

import numpy as np
from numba import boolean, int32, int64

from merge_impls.builtin.numba_kernels.best_edge import best_edge_of, push_to_worklist
from merge_impls.builtin.numba_kernels.blocks import other_end
from merge_impls.builtin.numba_kernels.compiling import compiled, compiled_entry, inlined
from merge_impls.builtin.numba_kernels.contract_edge import contract_edge
from merge_impls.builtin.numba_kernels.layouts import (
    GRAPH,
    MUST_GROW,
    NO_VERTEX,
    NO_WEIGHT,
    NOT_FILLED,
    NOT_MADE,
    PIXELS,
    Graph,
    Integer,
    Pixels,
)
from merge_impls.builtin.numba_kernels.linkage import ORDER_IS_FREE
from merge_impls.builtin.numba_kernels.pixel_edges import make_pixel_edges
from merge_impls.builtin.numba_kernels.stop import must_stop, must_stop_at
from merge_impls.builtin.numba_kernels.vertex_queue import (
    drop_top,
    fill_queue,
    lower_top,
    queue_is_empty,
    queue_row_of,
    ranks_higher,
)

# The side of a tile in pixels. The edges of a tile of this size fit into the cache of a core.
TILE = 32
LISTED_TILE = 1024
"""The number of vertices of a tile if the problem has explicit edges, or if the mask is sparse."""

DENSE = 8
"""A grid has square tiles if at least one of so many pixels is in the foreground."""

PATIENCE_PER_VISIT = 8
PATIENCE_PER_MERGE = 600
MOST_PATIENCE = 1 << 21
FIRST_PATIENCE = MOST_PATIENCE // 16


@inlined
def wins_tie(graph: Graph, k: Integer, to: Integer, u: Integer, v: Integer) -> bool:
    """Whether edge (k, to) has a higher rank than the equally heavy edge (u, v)."""
    one, other, mine, yours = graph.names[k], graph.names[to], graph.names[u], graph.names[v]
    smaller, small = min(one, other), min(mine, yours)
    return smaller > small or (smaller == small and max(one, other) > max(mine, yours))


@inlined
def find_blocker(graph: Graph, pixels: Pixels, u: Integer, v: Integer, weight: Integer) -> Integer:
    """Find a neighbour of u or v with an edge of higher rank than (u, v); NO_VERTEX if none has.

    Nothing blocks where the order is free. weight: the bits of the weight of the edge (u, v).
    """
    state = graph.state[0]
    if graph.linkage in ORDER_IS_FREE:
        return np.int64(NO_VERTEX)
    for of in (u, v):
        make_pixel_edges(graph, pixels, of)
        start = np.int64(graph.vertices[of].start)
        for i in range(start, start + graph.vertices[of].used):
            k = other_end(graph.halves[i])
            if graph.best_weights[k] < weight or k == u or k == v:
                continue
            heaviest, to = best_edge_of(graph, pixels, k)
            if heaviest > weight or (heaviest == weight and wins_tie(graph, k, to, u, v)):
                state.patience -= i - start
                return k
        state.patience -= graph.vertices[of].used
    return np.int64(NO_VERTEX)


@inlined
def has_room(graph: Graph, edges: Integer) -> bool:
    """Whether the graph has slots for ``edges`` blocks of pixels, and for what a merge needs.

    edges: an upper bound of the number of edges of the two vertices that merge.
    """
    state, pixel = graph.state[0], graph.sizes[graph.pixel_kind]
    # A merge adds at most one row for each hub, and the hash table stays at least half empty.
    if 2 * (state.num_hub_edges + state.num_hubs + 1) > len(graph.hub_edges):
        return False
    # grow_block and compact_block take one block each. A block for n edges has < 2 n + 8 slots, and at
    # most a quarter as many keys, in at most 32 levels which are rounded up.
    return state.end + min(edges, state.unmade) * pixel + 5 * edges + 84 <= len(graph.weights)


@inlined
def max_edges_of(graph: Graph, pixels: Pixels, v: Integer) -> Integer:
    """An upper bound of the number of edges of a vertex, also if its block is not made yet."""
    vertex = graph.vertices[v]
    return len(pixels.jumps) if vertex.start == NOT_MADE else np.int64(vertex.live)


@inlined
def ranks_have_fallen(graph: Graph, passed_on: Integer, is_lighter: bool) -> bool:
    """Whether affinities have changed since the search for the best edges of the pixels.

    passed_on: how many vertices were visited since the last merge; the rank of the best edge must rise
    from one to the next. is_lighter: whether the weight of the last one is less than the one before.
    Where the order is not free, the patience ends the visits.
    """
    return graph.linkage in ORDER_IS_FREE and (is_lighter or passed_on == len(graph.vertices))


@inlined
def change_patience(graph: Graph, change: Integer) -> None:
    """Add a change, which may be negative, to the patience, if the order of merges is not free."""
    if graph.linkage not in ORDER_IS_FREE:
        state = graph.state[0]
        state.patience = min(state.patience + change, MOST_PATIENCE)


@inlined
def contract_from(graph: Graph, pixels: Pixels, v: Integer, threshold: Integer) -> bool:
    """Merge a vertex with its best neighbour, again and again, as long as this is allowed.

    A blocker, a vertex with an edge of higher rank, is visited first, and v is put on the worklist.
    This ends, because the rank rises from one blocker to the next, unless affinities have changed.
    Returns False if the graph has to grow, if the merge must stop, or if affinities have changed.
    """
    weight: Integer = np.int32(NO_WEIGHT)
    n: Integer = np.int64(NO_VERTEX)  # the best neighbour of v, as soon as it is known
    state, passed_on = graph.state[0], 0
    while True:
        if must_stop(graph.stop) or not has_room(graph, 2):
            push_to_worklist(graph, v)
            return False
        if n == NO_VERTEX:
            weight, n = best_edge_of(graph, pixels, v)
        if weight < threshold or state.patience < 0:
            return True
        change_patience(graph, -PATIENCE_PER_VISIT)
        if not has_room(graph, max_edges_of(graph, pixels, v) + max_edges_of(graph, pixels, n)):
            push_to_worklist(graph, v)
            return False
        heaviest, back = best_edge_of(graph, pixels, n)
        blocker = n if back != v else find_blocker(graph, pixels, v, n, weight)
        passed_on = 0 if blocker == NO_VERTEX else passed_on + 1
        if passed_on > 0 and ranks_have_fallen(graph, passed_on, bool(heaviest < weight)):
            state.changed = 1
            return False
        if blocker == NO_VERTEX:
            change_patience(graph, PATIENCE_PER_MERGE)
            v, n = contract_edge(graph, pixels, v, n, weight), np.int64(NO_VERTEX)
            continue
        push_to_worklist(graph, v)
        if blocker == n:
            v, weight, n = n, heaviest, back
        else:
            v, n = blocker, np.int64(NO_VERTEX)


@compiled
def drain_worklist(graph: Graph, pixels: Pixels, threshold: Integer) -> bool:
    """Call ``contract_from`` for all vertices on the worklist, the last one first.

    Returns False for the same reasons.
    """
    state = graph.state[0]
    while state.height > 0:
        state.height -= 1
        v = np.int64(graph.worklist[state.height])
        graph.vertices[v].waiting = 0
        # A vertex that was merged into another one has NO_WEIGHT, so it is skipped.
        if graph.best_weights[v] >= threshold:
            if not contract_from(graph, pixels, v, threshold):
                return False
    return True


@inlined
def push_candidate(graph: Graph, v: Integer, threshold: Integer) -> None:
    """Push a vertex, unless its weight is too low or its best neighbour has another best neighbour.

    In the latter case, the merge after which the two are mutually best pushes the vertex.
    """
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
    """Merge tile by tile, which uses the cache well. Returns False as ``drain_worklist`` does."""
    state, count = graph.state[0], len(graph.vertices) - 1
    rows, width = pixels.shape[0] * pixels.shape[1], pixels.shape[2]
    tiles = ((rows + TILE - 1) // TILE) * ((width + TILE - 1) // TILE)
    are_square = 0 < len(pixels.numbers) <= DENSE * count
    if not are_square:
        tiles = (count + LISTED_TILE - 1) // LISTED_TILE
    while True:
        if must_stop(graph.stop) or not drain_worklist(graph, pixels, threshold):
            return False
        if state.tile == tiles or state.patience < 0:
            return True
        if are_square:
            push_candidates_of_tile(graph, pixels, state.tile, threshold)
        else:
            first = state.tile * LISTED_TILE
            for v in range(min(first + LISTED_TILE, count) - 1, first - 1, -1):
                push_candidate(graph, np.int64(v), threshold)
        state.tile += 1


@compiled
def merge_by_rank(graph: Graph, pixels: Pixels, threshold: Integer) -> bool:
    """Merge in the greedy order all that is left to merge.

    Returns False if the graph has to grow or the merge must stop.
    The vertex at the top of the queue keeps its row when it merges: its new best edge has a lower rank.
    """
    state = graph.state[0]
    if state.queued == NOT_FILLED:
        fill_queue(graph, threshold)
    while not queue_is_empty(graph, threshold):
        if must_stop(graph.stop) or not has_room(graph, 1):
            return False
        v = graph.queue[0, 1] & 0xFFFFFFFF
        if graph.best_weights[v] < threshold:  # also if v has been merged into another vertex
            drop_top(graph)
            continue
        weight, n = best_edge_of(graph, pixels, v)
        if weight < threshold:
            drop_top(graph)
            continue
        rank, rest = queue_row_of(graph, v, weight, n)
        if ranks_higher(graph.queue[0, 0], graph.queue[0, 1], rank, rest):
            lower_top(graph, v, weight, rank, rest)
            continue
        if not has_room(graph, max_edges_of(graph, pixels, v) + max_edges_of(graph, pixels, n)):
            return False
        contract_edge(graph, pixels, v, n, weight)
    return True


@compiled_entry(boolean(GRAPH, PIXELS, int32))
def merge_stage(graph: Graph, pixels: Pixels, threshold: Integer) -> bool:
    """Merge until no edge reaches the threshold.

    threshold: the bits of the threshold.
    Returns False if the graph has to grow, and the caller then calls again with a larger graph. Also
    returns False if the merge must stop, and if affinities have changed (``state.changed``).
    """
    return sweep_tiles(graph, pixels, threshold) and merge_by_rank(graph, pixels, threshold)


@compiled_entry(int64(GRAPH, PIXELS))
def count_edges(graph: Graph, pixels: Pixels) -> int:
    """Make the missing blocks and count the edges.

    Returns MUST_GROW if the graph has to grow or the merge must stop.
    """
    live = 0
    for v in range(len(graph.vertices) - 1):
        if must_stop_at(graph.stop, v) or not has_room(graph, 1):
            return MUST_GROW
        make_pixel_edges(graph, pixels, v)
        live += graph.vertices[v].live
    return live // 2
