"""List edges as rows of ``EDGE``, and sum explicit edges, for the backend ``numba``."""

import numpy as np

from merge_impls.arrays import Int32Array, Int64Array, StructuredArray
from merge_impls.builtin.numba_kernels.edges import combine_parallel_edges
from merge_impls.builtin.numba_kernels.explicit_edges import (
    append_explicit_edges,
    sum_explicit_edges,
)
from merge_impls.builtin.numba_kernels.layouts import EDGE, ExplicitEdges
from merge_impls.builtin.numba_kernels.linkage import LINKAGE_NUMBERS, POOL_PIXEL_EDGES
from merge_impls.builtin.numba_kernels.stop import raise_if_stopped
from merge_impls.problem import MergeProblem
from merge_impls.problem_arrays import read_only_view


def rows_with_room(rows: StructuredArray, room: int) -> StructuredArray:
    """Return a copy of rows of ``EDGE``, followed by ``room`` rows without values."""
    longer = np.empty(len(rows) + room, EDGE)
    # The rows are copied as integers, which is faster than field by field.
    copied = rows.view(np.int64)
    longer.view(np.int64)[: len(copied)] = copied
    return longer


def _explicit_edges(problem: MergeProblem, pools: bool) -> ExplicitEdges:
    """The explicit edges of a problem. pools: whether to read their totals and counts, if there are any."""
    totals = counts = np.empty(0, np.int64)
    if pools and problem.totals is not None and problem.counts is not None:
        totals, counts = problem.totals, problem.counts
    assert problem.edges is not None
    arrays = problem.edges, problem.affinities, totals, counts
    return ExplicitEdges(*(read_only_view(np.ascontiguousarray(array)) for array in arrays))


def append_stage_edges(
    problem: MergeProblem,
    roots: Int32Array,
    channels: Int64Array,
    edges: StructuredArray,
    stop: Int32Array,
) -> StructuredArray:
    """Return ``edges`` and, behind them, the explicit edges of a stage between different super-vertices.

    Several edges may join the same two vertices.
    roots: int32 (n,), the super-vertex of each vertex. channels: the indices of the stage's edges.
    edges: rows of ``EDGE``, as the returned array.
    """
    appended = rows_with_room(edges, len(channels))
    explicit = _explicit_edges(problem, problem.linkage in POOL_PIXEL_EDGES)
    count = append_explicit_edges(explicit, channels, roots, appended, len(edges), stop)
    raise_if_stopped(stop)
    return appended[:count]


def join_parallel_edges(
    problem: MergeProblem, edges: StructuredArray, num_vertices: int, stop: Int32Array
) -> tuple[StructuredArray, Int32Array]:
    """Join the edges between the same two vertices to one.

    edges: rows of ``EDGE``; the edges that remain from earlier stages must come first.
    stop: the flag that stops the merge.
    Returns the joined edges and the number of edges of each vertex, int32 (num_vertices + 1,), where the
    last vertex is the sentinel, which has none.
    """
    into = np.empty_like(edges)
    ends = np.zeros(num_vertices + 1, np.int64)
    marks, degrees = np.zeros((2, num_vertices + 1), np.int32)
    linkage = LINKAGE_NUMBERS[problem.linkage]
    kept = combine_parallel_edges(linkage, edges, into, ends, marks, degrees, stop)
    raise_if_stopped(stop)
    return into[:kept], degrees


def sum_edges_by_segment(
    problem: MergeProblem, segments: Int32Array, count: int, stop: Int32Array
) -> tuple[Int64Array, Int64Array]:
    """Sum and count the explicit edges, of all stages, with both ends in the same segment.

    segments: int32 (n,), the segment of each vertex, from 1 to ``count``.
    Returns exact sums of affinities and counts, each int64 (count,).
    """
    totals, counts = np.zeros(count, np.int64), np.zeros(count, np.int64)
    sum_explicit_edges(_explicit_edges(problem, True), segments, totals, counts, stop)
    raise_if_stopped(stop)
    return totals, counts
