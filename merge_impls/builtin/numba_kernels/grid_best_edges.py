"""Find the best edge of every pixel in the first stage that has edges.

The affinities are read from the grid, so no pixel needs a block of slots yet. Neighbours are tried
in ascending order of their names, because the tie rule prefers the largest name: of two equally
heavy edges of a pixel, the later one is better.
"""

import numpy as np
from numba import int32, int64, void

from merge_impls.builtin.numba_kernels.compiling import compiled_entry, inlined
from merge_impls.builtin.numba_kernels.layouts import (
    NO_WEIGHT,
    PIXELS,
    VERTICES,
    Int32Rows,
    Int32s,
    Int64s,
    Integer,
    Pixels,
    Records,
    Uint16s,
)
from merge_impls.builtin.numba_kernels.stop import must_stop
from merge_impls.builtin.numba_kernels.sums import bits_of

# A flag in the number of the best neighbour: an edge to another neighbour has the same weight.
TIED = np.int32(1 << 30)


@inlined
def try_neighbour(
    heaviest: Int32s,
    best_neighbour: Int32s,
    affinities: Uint16s,
    numbers: Int32s,
    neighbour: Integer,
) -> None:
    """Compare the edge to one neighbour with the best edge so far, for some pixels of a row.

    heaviest: the affinity of the best edge so far, or NO_WEIGHT; updated.
    best_neighbour: the index of the neighbour it leads to, with the flag TIED; updated.
    affinities, numbers: for each pixel, the affinity of the edge and the neighbour's vertex.
    neighbour: the index of the neighbour in ``Pixels``.
    """
    for x in range(len(heaviest)):
        before, was = heaviest[x], best_neighbour[x]
        affinity = np.int32(affinities[x]) if numbers[x] >= 0 else np.int32(NO_WEIGHT)
        same = neighbour | TIED if affinity == before else was
        best_neighbour[x] = neighbour if affinity > before else same
        heaviest[x] = max(affinity, before)


@inlined
def try_neighbours_of_row(
    pixels: Pixels,
    by_name: Int64s,
    z: Integer,
    y: Integer,
    heaviest: Int32s,
    best_neighbour: Int32s,
) -> None:
    """Find the best edges of the pixels in row (z, y).

    by_name: indices of neighbours in ascending order of their names.
    heaviest, best_neighbour: the results, see ``try_neighbour``.
    """
    shape = pixels.shape
    width = shape[2]
    start = (z * shape[1] + y) * width
    for neighbour in by_name:
        step = pixels.steps[neighbour]
        if not (0 <= z + step[0] < shape[0] and 0 <= y + step[1] < shape[1]):
            continue
        first, end = max(0, -step[2]), width - max(0, step[2])
        at, there = start + pixels.shifts[neighbour], start + pixels.jumps[neighbour]
        try_neighbour(
            heaviest[first:end],
            best_neighbour[first:end],
            pixels.affinities[at + first : at + end],
            pixels.numbers[there + first : there + end],
            np.int32(neighbour),
        )


@compiled_entry(void(PIXELS, int64[::1], VERTICES, int32[::1], int32[:, ::1]))
def find_grid_best_edges(
    pixels: Pixels, by_name: Int64s, vertices: Records, best_weights: Int32s, scratch: Int32Rows
) -> None:
    """Set the field ``best`` and the entry of ``best_weights`` of every vertex.

    by_name: indices of neighbours in ascending order of their names. scratch: (2, width).
    """
    shape, v = pixels.shape, 0
    width, sentinel = shape[2], len(vertices) - 1
    heaviest, best_neighbour = scratch[0], scratch[1]
    while v < sentinel and not must_stop(pixels.stop):
        row = pixels.pixels[v] // width  # rows without foreground are skipped
        for x in range(width):
            heaviest[x] = NO_WEIGHT
        try_neighbours_of_row(
            pixels, by_name, row // shape[1], row % shape[1], heaviest, best_neighbour
        )
        row_start = row * width
        while v < sentinel and pixels.pixels[v] < row_start + width:
            x = pixels.pixels[v] - row_start
            if heaviest[x] == NO_WEIGHT:
                vertices[v].best, best_weights[v] = sentinel, NO_WEIGHT
            else:
                to = pixels.numbers[row_start + x + pixels.jumps[best_neighbour[x] & ~TIED]]
                vertices[v].best = ~to if best_neighbour[x] & TIED else to
                best_weights[v] = bits_of(np.float32(heaviest[x]) / np.float32(65535))
            v += 1
