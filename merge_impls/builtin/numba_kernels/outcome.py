"""From merges in any order to the history, and from vertices to segments."""

import numpy as np
from numba import boolean, int32, int64, void

from merge_impls.builtin.numba_kernels.compiling import compiled, entry

DIGIT_BITS = 11


@compiled
def sort_by_digit(rows, ordered, firsts, key, shift):
    """One pass of a radix sort, descending and stable; False if all rows have the same digit."""
    digits = len(firsts)
    for digit in range(digits):
        firsts[digit] = 0
    for i in range(len(rows)):
        firsts[(rows[i, key] >> shift) & (digits - 1)] += 1
    place = 0
    for digit in range(digits - 1, -1, -1):
        here = firsts[digit]
        if here == len(rows):
            return False
        firsts[digit] = place
        place += here
    for i in range(len(rows)):
        digit = (rows[i, key] >> shift) & (digits - 1)
        to = firsts[digit]
        ordered[to, 0], ordered[to, 1], ordered[to, 2] = rows[i, 0], rows[i, 1], rows[i, 2]
        firsts[digit] = to + 1
    return True


@entry(boolean(int32[:, ::1], int32[:, ::1], int64[::1]))
def sort_rows(rows, other, firsts):
    """Sort rows (m, 3) of values >= 0 in descending order, the first column being the gravest.

    other: (m, 3), to work in. firsts: one for each value of DIGIT_BITS bits, to work in.
    Returns whether ``other`` is what has them in order.
    """
    moved = False
    for key in (2, 1, 0):
        for shift in range(0, 32, DIGIT_BITS):
            if sort_by_digit(rows, other, firsts, key, shift):
                rows, other, moved = other, rows, not moved
    return moved


@entry(void(int32[::1]))
def find_roots(parents):
    """Let every vertex's parent be the super-vertex that holds it."""
    for v in range(len(parents)):
        root = parents[v]
        while parents[root] != root:
            root = parents[root]
        at = np.int32(v)
        while parents[at] != root:
            following = parents[at]
            parents[at] = root
            at = following


@entry(int64(int32[::1], int32[::1], int32[::1], int64[::1]))
def number_segments(roots, number, segments, sizes):
    """Number segments 1 .. N by their first vertex; returns N.

    roots: (n,). number: (n,) zeros, takes that of each root's. segments: (n,), takes that of each
    vertex's. sizes: (n,), takes N of them.
    """
    count = 0
    for v in range(len(roots)):
        root = roots[v]
        if number[root] == 0:
            sizes[count] = 0
            count += 1
            number[root] = count
        segments[v] = number[root]
        sizes[number[root] - 1] += 1
    return count


@entry(void(int32[::1], int32[::1], int32[::1]))
def label_pixels(numbers, of_vertex, labels):
    """The label of each pixel's vertex; 0 for one outside the mask, which has the number -1."""
    for p in range(len(numbers)):
        labels[p] = of_vertex[numbers[p]] if numbers[p] >= 0 else 0
