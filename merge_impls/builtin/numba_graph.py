"""Make the ``Graph`` on which the compiled functions of the backend ``numba`` work."""

from typing import TypedDict

import numpy as np

from merge_impls.arrays import Int32Array, Int64Array, StructuredArray
from merge_impls.builtin.numba_kernels.edges import combine_parallel_edges, insert_edges
from merge_impls.builtin.numba_kernels.grid_best_edges import find_grid_best_edges
from merge_impls.builtin.numba_kernels.layouts import (
    EDGE,
    MUST_GROW,
    NO_BLOCK,
    NO_SLOT,
    NO_VERTEX,
    NO_WEIGHT,
    NOT_MADE,
    STATE,
    VERTEX,
    Graph,
    Pixels,
)
from merge_impls.builtin.numba_kernels.linkage import KEEP_SUMS, LINKAGE_NUMBERS
from merge_impls.builtin.numba_kernels.loop import count_edges, list_edges
from merge_impls.problem import MergeProblem

MOST_PACKED = (1 << 23) - 1
"""The largest number of pixel edges whose sum and number are packed into 64 bits."""

INITIAL_SLOT_SHARE = 0.5
"""A grid begins with this share of the slots that the edges of all its pixels would take.

This is mostly enough, because the slots of merged pixels are used again.
"""

SPARE_SLOTS = 1024
"""Every graph has this number of slots in addition to those of its edges."""


def _block_sizes(largest: int) -> Int64Array:
    """The sizes of blocks in slots: 8, 16, 24, 32, 48, 64, 96, ...; the last is >= ``largest``."""
    sizes = [8]
    while sizes[-1] < largest:
        sizes.append(sizes[-1] + max(8, 1 << sizes[-1].bit_length() - 2))
    return np.array(sizes)


def _graph_without_edges(
    problem: MergeProblem, names: Int32Array, parents: Int32Array, degree: int, slots: int
) -> Graph:
    """Make a graph whose vertices have no edges, with room for ``slots`` slots in all.

    names, parents: int32 (n,), see ``Graph``.
    degree: the number of slots of a block that is made for a pixel.
    """
    n, linkage = len(names), LINKAGE_NUMBERS[problem.linkage]
    vertices = np.zeros(n + 1, VERTEX)
    vertices["unused"] = NO_SLOT
    vertices["best"] = ~n
    sizes = _block_sizes(2 * max(n, degree))
    state = np.zeros(1, STATE)
    state["marked"] = NO_VERTEX
    return Graph(
        vertices=vertices,
        best_weights=np.full(n + 1, NO_WEIGHT, np.int32),
        names=names,
        parents=parents,
        **_empty_slots(slots, linkage),
        wide=np.empty((problem.affinities.size // (MOST_PACKED + 1) + 1, 2), np.int64),
        most_packed=MOST_PACKED,
        linkage=linkage,
        sizes=sizes,
        pixel_kind=int(np.searchsorted(sizes, degree)),
        free=np.full(len(sizes), NO_BLOCK, np.int32),
        worklist=np.empty(n, np.int32),
        waiting=np.zeros(n, np.uint8),
        joined=np.empty(sizes[-1], np.int32),
        inherited=np.empty(sizes[-1], np.int32),
        merges=np.empty((n, 3), np.int32),
        state=state,
    )


class _Slots(TypedDict):
    """The arrays of a ``Graph`` that have one entry for each slot."""

    weights: Int32Array
    halves: Int64Array
    sums: Int64Array


def _empty_slots(count: int, linkage: int) -> _Slots:
    """Make the arrays of ``count`` slots, without values."""
    if count > np.iinfo(np.int32).max:
        raise OverflowError("backend numba: more edges than it can number")
    return {
        "weights": np.empty(count, np.int32),
        "halves": np.empty(count, np.int64),
        "sums": np.empty(count if linkage in KEEP_SUMS else 0, np.int64),
    }


def grow_graph(graph: Graph) -> Graph:
    """Return the graph with at least 1.5 times as many slots. All other arrays are shared, not copied."""
    count = len(graph.weights)
    larger = _empty_slots(count + count // 2 + SPARE_SLOTS, graph.linkage)
    larger["weights"][:count] = graph.weights
    larger["halves"][:count] = graph.halves
    larger["sums"][: len(graph.sums)] = graph.sums
    return graph._replace(**larger)


def make_pixel_graph(problem: MergeProblem, pixels: Pixels, parents: Int32Array) -> Graph:
    """Make the graph of the first stage of a grid, in which every vertex is a pixel.

    No edges are listed: those of a pixel are read from the grid when they are needed.
    """
    degree = len(pixels.jumps)
    graph = _graph_without_edges(
        problem,
        parents.copy(),
        parents,
        degree,
        int(INITIAL_SLOT_SHARE * len(parents) * degree) + SPARE_SLOTS,
    )
    graph.vertices["start"][:-1] = NOT_MADE
    by_name, scratch = np.argsort(pixels.jumps), np.empty((2, pixels.shape[2]), np.int32)
    find_grid_best_edges(pixels, by_name, graph.vertices, graph.best_weights, scratch)
    return graph


def make_edge_graph(
    problem: MergeProblem, edges: StructuredArray, names: Int32Array, parents: Int32Array
) -> Graph:
    """Make a graph from a list of edges.

    edges: rows of ``EDGE``, no two of which join the same vertices. names, parents: see ``Graph``.
    """
    degrees = np.bincount(edges["a"], minlength=len(names) + 1)
    degrees += np.bincount(edges["b"], minlength=len(names) + 1)
    sizes = _block_sizes(2 * max(len(names), 1))
    kinds = np.searchsorted(sizes, degrees)
    ends = np.cumsum(np.where(degrees > 0, sizes[kinds], 0))
    graph = _graph_without_edges(
        problem, names, parents, 0, int(ends[-1]) + len(edges) + SPARE_SLOTS
    )
    graph.vertices["start"][1:] = ends[:-1]
    graph.vertices["kind"] = kinds
    graph.state["end"] = ends[-1]
    insert_edges(graph, edges)
    return graph


def list_remaining_edges(graph: Graph, pixels: Pixels) -> StructuredArray:
    """List the edges that remain at the end of a stage, as rows of ``EDGE``."""
    while (count := count_edges(graph, pixels)) == MUST_GROW:
        graph = grow_graph(graph)
    edges = np.empty(count, EDGE)
    list_edges(graph, edges)
    return edges


def join_parallel_edges(
    problem: MergeProblem, edges: StructuredArray, num_vertices: int
) -> StructuredArray:
    """Return edges in which those that join the same two vertices have become one.

    edges: rows of ``EDGE``; the edges that remain from earlier stages must come first.
    """
    into = np.empty_like(edges)
    ends, marks = np.zeros(num_vertices + 1, np.int64), np.zeros(num_vertices, np.int32)
    return into[
        : combine_parallel_edges(LINKAGE_NUMBERS[problem.linkage], edges, into, ends, marks)
    ]
