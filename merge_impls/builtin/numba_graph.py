"""Make the ``Graph`` on which the compiled functions of the backend ``numba`` work."""

from typing import TypedDict

import numpy as np

from merge_impls.arrays import Int32Array, Int64Array, StructuredArray
from merge_impls.builtin.aligned_arrays import aligned_zeros
from merge_impls.builtin.numba_block_kinds import BlockKinds, make_block_kinds
from merge_impls.builtin.numba_kernels.edges import give_blocks, insert_edges, list_edges
from merge_impls.builtin.numba_kernels.fetch_ahead import MOST_FETCHED
from merge_impls.builtin.numba_kernels.grid_best_edges import find_grid_best_edges
from merge_impls.builtin.numba_kernels.hub import copy_hub_edges, find_hubs
from merge_impls.builtin.numba_kernels.inert_pixels import leave_out_inert_pixels
from merge_impls.builtin.numba_kernels.layouts import (
    EDGE,
    MUST_GROW,
    NO_BLOCK,
    NO_HUB_EDGE,
    NO_SLOT,
    NO_VERTEX,
    NO_WEIGHT,
    NOT_FILLED,
    NOT_MADE,
    STATE,
    VERTEX,
    Graph,
    Pixels,
)
from merge_impls.builtin.numba_kernels.linkage import KEEP_SUMS, LINKAGE_NUMBERS
from merge_impls.builtin.numba_kernels.loop import count_edges
from merge_impls.builtin.numba_kernels.stop import raise_if_stopped
from merge_impls.problem import MergeProblem

MOST_PACKED = (1 << 23) - 1
"""The largest number of pixel edges whose sum and number are packed into 64 bits."""

SLOT_ROOM = 2
"""A graph begins with room for so many times the slots that all its edges take.

This is mostly enough, because the slots of merged vertices are used again. Slots are used from the first one
on, and memory that is never used costs nothing. To grow costs as much as some 100,000 merges.
"""

MOST_SLOTS = np.iinfo(np.int32).max

VERTICES_PER_BUCKET, MOST_BUCKETS = 8, 65535
"""The number of buckets of weights in the queue of vertices is one for 8 vertices, but at most 65536."""

FEWEST_HUB_EDGES = 64
"""The hash table of edges between hubs has room for this number of edges or more."""

SLOTS_PER_EDGE = 10
"""A graph of listed edges has this number of spare slots for each edge of the vertex that has most.

So many slots suffice for a merge of two such vertices: see has_room.
"""

SPARE_SLOTS = 1024
"""Every graph has this number of slots in addition to those of its edges."""


def _state_at_the_start() -> StructuredArray:
    """Make the state, (1,) STATE, of a graph in which nothing was marked, visited or queued yet."""
    state = np.zeros(1, STATE)
    state["marked"] = NO_VERTEX
    state["queued"] = NOT_FILLED
    return state


def _count_pixel_edges(problem: MergeProblem) -> int:
    """A number that is at least that of all pixel edges, so that all wide sums have a row."""
    return problem.affinities.size if problem.counts is None else int(problem.counts.sum())


def _graph_without_edges(
    problem: MergeProblem,
    names: Int32Array,
    parents: Int32Array,
    kinds: BlockKinds,
    slots: int,
    stop: Int32Array,
) -> Graph:
    """Make a graph whose vertices have no edges, with room for ``slots`` slots.

    names, parents, stop: see ``Graph``.
    """
    n, linkage = len(names), LINKAGE_NUMBERS[problem.linkage]
    vertices = aligned_zeros(n + 1, VERTEX)
    vertices["unused"], vertices["best"] = NO_SLOT, ~n
    return Graph(
        vertices=vertices,
        best_weights=np.full(n + 1, NO_WEIGHT, np.int32),
        names=names,
        parents=parents,
        **_empty_slots(slots, linkage),
        wide=np.empty((_count_pixel_edges(problem) // (MOST_PACKED + 1) + 1, 2), np.int64),
        most_packed=MOST_PACKED,
        linkage=linkage,
        **kinds._asdict(),
        free=np.full(len(kinds.sizes), NO_BLOCK, np.int32),
        hub_edges=_empty_hub_edges(FEWEST_HUB_EDGES),
        worklist=np.empty(n, np.int32),
        **_empty_queue(n),
        fetched=np.empty((2, MOST_FETCHED + (1 << kinds.group_bits)), np.int64),
        joined=np.empty(kinds.sizes[-1], np.int32),
        inherited=np.empty(kinds.sizes[-1], np.int32),
        merges=np.empty((n, 3), np.int32),
        state=_state_at_the_start(),
        stop=stop,
    )


class _Queue(TypedDict):
    """The arrays of a ``Graph`` that hold vertices in the order of their best edges."""

    queue: Int64Array
    first_in_bucket: Int32Array
    next_in_bucket: Int32Array


def _empty_queue(n: int) -> _Queue:
    """Make the queue of ``n`` vertices, without values."""
    buckets = min(n // VERTICES_PER_BUCKET, MOST_BUCKETS) + 1
    return {
        "queue": np.empty((n, 2), np.int64),
        "first_in_bucket": np.empty(buckets, np.int32),
        "next_in_bucket": np.empty(n, np.int32),
    }


class _Slots(TypedDict):
    """The arrays of a ``Graph`` that have one entry for each slot."""

    weights: Int32Array
    halves: Int64Array
    sums: Int64Array


def _slots_with_room(used: int) -> int:
    """The number of slots with which a graph begins if its edges, not merged, take ``used`` slots."""
    return min(SLOT_ROOM * used, MOST_SLOTS // 4 * 3) + SPARE_SLOTS


def _empty_slots(count: int, linkage: int) -> _Slots:
    """Make the arrays of ``count`` slots, without values."""
    if count > MOST_SLOTS:
        raise OverflowError("backend numba: more edges than it can number")
    return {
        "weights": np.empty(count, np.int32),
        "halves": np.empty(count, np.int64),
        "sums": np.empty(count if linkage in KEEP_SUMS else 0, np.int64),
    }


def _empty_hub_edges(count: int) -> Int64Array:
    """Make a hash table of edges between hubs with room for ``count`` edges or more."""
    return np.full((1 << (2 * count + 2).bit_length(), 2), NO_HUB_EDGE, np.int64)


def _grow_hub_edges(graph: Graph) -> Graph:
    """Return the graph with a hash table of edges between hubs that has four times as many rows."""
    larger = _empty_hub_edges(2 * len(graph.hub_edges))
    copy_hub_edges(graph.hub_edges, larger)
    return graph._replace(hub_edges=larger)


def grow_graph(graph: Graph) -> Graph:
    """Return a larger graph. Its other arrays are shared, not copied.

    The graph gets a larger hash table of edges between hubs, or half as many slots again.
    """
    state = graph.state[0]
    if 2 * (state["num_hub_edges"] + state["num_hubs"] + 1) > len(graph.hub_edges):
        return _grow_hub_edges(graph)
    count, end = len(graph.weights), int(state["end"])
    larger = _empty_slots(count + count // 2 + SPARE_SLOTS, graph.linkage)
    larger["weights"][:end] = graph.weights[:end]
    larger["halves"][:end] = graph.halves[:end]
    larger["sums"][:end] = graph.sums[:end]
    return graph._replace(**larger)


def make_pixel_graph(
    problem: MergeProblem, pixels: Pixels, parents: Int32Array, inert_below: np.float32
) -> Graph:
    """Make the graph of the first stage of a grid, in which every vertex is a pixel.

    No edges are listed: those of a pixel are read from the grid when they are needed.
    inert_below: pixels whose edges are all lighter are left out of ``pixels.numbers``: see ``inert_pixels``.
    """
    degree = len(pixels.jumps)
    graph = _graph_without_edges(
        problem,
        parents.copy(),
        parents,
        make_block_kinds(len(parents), degree),
        _slots_with_room(len(parents) * degree),
        pixels.stop,
    )
    graph.vertices["start"][:-1] = NOT_MADE
    graph.state["unmade"] = len(parents)
    by_name, scratch = np.argsort(pixels.jumps), np.empty((2, pixels.shape[2]), np.int32)
    find_grid_best_edges(pixels, by_name, graph.vertices, graph.best_weights, scratch)
    raise_if_stopped(pixels.stop)
    if inert_below > 0:
        best, bits = graph.best_weights, inert_below.view(np.int32)
        left_out = leave_out_inert_pixels(pixels.numbers, pixels.pixels, best, bits, pixels.stop)
        raise_if_stopped(pixels.stop)
        graph.state["unmade"] -= left_out
    return graph


def make_edge_graph(
    problem: MergeProblem,
    edges: StructuredArray,
    degrees: Int32Array,
    names: Int32Array,
    parents: Int32Array,
    stop: Int32Array,
) -> Graph:
    """Make a graph from a list of edges.

    edges: rows of ``EDGE``, no two of which join the same vertices.
    degrees: int32 (n + 1,), the number of edges of each vertex and of the sentinel.
    names, parents, stop: see ``Graph``.
    """
    graph = _graph_without_edges(problem, names, parents, make_block_kinds(len(names), 0), 0, stop)
    give_blocks(graph, degrees)
    raise_if_stopped(stop)
    end = int(graph.state["end"][0])
    slots = max(end, _slots_with_room(end + SLOTS_PER_EDGE * int(degrees.max())))
    graph = graph._replace(**_empty_slots(slots, graph.linkage))
    between_hubs = insert_edges(graph, edges)
    raise_if_stopped(stop)
    graph = graph._replace(hub_edges=_empty_hub_edges(max(between_hubs, FEWEST_HUB_EDGES)))
    find_hubs(graph)
    raise_if_stopped(stop)
    return graph


def list_remaining_edges(graph: Graph, pixels: Pixels) -> StructuredArray:
    """List the edges that remain at the end of a stage, as rows of ``EDGE``."""
    while (count := count_edges(graph, pixels)) == MUST_GROW:
        raise_if_stopped(graph.stop)
        graph = grow_graph(graph)
    edges = np.empty(count, EDGE)
    list_edges(graph, edges)
    raise_if_stopped(graph.stop)
    return edges
