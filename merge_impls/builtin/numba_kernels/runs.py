"""Read a labelled grid run by run, which is faster than pixel by pixel.

A run is a series of pixels in a row of the grid that have the same label. Two runs meet along an
offset if the offset leads from pixels of one run to pixels of the other one.
"""

import numpy as np
from numba import int32, int64, void

from merge_impls.builtin.numba_kernels.compiling import compiled_entry, inlined
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
from merge_impls.builtin.numba_kernels.linkage import pool_affinities
from merge_impls.builtin.numba_kernels.stop import must_stop, must_stop_at
from merge_impls.builtin.numba_kernels.sums import total_affinity


@compiled_entry(int64(int32[::1], int32[::1], int64, RUNS, int64[::1], int32[::1]))
def find_runs(
    pixels: Int32s, labels: Int32s, width: Integer, runs: Records, firsts: Int64s, stop: Int32s
) -> int:
    """Find the runs of all rows; return their number. Pixels outside the mask are in no run.

    pixels: (n,), the pixel of each vertex. labels: (n,), the label of each vertex, which is above 0.
    width: the number of pixels of a row. runs: receives the runs; it needs room for all.
    firsts: (rows + 1,), receives the index of the first run of each row, then the number of runs.
    stop: the flag that stops the merge.
    """
    row_end: Integer
    count, row, row_end, end = 0, -1, 0, np.int64(0)
    last = np.int32(0)
    for v in range(len(pixels)):
        if must_stop_at(stop, v):
            return count
        while pixels[v] >= row_end:
            row += 1
            row_end += width
            firsts[row], last = count, np.int32(0)
        x = pixels[v] - row_end + width
        if x != end or labels[v] != last:
            last = labels[v]
            runs[count].begin, runs[count].label = x, last
            count += 1
        end = x + 1
        runs[count - 1].end = end
    for following in range(row + 1, len(firsts)):
        if must_stop_at(stop, following):
            return count
        firsts[following] = count
    return count


@inlined
def next_runs_to_compare(
    runs: Records, here: Integer, there: Integer, dx: Integer
) -> tuple[Integer, Integer]:
    """The next two runs to compare: the run that ends first is replaced by its successor.

    here, there: indices of two runs. dx: the offset along the row from the first run to the second.
    """
    if runs[there].end - dx <= runs[here].end:
        return here, there + 1
    return here + 1, there


@inlined
def meeting_of_runs(
    runs: Records, here: Integer, there: Integer, dx: Integer
) -> tuple[Integer, Integer]:
    """Return (first, end): pixels first .. end - 1 of run ``here`` meet run ``there``.

    If end <= first, the two runs do not meet. dx: the offset along the row.
    """
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
    """Append the pixel edges from ``row`` to the row ``other`` between different labels.

    The arguments are those of ``append_edges_between_labels``, except:
    dx: the offset along the row. affinities: those of the pixels in ``row``.
    """
    here, there = firsts[row], firsts[other]
    while here < firsts[row + 1] and there < firsts[other + 1]:
        first, end = meeting_of_runs(runs, here, there, dx)
        u, v = runs[here].label - 1, runs[there].label - 1
        if first < end and u != v:
            if count < len(edges):
                edge = edges[count]
                edge.a, edge.b = min(u, v), max(u, v)
                edge.total, edge.count = pool_affinities(linkage, affinities[first:end])
                edge.weight = -1
            count += 1
        here, there = next_runs_to_compare(runs, here, there, dx)
    return count


@inlined
def sum_edges_inside_labels_of_rows(
    runs: Records,
    firsts: Int64s,
    row: Integer,
    other: Integer,
    dx: Integer,
    affinities: Uint16s,
    totals: Int64s,
    counts: Int64s,
) -> None:
    """Add the pixel edges from ``row`` to the row ``other`` with both ends in the same label.

    The arguments are those of ``sum_edges_inside_labels``, except:
    dx: the offset along the row. affinities: those of the pixels in ``row``.
    """
    here, there = firsts[row], firsts[other]
    while here < firsts[row + 1] and there < firsts[other + 1]:
        first, end = meeting_of_runs(runs, here, there, dx)
        label = runs[here].label
        if first < end and label == runs[there].label:
            totals[label - 1] += total_affinity(affinities[first:end])
            counts[label - 1] += end - first
        here, there = next_runs_to_compare(runs, here, there, dx)


@inlined
def row_at_offset(shape: Int64s, offset: Int64s, row: Integer) -> Integer:
    """The number of the row to which an offset leads from ``row``, or -1 if it is outside the grid."""
    z, y = row // shape[1] + offset[0], row % shape[1] + offset[1]
    return z * shape[1] + y if 0 <= z < shape[0] and 0 <= y < shape[1] else -1


@compiled_entry(
    int64(RUNS, int64[::1], int64[::1], int64[::1], AFFINITIES, int64, EDGES, int64, int32[::1])
)
def append_edges_between_labels(
    runs: Records,
    firsts: Int64s,
    shape: Int64s,
    offset: Int64s,
    affinities: Uint16s,
    linkage: Integer,
    edges: Records,
    count: int,
    stop: Int32s,
) -> int:
    """Append the pixel edges of one offset between different labels to ``edges``.

    A row of ``EDGE`` is appended for each two runs that meet; its ends are label - 1.

    runs, firsts: from ``find_runs``. affinities: of all pixels, for this offset.
    count: the number of edges that are in ``edges`` already. stop: the flag that stops the merge.
    Returns the new count. If ``edges`` is too short, further edges are only counted.
    """
    width = shape[2]
    for row in range(shape[0] * shape[1]):
        if must_stop(stop):
            return count
        other = row_at_offset(shape, offset, row)
        if other >= 0:
            of_row = affinities[row * width : (row + 1) * width]
            count = append_edges_between_rows(
                runs, firsts, row, other, offset[2], of_row, linkage, edges, count
            )
    return count


@compiled_entry(
    void(RUNS, int64[::1], int64[::1], int64[::1], AFFINITIES, int64[::1], int64[::1], int32[::1])
)
def sum_edges_inside_labels(
    runs: Records,
    firsts: Int64s,
    shape: Int64s,
    offset: Int64s,
    affinities: Uint16s,
    totals: Int64s,
    counts: Int64s,
    stop: Int32s,
) -> None:
    """Add the pixel edges of one offset with both ends in the same label to the sums of that label.

    runs, firsts: from ``find_runs``. affinities: of all pixels, for this offset.
    totals, counts: (N,), updated; the sums of a label are at index label - 1.
    stop: the flag that stops the merge.
    """
    width = shape[2]
    for row in range(shape[0] * shape[1]):
        if must_stop(stop):
            return
        other = row_at_offset(shape, offset, row)
        if other >= 0:
            of_row = affinities[row * width : (row + 1) * width]
            sum_edges_inside_labels_of_rows(
                runs, firsts, row, other, offset[2], of_row, totals, counts
            )
