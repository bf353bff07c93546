"""A grid's rows as runs of pixels with one label, and where runs meet along an offset."""

import numpy as np
from numba import int32, int64, void

from merge_impls.builtin.numba_kernels.compiling import entry, inlined
from merge_impls.builtin.numba_kernels.layouts import (
    AFFINITIES,
    EDGES,
    RUNS,
    Int32s,
    Int64s,
    Integer,
    Records,
    Uint16s,
)
from merge_impls.builtin.numba_kernels.linkage import combine_affinities
from merge_impls.builtin.numba_kernels.sums import total_affinity


@entry(int64(int32[::1], int64, RUNS, int64[::1]))
def find_runs(labels: Int32s, width: Integer, runs: Records, firsts: Int64s) -> int:
    """Cut rows of labels (0: nothing) into runs; return their number. If ``runs`` is empty, only count.

    firsts: (rows + 1,); gets the first run of each row.
    """
    count = 0
    for row in range(len(firsts) - 1):
        firsts[row] = count
        last = np.int32(0)
        for x in range(width):
            label = labels[row * width + x]
            if label == last:
                continue
            if last != 0 and len(runs) > 0:
                runs[count - 1].end = x
            if label != 0:
                if len(runs) > 0:
                    runs[count].begin, runs[count].end, runs[count].label = x, width, label
                count += 1
            last = label
    firsts[len(firsts) - 1] = count
    return count


@inlined
def next_pair(runs: Records, here: Integer, there: Integer, dx: Integer) -> tuple[Integer, Integer]:
    """The next two runs to compare, here and there: the run that ends first gives way to its successor."""
    if runs[there].end - dx <= runs[here].end:
        return here, there + 1
    return here + 1, there


@inlined
def meeting_of_runs(
    runs: Records, here: Integer, there: Integer, dx: Integer
) -> tuple[Integer, Integer]:
    """The pixels first .. end - 1 of the run here that meet the run there; end <= first if none do."""
    first = max(np.int64(runs[here].begin), runs[there].begin - dx)
    return first, min(np.int64(runs[here].end), runs[there].end - dx)


@inlined
def append_edges_between_rows(
    runs: Records,
    firsts: Int64s,
    row: Integer,
    other: Integer,
    dx: Integer,
    affinities: Uint16s,
    linkage: Integer,
    edges: Records,
    count: int,
) -> int:
    """Append the edges from one row to another between different labels; return the new count."""
    here, there = firsts[row], firsts[other]
    while here < firsts[row + 1] and there < firsts[other + 1]:
        first, end = meeting_of_runs(runs, here, there, dx)
        u, v = runs[here].label - 1, runs[there].label - 1
        if first < end and u != v:
            if count < len(edges):
                edge = edges[count]
                edge.a, edge.b = min(u, v), max(u, v)
                edge.total, edge.count = combine_affinities(linkage, affinities[first:end])
                edge.weight = -1
            count += 1
        here, there = next_pair(runs, here, there, dx)
    return count


@inlined
def sum_inner_edges_of_rows(
    runs: Records,
    firsts: Int64s,
    row: Integer,
    other: Integer,
    dx: Integer,
    affinities: Uint16s,
    totals: Int64s,
    counts: Int64s,
) -> None:
    """Add the edges from one row to another that stay within a label."""
    here, there = firsts[row], firsts[other]
    while here < firsts[row + 1] and there < firsts[other + 1]:
        first, end = meeting_of_runs(runs, here, there, dx)
        label = runs[here].label
        if first < end and label == runs[there].label:
            totals[label - 1] += total_affinity(affinities[first:end])
            counts[label - 1] += end - first
        here, there = next_pair(runs, here, there, dx)


@inlined
def other_row(shape: Int64s, offset: Int64s, row: Integer) -> Integer:
    """The row that an offset leads to, or -1 outside the grid."""
    z, y = row // shape[1] + offset[0], row % shape[1] + offset[1]
    return z * shape[1] + y if 0 <= z < shape[0] and 0 <= y < shape[1] else -1


@entry(int64(RUNS, int64[::1], int64[::1], int64[::1], AFFINITIES, int64, EDGES, int64))
def append_edges_between_labels(
    runs: Records,
    firsts: Int64s,
    shape: Int64s,
    offset: Int64s,
    affinities: Uint16s,
    linkage: Integer,
    edges: Records,
    count: int,
) -> int:
    """Append the pixel edges of one offset between two labels, label - 1 being the vertex.

    affinities: of this offset. count: edges so far. Returns the new count, even if ``edges`` is full.
    """
    width = shape[2]
    for row in range(shape[0] * shape[1]):
        other = other_row(shape, offset, row)
        if other >= 0:
            of_row = affinities[row * width : (row + 1) * width]
            count = append_edges_between_rows(
                runs, firsts, row, other, offset[2], of_row, linkage, edges, count
            )
    return count


@entry(void(RUNS, int64[::1], int64[::1], int64[::1], AFFINITIES, int64[::1], int64[::1]))
def sum_edges_inside_labels(
    runs: Records,
    firsts: Int64s,
    shape: Int64s,
    offset: Int64s,
    affinities: Uint16s,
    totals: Int64s,
    counts: Int64s,
) -> None:
    """Add the pixel edges of one offset within a label to totals[label - 1] and counts[label - 1]."""
    width = shape[2]
    for row in range(shape[0] * shape[1]):
        other = other_row(shape, offset, row)
        if other >= 0:
            of_row = affinities[row * width : (row + 1) * width]
            sum_inner_edges_of_rows(runs, firsts, row, other, offset[2], of_row, totals, counts)
