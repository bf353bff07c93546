"""Read explicit edges: list those of a stage, and sum those inside segments."""

import numpy as np
from numba import int32, int64, void

from merge_impls.builtin.numba_kernels.compiling import compiled_entry, inlined
from merge_impls.builtin.numba_kernels.layouts import (
    EDGES,
    EXPLICIT_EDGES,
    ExplicitEdges,
    Int32s,
    Int64s,
    Integer,
    Records,
)
from merge_impls.builtin.numba_kernels.stop import must_stop_at


@inlined
def total_and_count_of(explicit: ExplicitEdges, i: Integer) -> tuple[Integer, Integer]:
    """The total and the count of edge i: its affinity and 1 if there are no counts."""
    if len(explicit.counts) > 0:
        return explicit.totals[i], explicit.counts[i]
    return np.int64(explicit.affinities[i]), np.int64(1)


@compiled_entry(int64(EXPLICIT_EDGES, int64[::1], int32[::1], EDGES, int64, int32[::1]))
def append_explicit_edges(
    explicit: ExplicitEdges, chosen: Int64s, roots: Int32s, edges: Records, count: int, stop: Int32s
) -> int:
    """Append explicit edges between different super-vertices to ``edges``, which has room for all.

    chosen: the indices of the edges to append. roots: (n,), the super-vertex of each vertex.
    count: the number of edges in ``edges``; the new number is returned. stop: the flag that stops the merge.
    """
    for step in range(len(chosen)):
        if must_stop_at(stop, step):
            return count
        i = chosen[step]
        u, v = roots[explicit.ends[i, 0]], roots[explicit.ends[i, 1]]
        if u != v:
            edge = edges[count]
            edge.a, edge.b, edge.weight = min(u, v), max(u, v), -1
            edge.total, edge.count = total_and_count_of(explicit, i)
            count += 1
    return count


@compiled_entry(void(EXPLICIT_EDGES, int32[::1], int64[::1], int64[::1], int32[::1]))
def sum_explicit_edges(
    explicit: ExplicitEdges, segments: Int32s, totals: Int64s, counts: Int64s, stop: Int32s
) -> None:
    """Add the explicit edges with both ends in the same segment to the sums of that segment.

    segments: (n,), of each vertex. stop: the flag that stops the merge.
    totals, counts: (N,), updated; the sums of a segment are at index segment - 1.
    """
    for i in range(len(explicit.ends)):
        if must_stop_at(stop, i):
            return
        segment = segments[explicit.ends[i, 0]]
        if segment == segments[explicit.ends[i, 1]]:
            total, count = total_and_count_of(explicit, i)
            totals[segment - 1] += total
            counts[segment - 1] += count
