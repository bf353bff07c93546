"""List edges as rows of ``EDGE``, and sum explicit edges, for the backend ``numba``."""

import numpy as np

from merge_impls.arrays import Int32Array, Int64Array, StructuredArray
from merge_impls.builtin.numba_kernels.edges import combine_parallel_edges, sort_edges
from merge_impls.builtin.numba_kernels.explicit_edges import sum_explicit_edges
from merge_impls.builtin.numba_kernels.layouts import EDGE, ExplicitEdges
from merge_impls.builtin.numba_kernels.linkage import LINKAGE_NUMBERS, POOL_PIXEL_EDGES
from merge_impls.builtin.numba_kernels.stop import raise_if_stopped
from merge_impls.problem import MergeProblem
from merge_impls.problem_arrays import read_only_view

NO_EXPLICIT_EDGES = ExplicitEdges(
    ends=read_only_view(np.empty((0, 2), np.int64)),
    affinities=read_only_view(np.empty(0, np.uint16)),
    totals=read_only_view(np.empty(0, np.int64)),
    counts=read_only_view(np.empty(0, np.int64)),
)


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


def join_parallel_edges(
    problem: MergeProblem,
    edges: StructuredArray,
    roots: Int32Array,
    channels: Int64Array,
    stop: Int32Array,
) -> tuple[StructuredArray, Int32Array]:
    """Join the edges between the same two vertices to one.

    edges: rows of ``EDGE``; the edges that remain from earlier stages must come first.
    roots: int32 (n,), the super-vertex of each vertex.
    channels: the indices of explicit edges that are added to ``edges``; none for a grid.
    stop: the flag that stops the merge.
    Returns the joined edges and the number of edges of each vertex, int32 (n + 1,), where the last vertex is
    the sentinel, which has none.
    """
    explicit = NO_EXPLICIT_EDGES
    if not problem.is_grid:
        explicit = _explicit_edges(problem, problem.linkage in POOL_PIXEL_EDGES)
    ordered = np.empty(len(edges) + len(channels), EDGE)
    ends = np.empty(len(roots) + 1, np.int64)
    count = sort_edges(edges, explicit, channels, roots, ordered, ends, stop)
    raise_if_stopped(stop)
    marks, degrees = np.zeros((2, len(roots) + 1), np.int32)
    linkage = LINKAGE_NUMBERS[problem.linkage]
    kept = combine_parallel_edges(linkage, ordered[:count], ends, marks, degrees, stop)
    raise_if_stopped(stop)
    return ordered[:kept], degrees


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
