"""Make the block of a pixel from the grid, when its edges are needed for the first time.

The edges are needed when the pixel is visited or when one of its neighbours is merged.
"""

import numpy as np

from merge_impls.builtin.numba_kernels.blocks import (
    free_slot,
    make_half_edge,
    take_block,
)
from merge_impls.builtin.numba_kernels.compiling import compiled, inlined
from merge_impls.builtin.numba_kernels.layouts import (
    NO_SLOT,
    NO_VERTEX,
    NOT_MADE,
    Graph,
    Integer,
    Pixels,
)
from merge_impls.builtin.numba_kernels.linkage import KEEP_SUMS
from merge_impls.builtin.numba_kernels.sums import bits_of


@inlined
def has_all_neighbours(pixels: Pixels, pixel: Integer) -> bool:
    """Whether all neighbours of a pixel are inside the grid."""
    shape, margin = pixels.shape, pixels.margin
    x, row = pixel % shape[2], pixel // shape[2]
    y, z = row % shape[1], row // shape[1]
    return (
        margin[2] <= x < shape[2] - margin[2]
        and margin[1] <= y < shape[1] - margin[1]
        and margin[0] <= z < shape[0] - margin[0]
    )


@inlined
def is_inside(pixels: Pixels, pixel: Integer, i: Integer) -> bool:
    """Whether neighbour i of a pixel is inside the grid."""
    shape, step = pixels.shape, pixels.steps[i]
    x, row = pixel % shape[2] + step[2], pixel // shape[2]
    y, z = row % shape[1] + step[1], row // shape[1] + step[0]
    return 0 <= x < shape[2] and 0 <= y < shape[1] and 0 <= z < shape[0]


@compiled
def make_block_of_pixel(graph: Graph, pixels: Pixels, v: Integer) -> None:
    """Make the block of pixel v. Slot i holds the edge to neighbour i.

    The twin of that edge is in the slot of the opposite neighbour. A slot is unused if its neighbour
    lies outside the grid or the mask.
    """
    vertex = graph.vertices[v]
    count = len(pixels.jumps)
    start = take_block(graph, graph.pixel_kind)
    graph.state[0].unmade -= 1
    vertex.start, vertex.kind = start, graph.pixel_kind
    vertex.used, vertex.live, vertex.unused = count, count, NO_SLOT
    pixel = np.int64(pixels.pixels[v])
    is_inner = has_all_neighbours(pixels, pixel)
    for i in range(count):
        to = np.int64(NO_VERTEX)
        if is_inner or is_inside(pixels, pixel, i):
            to = np.int64(pixels.numbers[pixel + pixels.jumps[i]])
        if to == NO_VERTEX:
            free_slot(graph, vertex, i)
            continue
        affinity = pixels.affinities[pixel + pixels.shifts[i]]
        opposite = i + count // 2 if i < count // 2 else i - count // 2
        graph.halves[start + i] = make_half_edge(to, opposite)
        # For every affinity in 0..65535, this has the same bits as the division in float64.
        graph.weights[start + i] = bits_of(np.float32(affinity) / np.float32(65535))
        if graph.linkage in KEEP_SUMS:
            graph.sums[start + i] = (np.int64(affinity) << 24) | 1


@inlined
def make_pixel_edges(graph: Graph, pixels: Pixels, v: Integer) -> None:
    """Make the block of v if v is a pixel that has no block yet."""
    if graph.vertices[v].start == NOT_MADE:
        make_block_of_pixel(graph, pixels, v)
