"""Number the segments, which are the super-vertices after the last stage, and label the pixels."""

import numpy as np
from numba import int32, int64, void

from merge_impls.builtin.numba_kernels.compiling import compiled_entry
from merge_impls.builtin.numba_kernels.layouts import Int32s, Int64s
from merge_impls.builtin.numba_kernels.stop import must_stop_at


@compiled_entry(void(int32[::1], int32[::1]))
def find_roots(parents: Int32s, stop: Int32s) -> None:
    """Set parents[v] of every vertex v to the super-vertex that contains v.

    stop: the flag that stops the merge.
    """
    for v in range(len(parents)):
        if must_stop_at(stop, v):
            return
        root = parents[v]
        while parents[root] != root:
            root = parents[root]
        at = np.int32(v)
        while parents[at] != root:
            following = parents[at]
            parents[at] = root
            at = following


@compiled_entry(int64(int32[::1], int32[::1], int32[::1], int64[::1], int32[::1]))
def number_segments(
    roots: Int32s, number: Int32s, segments: Int32s, sizes: Int64s, stop: Int32s
) -> int:
    """Number the segments 1..N in the order of their first vertices; return N.

    roots: (n,), the super-vertex of each vertex.
    number: n zeros; receives the number of the segment at the index of its super-vertex.
    segments: (n,), receives the number of the segment of each vertex.
    sizes: (n,), receives the N sizes.
    stop: the flag that stops the merge.
    """
    count = 0
    for v in range(len(roots)):
        if must_stop_at(stop, v):
            return count
        root = roots[v]
        if number[root] == 0:
            sizes[count] = 0
            count += 1
            number[root] = count
        segments[v] = number[root]
        sizes[number[root] - 1] += 1
    return count


@compiled_entry(void(int32[::1], int32[::1], int32[::1], int32[::1]))
def label_pixels(pixels: Int32s, of_vertex: Int32s, labels: Int32s, stop: Int32s) -> None:
    """Set the label of each pixel of the foreground to that of its vertex. Other labels are unchanged.

    pixels: (n,), the pixel of each vertex. of_vertex: (n,), the label of each vertex.
    stop: the flag that stops the merge.
    """
    for v in range(len(pixels)):
        if must_stop_at(stop, v):
            return
        labels[pixels[v]] = of_vertex[v]
