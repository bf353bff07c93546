"""Leave pixels that can never merge out of the graph of the only stage that is left.

A pixel is inert if its best edge is lighter than the smallest threshold of this and all later stages, none of
which adds edges. No merge raises a weight, so an inert pixel stays a segment of its own, with every linkage.
All edges of inert pixels are too light to merge or to block another pair. So during the stage such a pixel
is treated as if it were outside the mask, and no edge to it is made.
"""

from numba import int32, int64

from merge_impls.builtin.numba_kernels.compiling import compiled_entry
from merge_impls.builtin.numba_kernels.layouts import NO_VERTEX, Int32s, Integer
from merge_impls.builtin.numba_kernels.stop import must_stop_at


@compiled_entry(int64(int32[::1], int32[::1], int32[::1], int32, int32[::1]))
def leave_out_inert_pixels(
    numbers: Int32s, pixels: Int32s, best_weights: Int32s, threshold: Integer, stop: Int32s
) -> int:
    """Set the numbers of inert pixels to NO_VERTEX; return how many pixels are inert.

    numbers, pixels: see ``Pixels``. best_weights: the bits of the weight of the best edge of each vertex.
    threshold: the bits of the smallest threshold. stop: the flag that stops the merge.
    """
    count = 0
    for v in range(len(pixels)):
        if must_stop_at(stop, v):
            return count
        if best_weights[v] < threshold:
            numbers[pixels[v]] = NO_VERTEX
            count += 1
    return count
