"""The backend ``numba``: the algorithm of c_merge/fast in Python, compiled by numba, on one thread.

``numba_kernels/loop.py`` describes the order of the merges. In the first stage that has edges, the
edges of a pixel are read from the grid when they are needed. Every later stage builds a new graph
from a list of edges: the remaining edges of earlier stages, and the edges that the stage adds.
"""

import numpy as np

from merge_impls.arrays import Int32Array, Int64Array, StructuredArray
from merge_impls.builtin.stoppable_call import call_stoppably
from merge_impls.problem import MergeProblem
from merge_impls.result import HISTORY_DTYPE, MergeResult, mean_affinities_from_sums

try:
    from merge_impls.builtin import numba_edges, numba_graph, numba_grid
    from merge_impls.builtin.numba_kernels.history import DIGIT_BITS, sort_rows
    from merge_impls.builtin.numba_kernels.layouts import EDGE, NOT_FILLED, Graph, Pixels
    from merge_impls.builtin.numba_kernels.loop import FIRST_PATIENCE, merge_stage
    from merge_impls.builtin.numba_kernels.segments import find_roots, number_segments
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
    if len(pixels.pixels) == 0:
        return _result_without_segments(problem)
    graph, history = None, []
    parents = np.arange(len(pixels.pixels), dtype=np.int32)
    channels_of_stages = numba_grid.find_channels_of_stages(problem)
    for stage, threshold in enumerate(problem.thresholds):
        channels = channels_of_stages[stage]
        if len(channels) and graph is None and problem.is_grid:
            pixels = numba_grid.add_neighbours(pixels, problem, channels)
            is_last = not any(map(len, channels_of_stages[stage + 1 :]))
            inert_below = problem.thresholds[stage:].min() if is_last else np.float32(0)
            graph = numba_graph.make_pixel_graph(problem, pixels, parents, inert_below)
        elif len(channels):
            names, edges = parents.copy(), np.empty(0, EDGE)
            if graph is not None:
                names, edges = graph.names, numba_graph.list_remaining_edges(graph, pixels)
                graph = None  # Memory that is released early is used again, with fewer new pages.
            edges, degrees = _list_edges(problem, edges, pixels, parents, channels)
            pixels = numba_grid.remove_neighbours(pixels)
            graph = numba_graph.make_edge_graph(problem, edges, degrees, names, parents, stop)
            del edges, degrees
        if graph is not None:
            graph, rows = _merge_one_stage(graph, pixels, threshold)
            history.append(_history_rows(rows, stage, pixels.pixels))
    find_roots(parents, stop)
    raise_if_stopped(stop)
    return _make_result(problem, pixels, parents, history)


def _list_edges(
    problem: MergeProblem,
    edges: StructuredArray,
    pixels: Pixels,
    parents: Int32Array,
    channels: Int64Array,
) -> tuple[StructuredArray, Int32Array]:
    """List the edges with which a stage begins; return what ``join_parallel_edges`` returns.

    edges: rows of ``EDGE``, those that remain from earlier stages. They are joined with the edges that the
    stage adds. parents: int32 (n,), updated to the super-vertex of each vertex.
    channels: from ``find_stage_channels``.
    """
    stop = pixels.stop
    find_roots(parents, stop)
    raise_if_stopped(stop)
    if problem.is_grid:
        edges = numba_grid.append_stage_edges(problem, pixels, parents, channels, edges)
        channels = channels[:0]
    return numba_edges.join_parallel_edges(problem, edges, parents, channels, stop)


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
    return graph, _sorted_merges(graph)


def _sorted_merges(graph: Graph) -> Int32Array:
    """The merges of a stage in greedy order, int32 (merges, 3)."""
    rows = graph.merges[: graph.state["merges"][0]]
    other, firsts = np.empty_like(rows), np.empty(1 << DIGIT_BITS, np.int64)
    moved = sort_rows(rows, other, firsts, graph.stop)
    raise_if_stopped(graph.stop)
    return other if moved else rows


def _history_rows(rows: Int32Array, stage: int, names: Int32Array) -> StructuredArray:
    """Convert the merges of a stage to rows of a history. names: the pixel of each vertex."""
    history = np.empty(len(rows), HISTORY_DTYPE)
    history["stage"], history["weight"] = stage, rows[:, 0].view(np.float32)
    history["a"], history["b"] = names[rows[:, 1]], names[rows[:, 2]]
    return history


def _joined_histories(histories: list[StructuredArray]) -> StructuredArray:
    """The histories of all stages, one after the other. A single one is not copied."""
    if len(histories) == 1:
        return histories[0]
    return np.concatenate([np.empty(0, HISTORY_DTYPE), *histories])


def _result_without_segments(problem: MergeProblem) -> MergeResult:
    """The result of a problem without foreground."""
    return MergeResult(
        labels=np.zeros(problem.shape, np.int32),
        sizes=np.empty(0, np.int64),
        confidences=np.empty(0),
        history=np.empty(0, HISTORY_DTYPE),
    )


def _make_result(
    problem: MergeProblem, pixels: Pixels, roots: Int32Array, history: list[StructuredArray]
) -> MergeResult:
    """Number the segments, given the super-vertex of each vertex; compute sizes and confidences."""
    segments, sizes = np.empty(len(roots), np.int32), np.empty(len(roots), np.int64)
    number = np.zeros(len(roots), np.int32)
    count = number_segments(roots, number, segments, sizes, pixels.stop)
    raise_if_stopped(pixels.stop)
    if problem.is_grid:
        labels = numba_grid.make_labels(problem, pixels, segments)
        totals, counts = numba_grid.sum_edges_by_segment(problem, pixels, segments, count)
    else:
        labels = segments
        totals, counts = numba_edges.sum_edges_by_segment(problem, segments, count, pixels.stop)
    return MergeResult(
        labels=labels.reshape(problem.shape),
        sizes=sizes[:count].copy(),
        confidences=mean_affinities_from_sums(totals, counts),
        history=_joined_histories(history),
    )
