"""Contract an edge: merge its two super-vertices in the graph (Algorithm 1, lines 3 to 13)."""

import numpy as np

from merge_impls.builtin.numba_kernels.best_edge import mark_stale
from merge_impls.builtin.numba_kernels.blocks import (
    block_kind_for,
    copy_slot,
    free_block,
    free_slot,
    grow_block,
    make_half_edge,
    other_end,
    take_block,
    take_slot,
    twin_slot,
)
from merge_impls.builtin.numba_kernels.compiling import compiled, inlined, prefetch
from merge_impls.builtin.numba_kernels.layouts import (
    NO_SLOT,
    NO_VERTEX,
    NO_WEIGHT,
    Graph,
    Integer,
    Pixels,
)
from merge_impls.builtin.numba_kernels.linkage import KEEP_SUMS, join_super_edges
from merge_impls.builtin.numba_kernels.pixel_edges import make_pixel_edges


@inlined
def mark_neighbours(graph: Graph, v: Integer) -> None:
    """Set the mark of every neighbour of v to the slot of v that holds the edge to the neighbour.

    Marks are never cleared. So a vertex is a neighbour of v only if the edge in the slot of its mark
    leads to the vertex. The marks of v's neighbours are still right if ``state.marked`` is v.
    """
    state = graph.state[0]
    if state.marked == v:
        return
    start = np.int64(graph.vertices[v].start)
    for i in range(graph.vertices[v].used):
        graph.vertices[other_end(graph.halves[start + i])].mark = i
    state.marked = v


@inlined
def split_edges(graph: Graph, pixels: Pixels, a: Integer, b: Integer) -> tuple[Integer, Integer]:
    """List the slots of b's edges in ``graph.joined`` and ``graph.inherited``.

    Slots of edges to neighbours that a has too go to ``joined``, all others to ``inherited``. The
    edge between a and b is left out. Returns the lengths of both lists.
    """
    sentinel = len(graph.vertices) - 1
    into, used = np.int64(graph.vertices[a].start), graph.vertices[a].used
    start = np.int64(graph.vertices[b].start)
    num_joined = num_inherited = 0
    for i in range(graph.vertices[b].used):
        half = graph.halves[start + i]
        k = other_end(half)
        if k == sentinel:
            continue
        make_pixel_edges(graph, pixels, k)
        slot = np.int64(graph.vertices[k].mark)
        mine = graph.halves[into + slot] if slot < used else make_half_edge(sentinel, 0)
        is_joined = other_end(mine) == k
        there = np.int64(graph.vertices[k].start)
        prefetch(graph.halves, there + twin_slot(half))
        prefetch(graph.weights, there + twin_slot(half))
        if graph.linkage in KEEP_SUMS:
            prefetch(graph.sums, there + twin_slot(mine))
        # The slot is written to both lists but counted in one, which avoids mispredicted branches.
        graph.joined[num_joined] = graph.inherited[num_inherited] = i
        num_joined += is_joined
        num_inherited += not is_joined and k != a
    return num_joined, num_inherited


@inlined
def join_edge(graph: Graph, a: Integer, b: Integer, slot: Integer) -> None:
    """Join the edge in a slot of b with the edge of a that leads to the same neighbour."""
    gone_at = graph.vertices[b].start + slot
    gone = graph.halves[gone_at]
    k = other_end(gone)
    neighbour = graph.vertices[k]
    here = np.int64(graph.vertices[a].start) + neighbour.mark
    there = neighbour.start + twin_slot(graph.halves[here])
    join_super_edges(graph, here, there, gone_at)
    free_slot(graph, neighbour, twin_slot(gone))
    best = neighbour.best ^ (neighbour.best >> 31)
    if best == a or best == b:
        mark_stale(graph, k)


@inlined
def inherit_edge(graph: Graph, a: Integer, b: Integer, slot: Integer) -> None:
    """Move the edge in a slot of b to an unused slot of a."""
    old = graph.vertices[b].start + slot
    half = graph.halves[old]
    neighbour = graph.vertices[other_end(half)]
    here = take_slot(graph, graph.vertices[a])
    new = graph.vertices[a].start + here
    copy_slot(graph, new, old)
    graph.halves[neighbour.start + twin_slot(half)] = make_half_edge(a, here)
    neighbour.mark = here
    if neighbour.best == b:
        neighbour.best = a
    elif neighbour.best == ~b:
        neighbour.best = ~a


@compiled
def compact_block(graph: Graph, pixels: Pixels, v: Integer) -> None:
    """Move the edges of a vertex to a smaller block, without unused slots."""
    vertex = graph.vertices[v]
    old, old_kind, used = np.int64(vertex.start), vertex.kind, vertex.used
    kind = block_kind_for(graph, vertex.live)
    start = take_block(graph, kind)
    slot = 0
    for i in range(old, old + used):
        if graph.weights[i] == NO_WEIGHT:
            continue
        half = graph.halves[i]
        make_pixel_edges(graph, pixels, other_end(half))
        there = graph.vertices[other_end(half)].start + twin_slot(half)
        graph.halves[there] = make_half_edge(v, slot)
        copy_slot(graph, start + slot, i)
        slot += 1
    free_block(graph, old, old_kind)
    vertex.start, vertex.kind, vertex.used, vertex.unused = start, kind, slot, NO_SLOT
    graph.state[0].marked = NO_VERTEX


@inlined
def contract_edge(graph: Graph, pixels: Pixels, u: Integer, v: Integer, weight: Integer) -> Integer:
    """Merge u and v (Algorithm 1, lines 3 to 13); return the one with more edges, which remains.

    weight: the bits of the weight of the edge between u and v, for the history.
    """
    make_pixel_edges(graph, pixels, u)
    make_pixel_edges(graph, pixels, v)
    a, b = (u, v) if graph.vertices[u].live >= graph.vertices[v].live else (v, u)
    one, other = graph.names[u], graph.names[v]
    state = graph.state[0]
    row = graph.merges[state.merges]
    row[0], row[1], row[2] = weight, min(one, other), max(one, other)
    state.merges += 1
    mark_neighbours(graph, a)
    survivor, absorbed = graph.vertices[a], graph.vertices[b]
    free_slot(graph, survivor, absorbed.mark)
    num_joined, num_inherited = split_edges(graph, pixels, a, b)
    for i in range(num_joined):
        join_edge(graph, a, b, graph.joined[i])
    survivor.live += num_inherited
    if survivor.live > graph.sizes[survivor.kind]:
        grow_block(graph, a)
    for i in range(num_inherited):
        inherit_edge(graph, a, b, graph.inherited[i])
    graph.names[a] = min(one, other)
    graph.parents[b] = a
    survivor.best = ~(len(graph.vertices) - 1)
    graph.best_weights[b] = NO_WEIGHT
    free_block(graph, absorbed.start, absorbed.kind)
    absorbed.start = absorbed.used = absorbed.live = 0
    if survivor.used > 64 and survivor.used > 2 * survivor.live:
        compact_block(graph, pixels, a)
    return a
