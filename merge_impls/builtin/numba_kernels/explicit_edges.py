"""Read explicit edges, and sum those inside segments."""

import numpy as np
from numba import int32, int64, void

from merge_impls.builtin.numba_kernels.compiling import compiled_entry, inlined
from merge_impls.builtin.numba_kernels.layouts import (
    EXPLICIT_EDGES,
    ExplicitEdges,
    Int32s,
    Int64s,
    Integer,
    Record,
)
from merge_impls.builtin.numba_kernels.stop import must_stop_at


@inlined
def total_and_count_of(explicit: ExplicitEdges, i: Integer) -> tuple[Integer, Integer]:
    """The total and the count of edge i: its affinity and 1 if there are no counts."""
    if len(explicit.counts) > 0:
        return explicit.totals[i], explicit.counts[i]
    return np.int64(explicit.affinities[i]), np.int64(1)


@inlined
def super_vertices_of(
    explicit: ExplicitEdges, roots: Int32s, i: Integer
) -> tuple[Integer, Integer]:
    """The two super-vertices that edge i joins, the smaller one first. roots: of each vertex."""
    u, v = roots[explicit.ends[i, 0]], roots[explicit.ends[i, 1]]
    return min(u, v), max(u, v)


@inlined
def write_edge(edge: Record, explicit: ExplicitEdges, i: Integer, a: Integer, b: Integer) -> None:
    """Write edge i, which joins super-vertices a and b, to a row of ``EDGE``."""
    edge.a, edge.b, edge.weight = a, b, -1
    edge.total, edge.count = total_and_count_of(explicit, i)


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
