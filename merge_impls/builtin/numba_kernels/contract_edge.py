"""Contract an edge: merge its two super-vertices in the graph (Algorithm 1, lines 3 to 13)."""

import numpy as np

from merge_impls.builtin.numba_kernels.best_edge import mark_stale
from merge_impls.builtin.numba_kernels.blocks import (
    copy_slot,
    free_block,
    free_slot,
    make_half_edge,
    other_end,
    take_slot,
    twin_slot,
)
from merge_impls.builtin.numba_kernels.compiling import compiled, inlined, prefetch
from merge_impls.builtin.numba_kernels.fetch_ahead import prefetch_slot
from merge_impls.builtin.numba_kernels.hub import (
    find_hub_edge,
    forget_hub_edge,
    is_hub,
    key_of,
    prefetch_key,
    raise_key,
    remember_hub_edge,
)
from merge_impls.builtin.numba_kernels.layouts import (
    NO_SLOT,
    NO_VERTEX,
    NO_WEIGHT,
    Graph,
    Integer,
    Pixels,
)
from merge_impls.builtin.numba_kernels.linkage import KEEP_SUMS, join_super_edges
from merge_impls.builtin.numba_kernels.moving_blocks import compact_block, grow_block
from merge_impls.builtin.numba_kernels.pixel_edges import make_pixel_edges

HUB_TO_SMALL = 8
"""The neighbours of a hub are all marked only if it has at most so many times the slots of the vertex
that is merged into it."""


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
def find_slot(graph: Graph, a: Integer, k: Integer) -> Integer:
    """The slot of hub a that holds the edge to k, or NO_SLOT if there is no such edge."""
    mine, theirs = graph.vertices[a], graph.vertices[k]
    slot = np.int64(theirs.mark)
    if slot < mine.used and other_end(graph.halves[mine.start + slot]) == k:
        return slot
    if is_hub(graph, k):
        return find_hub_edge(graph, a, k)
    for i in range(theirs.start, theirs.start + theirs.used):
        if other_end(graph.halves[i]) == a:
            return twin_slot(graph.halves[i])
    return np.int64(NO_SLOT)


@compiled
def mark_shared_neighbours(graph: Graph, pixels: Pixels, a: Integer, b: Integer) -> None:
    """Set the marks, as ``mark_neighbours`` does for hub a, of b and of the neighbours of both."""
    graph.state[0].marked = NO_VERTEX
    absorbed = graph.vertices[b]
    for i in range(absorbed.start, absorbed.start + absorbed.used):
        prefetch(graph.vertices, other_end(graph.halves[i]))
    for i in range(absorbed.start, absorbed.start + absorbed.used):
        half = graph.halves[i]
        k = other_end(half)
        if k == len(graph.vertices) - 1:
            continue
        if k == a:
            absorbed.mark = twin_slot(half)
            continue
        make_pixel_edges(graph, pixels, k)
        slot = find_slot(graph, a, k)
        if slot != NO_SLOT:
            graph.vertices[k].mark = slot
            prefetch_slot(graph, graph.vertices[a].start + slot)
            prefetch_key(graph, a, slot)


@inlined
def mark_for_contraction(graph: Graph, pixels: Pixels, a: Integer, b: Integer) -> None:
    """Set the marks that merging b into a needs.

    If a is a hub and b is small, the edges of b and of its neighbours are searched, not those of a.
    """
    is_small = graph.vertices[b].used < graph.vertices[a].used // HUB_TO_SMALL
    if is_hub(graph, a) and is_small and graph.state[0].marked != a:
        mark_shared_neighbours(graph, pixels, a, b)
    else:
        mark_neighbours(graph, a)


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
def join_edge(graph: Graph, a: Integer, b: Integer, slot: Integer) -> Integer:
    """Join the edge in a slot of b with the edge of a to the same neighbour; return the neighbour."""
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
    return k


@inlined
def inherit_edge(graph: Graph, a: Integer, b: Integer, slot: Integer) -> None:
    """Move the edge in a slot of b to an unused slot of a."""
    old = graph.vertices[b].start + slot
    half = graph.halves[old]
    k = other_end(half)
    neighbour = graph.vertices[k]
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
def replace_hub_edge(graph: Graph, a: Integer, b: Integer, k: Integer) -> None:
    """Record that the edge of hub k that led to b leads to a, whose mark in k must be right."""
    forget_hub_edge(graph, b, k)
    if is_hub(graph, a):
        slot = np.int64(graph.vertices[k].mark)
        half = graph.halves[graph.vertices[a].start + slot]
        remember_hub_edge(graph, a, k, slot, twin_slot(half))


@inlined
def raise_keys(graph: Graph, a: Integer, k: Integer, name: Integer) -> None:
    """Raise the keys of a and k that are hubs, because the edge between the two is new or heavier.

    name: the name that a gets. The mark of k must be right.
    """
    slot = np.int64(graph.vertices[k].mark)
    at = graph.vertices[a].start + slot
    if is_hub(graph, a):
        raise_key(graph, a, slot, key_of(graph.weights[at], graph.names[k]))
    if is_hub(graph, k):
        raise_key(graph, k, twin_slot(graph.halves[at]), key_of(graph.weights[at], name))


@compiled
def update_hubs(
    graph: Graph, a: Integer, b: Integer, num_joined: Integer, num_inherited: Integer, name: Integer
) -> None:
    """Update what hubs keep, after the edges of b have been moved to a.

    name: the name of a and b together.
    """
    start, b_is_hub = np.int64(graph.vertices[b].start), is_hub(graph, b)
    for i in range(num_joined):
        k = other_end(graph.halves[start + graph.joined[i]])
        raise_keys(graph, a, k, name)
        if b_is_hub and is_hub(graph, k):
            forget_hub_edge(graph, b, k)
    for i in range(num_inherited):
        k = other_end(graph.halves[start + graph.inherited[i]])
        raise_keys(graph, a, k, name)
        if is_hub(graph, k):
            replace_hub_edge(graph, a, b, k)


@inlined
def move_edges(
    graph: Graph, a: Integer, b: Integer, num_joined: Integer, num_inherited: Integer, name: Integer
) -> None:
    """Join or inherit all edges of b that ``split_edges`` has listed.

    name: the name of a and b together.
    """
    highest_kind = max(graph.vertices[a].kind, graph.vertices[b].kind)
    for i in range(num_joined):
        k = join_edge(graph, a, b, np.int64(graph.joined[i]))
        highest_kind = max(highest_kind, graph.vertices[k].kind)
    for i in range(num_inherited):
        inherit_edge(graph, a, b, np.int64(graph.inherited[i]))
    if highest_kind >= graph.hub_kind:
        update_hubs(graph, a, b, num_joined, num_inherited, name)


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
    mark_for_contraction(graph, pixels, a, b)
    survivor, absorbed = graph.vertices[a], graph.vertices[b]
    free_slot(graph, survivor, absorbed.mark)
    if is_hub(graph, b):
        forget_hub_edge(graph, a, b)
        state.num_hubs -= 1
    num_joined, num_inherited = split_edges(graph, pixels, a, b)
    survivor.live += num_inherited
    if survivor.live > graph.sizes[survivor.kind]:
        grow_block(graph, a)
    move_edges(graph, a, b, num_joined, num_inherited, min(one, other))
    graph.names[a] = min(one, other)
    graph.parents[b] = a
    survivor.best = ~(len(graph.vertices) - 1)
    graph.best_weights[b] = NO_WEIGHT
    free_block(graph, absorbed.start, absorbed.kind)
    absorbed.start = absorbed.used = absorbed.live = 0
    if survivor.used > 64 and survivor.used > 2 * survivor.live:
        compact_block(graph, pixels, a)
    return a
