"""Sort the merges of a stage into the greedy order, which is that of the history."""

from numba import boolean, int32, int64

from merge_impls.builtin.numba_kernels.compiling import compiled, entry
from merge_impls.builtin.numba_kernels.layouts import Int32Rows, Int64s, Integer

DIGIT_BITS = 11


@compiled
def sort_by_digit(
    rows: Int32Rows, ordered: Int32Rows, firsts: Int64s, key: Integer, shift: Integer
) -> bool:
    """One pass of a radix sort, descending and stable; False if all rows have the same digit."""
    digits = len(firsts)
    for digit in range(digits):
        firsts[digit] = 0
    for i in range(len(rows)):
        firsts[(rows[i, key] >> shift) & (digits - 1)] += 1
    position = 0
    for digit in range(digits - 1, -1, -1):
        here = firsts[digit]
        if here == len(rows):
            return False
        firsts[digit] = position
        position += here
    for i in range(len(rows)):
        digit = (rows[i, key] >> shift) & (digits - 1)
        to = firsts[digit]
        ordered[to, 0], ordered[to, 1], ordered[to, 2] = rows[i, 0], rows[i, 1], rows[i, 2]
        firsts[digit] = to + 1
    return True


@entry(boolean(int32[:, ::1], int32[:, ::1], int64[::1]))
def sort_rows(rows: Int32Rows, other: Int32Rows, firsts: Int64s) -> bool:
    """Sort rows (m, 3) of values >= 0 in descending order; the first column is the most significant.

    other: (m, 3), scratch. firsts: (2 ** DIGIT_BITS,), scratch. Returns whether ``other`` holds the
    sorted rows.
    """
    moved = False
    for key in (2, 1, 0):
        for shift in range(0, 32, DIGIT_BITS):
            if sort_by_digit(rows, other, firsts, key, shift):
                rows, other, moved = other, rows, not moved
    return moved
