"""List the edges of a graph, and build that of a later stage from such a list of rows of ``EDGE``."""

import numpy as np
from numba import int32, int64, void

from merge_impls.builtin.numba_kernels.blocks import (
    block_kind_for,
    make_half_edge,
    other_end,
    take_block,
)
from merge_impls.builtin.numba_kernels.compiling import compiled_entry, inlined, prefetch
from merge_impls.builtin.numba_kernels.explicit_edges import super_vertices_of, write_edge
from merge_impls.builtin.numba_kernels.hub import is_hub
from merge_impls.builtin.numba_kernels.layouts import (
    EDGES,
    EXPLICIT_EDGES,
    GRAPH,
    NO_WEIGHT,
    ExplicitEdges,
    Graph,
    Int32s,
    Int64s,
    Integer,
    Record,
    Records,
)
from merge_impls.builtin.numba_kernels.linkage import KEEP_SUMS, add_row_to_edge, weigh_edge
from merge_impls.builtin.numba_kernels.stop import must_stop_at
from merge_impls.builtin.numba_kernels.sums import pack_sum, unpack_sum, weight_of

STEPS_AHEAD = 8
"""Vertices and slots of this many edges further on are loaded into the processor's cache."""


@inlined
def copy_edge(to: Record, edge: Record) -> None:
    """Copy all fields of ``edge`` to the row ``to``."""
    to.a, to.b, to.total, to.count = edge.a, edge.b, edge.total, edge.count
    to.weight = edge.weight


@inlined
def find_first_rows(
    edges: Records,
    explicit: ExplicitEdges,
    chosen: Int64s,
    roots: Int32s,
    firsts: Int64s,
    stop: Int32s,
) -> bool:
    """Set firsts[a] to the number of edges whose smaller end is less than a. Arguments: see ``sort_edges``.

    Returns False if the merge must stop.
    """
    firsts[:] = 0
    for i in range(len(edges)):
        if must_stop_at(stop, i):
            return False
        firsts[edges[i].a + 1] += 1
    for step in range(len(chosen)):
        if must_stop_at(stop, step):
            return False
        a, b = super_vertices_of(explicit, roots, chosen[step])
        firsts[a + 1] += a != b
    for v in range(len(firsts) - 1):
        if must_stop_at(stop, v):
            return False
        firsts[v + 1] += firsts[v]
    return True


@compiled_entry(int64(EDGES, EXPLICIT_EDGES, int64[::1], int32[::1], EDGES, int64[::1], int32[::1]))
def sort_edges(
    edges: Records,
    explicit: ExplicitEdges,
    chosen: Int64s,
    roots: Int32s,
    ordered: Records,
    ends: Int64s,
    stop: Int32s,
) -> int:
    """Write edges, then explicit edges between different super-vertices, to ``ordered``, sorted by a.

    The sort is stable. Edges with a == v end before index ends[v].
    chosen: the indices of the explicit edges. roots: (n,), the super-vertex of each vertex.
    ordered: receives the edges; it needs room for all. ends: (n + 1,). stop: the flag that stops the merge.
    Returns the number of edges that are written.
    """
    if not find_first_rows(edges, explicit, chosen, roots, ends, stop):
        return 0
    count = ends[len(ends) - 1]
    for i in range(len(edges)):
        if must_stop_at(stop, i):
            return 0
        copy_edge(ordered[ends[edges[i].a]], edges[i])
        ends[edges[i].a] += 1
    for step in range(len(chosen)):
        if must_stop_at(stop, step):
            return 0
        if step + STEPS_AHEAD < len(chosen):
            later = super_vertices_of(explicit, roots, chosen[step + STEPS_AHEAD])[0]
            prefetch(ordered, ends[later])
        a, b = super_vertices_of(explicit, roots, chosen[step])
        if a != b:
            write_edge(ordered[ends[a]], explicit, chosen[step], a, b)
            ends[a] += 1
    return count


@compiled_entry(int64(int64, EDGES, int64[::1], int32[::1], int32[::1], int32[::1]))
def combine_parallel_edges(
    linkage: Integer, edges: Records, ends: Int64s, marks: Int32s, degrees: Int32s, stop: Int32s
) -> int:
    """Combine all edges between the same two vertices into one, at the beginning of ``edges``.

    edges: (M,), sorted by a; of those between the same vertices, those from earlier stages come first.
    ends: (n + 1,), from ``sort_edges``. marks: (n + 1,), scratch. stop: the flag that stops the merge.
    degrees: n + 1 zeros; receives the number of edges of each vertex.
    Returns the number of edges that are left.
    """
    kept, first = 0, 0
    for a in range(len(ends) - 1):
        if must_stop_at(stop, a):
            return kept
        begin = kept
        for i in range(first, ends[a]):
            b = edges[i].b
            at = marks[b]
            if begin <= at < kept and edges[at].b == b:
                add_row_to_edge(linkage, edges[at], edges[i])
            else:
                marks[b] = kept
                copy_edge(edges[kept], edges[i])
                degrees[a] += 1
                degrees[b] += 1
                kept += 1
        first = max(first, ends[a])
    return kept


@compiled_entry(void(GRAPH, int32[::1]))
def give_blocks(graph: Graph, degrees: Int32s) -> None:
    """Give each vertex a block for its edges. The graph must have no edges; its slots may be missing.

    degrees: (n + 1,), the number of edges of each vertex and of the sentinel.
    """
    for v in range(len(degrees)):
        if must_stop_at(graph.stop, v):
            return
        if degrees[v] > 0:
            vertex = graph.vertices[v]
            vertex.kind = block_kind_for(graph, degrees[v])
            vertex.start = take_block(graph, vertex.kind)


@inlined
def prefetch_ends(graph: Graph, edges: Records, i: Integer) -> None:
    """Load what inserting the next edges will write at their second ends. Edges are sorted by the first."""
    far, near = i + 2 * STEPS_AHEAD, i + STEPS_AHEAD
    if far < len(edges):
        prefetch(graph.vertices, np.int64(edges[far].b))
        prefetch(graph.best_weights, np.int64(edges[far].b))
        vertex = graph.vertices[edges[near].b]
        slot = np.int64(vertex.start) + vertex.used
        prefetch(graph.weights, slot)
        prefetch(graph.halves, slot)
        if graph.linkage in KEEP_SUMS:
            prefetch(graph.sums, slot)


@compiled_entry(int64(GRAPH, EDGES))
def insert_edges(graph: Graph, edges: Records) -> int:
    """Insert edges, no two of which join the same vertices, into the empty blocks of a graph.

    Returns how many of the edges join two hubs.
    """
    between_hubs = 0
    for i in range(len(edges)):
        if must_stop_at(graph.stop, i):
            return between_hubs
        prefetch_ends(graph, edges, i)
        edge = edges[i]
        a_row, b_row = graph.vertices[edge.a], graph.vertices[edge.b]
        here, there = np.int64(a_row.used), np.int64(b_row.used)
        at, back = a_row.start + here, b_row.start + there
        bits = weigh_edge(graph.linkage, edge)
        graph.weights[at] = graph.weights[back] = bits
        graph.halves[at] = make_half_edge(edge.b, there)
        graph.halves[back] = make_half_edge(edge.a, here)
        if graph.linkage in KEEP_SUMS:
            graph.sums[at] = graph.sums[back] = pack_sum(graph, edge.total, edge.count)
        a_row.used = a_row.live = here + 1
        b_row.used = b_row.live = there + 1
        for v in (edge.a, edge.b):
            graph.best_weights[v] = max(graph.best_weights[v], bits)
        between_hubs += is_hub(graph, edge.a) and is_hub(graph, edge.b)
    return between_hubs


@compiled_entry(int64(GRAPH, EDGES))
def list_edges(graph: Graph, edges: Records) -> int:
    """Write all edges of the graph to ``edges``, which has room for them, and return their number."""
    count = 0
    for a in range(len(graph.vertices) - 1):
        if must_stop_at(graph.stop, a):
            return count
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
