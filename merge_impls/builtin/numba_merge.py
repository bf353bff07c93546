"""The backend ``numba``: the algorithm of c_merge/fast in Python, compiled by numba, on one thread.

``numba_kernels/loop.py`` describes the order of the merges. In the first stage that has edges, the
edges of a pixel are read from the grid when they are needed. Every later stage builds a new graph
from a list of edges: the remaining edges of earlier stages, and the edges that the stage adds.
"""

import numpy as np

from merge_impls.arrays import Int32Array, Int64Array, IntegerArray, StructuredArray
from merge_impls.builtin.stoppable_call import call_stoppably
from merge_impls.problem import MergeProblem
from merge_impls.result import HISTORY_DTYPE, MergeResult, mean_affinities_from_sums

try:
    from merge_impls.builtin import numba_graph, numba_grid
    from merge_impls.builtin.numba_kernels.edges import combine_parallel_edges
    from merge_impls.builtin.numba_kernels.history import DIGIT_BITS, sort_rows
    from merge_impls.builtin.numba_kernels.layouts import EDGE, NOT_FILLED, Graph, Pixels
    from merge_impls.builtin.numba_kernels.linkage import LINKAGE_NUMBERS, POOL_PIXEL_EDGES
    from merge_impls.builtin.numba_kernels.loop import FIRST_PATIENCE, merge_stage
    from merge_impls.builtin.numba_kernels.segments import find_roots, label_pixels, number_segments
    from merge_impls.builtin.numba_kernels.stop import raise_if_stopped
except RuntimeError as error:
    if "no locator" not in str(error):
        raise
    hint = "numba finds no folder for its cache; set NUMBA_CACHE_DIR to a writable folder"
    raise ImportError(hint) from error


def merge(problem: MergeProblem) -> MergeResult:
    """Merge a problem on one thread.

    If a signal handler raises an exception during a long merge, the merge is stopped first.
    Raises MemoryError; OverflowError if there are more edges than 31 bits can number; ValueError if
    the affinities changed during the merge.
    """
    work = problem.affinities.size + problem.num_vertices
    return call_stoppably(lambda stop: _merge_until_stopped(problem, stop), work)


def _merge_until_stopped(problem: MergeProblem, stop: Int32Array) -> MergeResult:
    """Merge a problem; raise ``Stopped`` soon after the flag ``stop``, int32 (1,), is set."""
    pixels = numba_grid.make_pixels(problem, stop)
    graph, history = None, []
    parents = np.arange(len(pixels.pixels), dtype=np.int32)
    for stage, threshold in enumerate(problem.thresholds):
        channels = numba_grid.find_stage_channels(problem, stage)
        if len(channels) and graph is None and problem.is_grid:
            pixels = numba_grid.add_neighbours(pixels, problem, channels)
            graph = numba_graph.make_pixel_graph(problem, pixels, parents)
        elif len(channels):
            remaining = (
                np.empty(0, EDGE)
                if graph is None
                else numba_graph.list_remaining_edges(graph, pixels)
            )
            names = parents.copy() if graph is None else graph.names
            find_roots(parents, stop)
            raise_if_stopped(stop)
            pixels = numba_grid.remove_neighbours(pixels)
            added = _list_stage_edges(problem, pixels, parents, channels)
            edges = _join_parallel_edges(
                problem, _concatenate_edges(remaining, added), len(parents), stop
            )
            graph = numba_graph.make_edge_graph(problem, edges, names, parents, stop)
        if graph is not None:
            graph, rows = _merge_one_stage(graph, pixels, threshold)
            history.append(_history_rows(rows, stage, pixels.pixels))
    find_roots(parents, stop)
    raise_if_stopped(stop)
    return _make_result(problem, pixels, parents, history)


def _list_stage_edges(
    problem: MergeProblem, pixels: Pixels, roots: Int32Array, channels: IntegerArray
) -> StructuredArray:
    """List the pixel edges of a stage between different super-vertices, as rows of ``EDGE``.

    roots: int32 (n,), the super-vertex of each vertex. channels: from ``find_stage_channels``.
    """
    if problem.edges is None:
        labels = np.empty(len(pixels.numbers), np.int32)
        label_pixels(pixels.numbers, roots + np.int32(1), labels, pixels.stop)
        raise_if_stopped(pixels.stop)
        return numba_grid.list_edges_between_labels(problem, pixels, labels, channels)
    ends = np.sort(roots[problem.edges[channels]], axis=1)
    between = ends[:, 0] != ends[:, 1]
    edges = np.empty(np.count_nonzero(between), EDGE)
    edges["a"], edges["b"] = ends[between].T
    edges["weight"] = -1
    edges["total"], edges["count"] = _totals_and_counts(problem, channels[between])
    return edges


def _concatenate_edges(edges: StructuredArray, more: StructuredArray) -> StructuredArray:
    """Concatenate two arrays of ``EDGE``. Whole rows are copied, which is faster than their fields."""
    return np.concatenate([edges.view(np.int64), more.view(np.int64)]).view(EDGE)


def _join_parallel_edges(
    problem: MergeProblem, edges: StructuredArray, num_vertices: int, stop: Int32Array
) -> StructuredArray:
    """Return edges in which those that join the same two vertices have become one.

    edges: rows of ``EDGE``; the edges that remain from earlier stages must come first.
    stop: the flag that stops the merge.
    """
    into = np.empty_like(edges)
    ends, marks = np.zeros(num_vertices + 1, np.int64), np.zeros(num_vertices, np.int32)
    linkage = LINKAGE_NUMBERS[problem.linkage]
    kept = combine_parallel_edges(linkage, edges, into, ends, marks, stop)
    raise_if_stopped(stop)
    return into[:kept]


def _totals_and_counts(
    problem: MergeProblem, edges: IntegerArray
) -> tuple[IntegerArray, IntegerArray | int]:
    """The totals and counts of explicit edges or, for single and complete, their affinities and 1."""
    pools = problem.linkage in POOL_PIXEL_EDGES
    if pools and problem.totals is not None and problem.counts is not None:
        return problem.totals[edges], problem.counts[edges]
    return problem.affinities[edges], 1


def _merge_one_stage(
    graph: Graph, pixels: Pixels, threshold: np.float32
) -> tuple[Graph, Int32Array]:
    """Merge one stage; return the graph, which may have grown, and the merges in greedy order.

    A merge is a row of three int32: the bits of the weight, and the names a < b.
    """
    graph.state["merges"] = graph.state["tile"] = 0
    graph.state["patience"], graph.state["queued"] = FIRST_PATIENCE, NOT_FILLED
    while not merge_stage(graph, pixels, threshold.view(np.int32)):
        raise_if_stopped(graph.stop)
        if graph.state["changed"][0]:
            raise ValueError(
                "backend numba: the affinities changed during the merge; change them after it, or "
                "merge a copy"
            )
        graph = numba_graph.grow_graph(graph)
    rows = graph.merges[: graph.state["merges"][0]]
    other, firsts = np.empty_like(rows), np.empty(1 << DIGIT_BITS, np.int64)
    moved = sort_rows(rows, other, firsts, graph.stop)
    raise_if_stopped(graph.stop)
    return graph, other if moved else rows


def _history_rows(rows: Int32Array, stage: int, names: Int32Array) -> StructuredArray:
    """Convert the merges of a stage to rows of a history. names: the pixel of each vertex."""
    history = np.empty(len(rows), HISTORY_DTYPE)
    history["stage"], history["weight"] = stage, rows[:, 0].view(np.float32)
    history["a"], history["b"] = names[rows[:, 1]], names[rows[:, 2]]
    return history


def _sums_of_edges(
    problem: MergeProblem, edges: Int64Array, roots: Int32Array, segments: Int32Array, count: int
) -> tuple[Int64Array, Int64Array]:
    """Sum and count the explicit edges, of all stages, with both ends in the same segment.

    roots: int32 (n,), the super-vertex of each vertex. segments: int32 (n,), the segment of each
    vertex, from 1 to ``count``. Returns exact sums and counts, each int64 (count,).
    """
    u, v = roots[edges.T]
    of_edge, q = segments[u[u == v]] - 1, problem.affinities[u == v]
    totals, counts = np.zeros(count, np.int64), np.zeros(count, np.int64)
    if problem.counts is None or problem.totals is None:
        np.add.at(totals, of_edge, q.astype(np.int64))
        return totals, np.bincount(of_edge, minlength=count)
    np.add.at(totals, of_edge, problem.totals[u == v])
    np.add.at(counts, of_edge, problem.counts[u == v])
    return totals, counts


def _make_result(
    problem: MergeProblem, pixels: Pixels, roots: Int32Array, history: list[StructuredArray]
) -> MergeResult:
    """Number the segments, given the super-vertex of each vertex; compute sizes and confidences."""
    segments, sizes = np.empty(len(roots), np.int32), np.empty(len(roots), np.int64)
    number = np.zeros(len(roots), np.int32)
    count = number_segments(roots, number, segments, sizes, pixels.stop)
    raise_if_stopped(pixels.stop)
    if problem.edges is None:
        labels = np.empty(problem.num_vertices, np.int32)
        label_pixels(pixels.numbers, segments, labels, pixels.stop)
        raise_if_stopped(pixels.stop)
        totals, counts = numba_grid.sum_edges_by_label(problem, pixels, labels, count)
    else:
        labels = segments
        totals, counts = _sums_of_edges(problem, problem.edges, roots, segments, count)
    return MergeResult(
        labels=labels.reshape(problem.shape),
        sizes=sizes[:count].copy(),
        confidences=mean_affinities_from_sums(totals, counts),
        history=np.concatenate([np.empty(0, HISTORY_DTYPE), *history]),
    )
