"""Sort the merges of a stage into the greedy order, in which the history lists them."""

from numba import boolean, int32, int64

from merge_impls.builtin.numba_kernels.compiling import compiled, compiled_entry, inlined
from merge_impls.builtin.numba_kernels.layouts import Int32Rows, Int32s, Int64s, Integer
from merge_impls.builtin.numba_kernels.stop import must_stop, must_stop_at

DIGIT_BITS = 11
"""The number of bits by which one pass of the radix sort orders the rows."""

MOST_INSERTED = 32
"""So many rows or fewer that have the same weight are sorted by insertion."""


@compiled
def sort_by_digit(
    rows: Int32Rows, ordered: Int32Rows, firsts: Int64s, key: Integer, shift: Integer, stop: Int32s
) -> bool:
    """Sort rows by one digit, in descending order and stably: one pass of a radix sort.

    ordered: receives the sorted rows. firsts: scratch. key: a column. shift: the digit's lowest bit.
    Returns False if all rows have the same digit; ``ordered`` is then left unchanged.
    """
    digits = len(firsts)
    for digit in range(digits):
        firsts[digit] = 0
    for i in range(len(rows)):
        if must_stop_at(stop, i):
            return False
        firsts[(rows[i, key] >> shift) & (digits - 1)] += 1
    position = 0
    for digit in range(digits - 1, -1, -1):
        here = firsts[digit]
        if here == len(rows):
            return False
        firsts[digit] = position
        position += here
    for i in range(len(rows)):
        if must_stop_at(stop, i):
            return False
        digit = (rows[i, key] >> shift) & (digits - 1)
        to = firsts[digit]
        ordered[to, 0], ordered[to, 1], ordered[to, 2] = rows[i, 0], rows[i, 1], rows[i, 2]
        firsts[digit] = to + 1
    return True


@inlined
def sort_by_key(
    rows: Int32Rows, other: Int32Rows, firsts: Int64s, key: Integer, stop: Int32s
) -> bool:
    """Sort rows by a column, in descending order and stably. Returns whether they are now in ``other``."""
    moved = False
    for shift in range(0, 32, DIGIT_BITS):
        if must_stop(stop):
            return moved
        if sort_by_digit(rows, other, firsts, key, shift, stop):
            rows, other, moved = other, rows, not moved
    return moved


@inlined
def insert_names(rows: Int32Rows, i: Integer) -> None:
    """Move the names of row i to their place among the names of the rows before, which are sorted."""
    a, b = rows[i, 1], rows[i, 2]
    while i > 0 and (rows[i - 1, 1] < a or (rows[i - 1, 1] == a and rows[i - 1, 2] < b)):
        rows[i, 1], rows[i, 2] = rows[i - 1, 1], rows[i - 1, 2]
        i -= 1
    rows[i, 1], rows[i, 2] = a, b


@inlined
def copy_rows(rows: Int32Rows, other: Int32Rows, stop: Int32s) -> None:
    """Copy the rows of ``other`` to ``rows``."""
    for i in range(len(rows)):
        if must_stop_at(stop, i):
            return
        rows[i, 0], rows[i, 1], rows[i, 2] = other[i, 0], other[i, 1], other[i, 2]


@compiled
def sort_by_names(rows: Int32Rows, other: Int32Rows, firsts: Int64s, stop: Int32s) -> None:
    """Sort rows of the same weight by their names. other: scratch."""
    if len(rows) <= MOST_INSERTED:
        for i in range(1, len(rows)):
            insert_names(rows, i)
        return
    for key in (2, 1):
        if sort_by_key(rows, other, firsts, key, stop):
            copy_rows(rows, other, stop)


@compiled_entry(boolean(int32[:, ::1], int32[:, ::1], int64[::1], int32[::1]))
def sort_rows(rows: Int32Rows, other: Int32Rows, firsts: Int64s, stop: Int32s) -> bool:
    """Sort rows (m, 3) of values >= 0 in descending lexicographical order.

    The sorted rows are in ``other`` if the function returns True, and in ``rows`` if it returns False.

    other: (m, 3). firsts: scratch of 2 ** DIGIT_BITS entries. stop: the flag that stops the merge.
    """
    moved = sort_by_key(rows, other, firsts, 0, stop)
    if moved:
        rows, other = other, rows
    first = 0
    for end in range(1, len(rows) + 1):
        if must_stop_at(stop, end):
            return moved
        if end == len(rows) or rows[end, 0] != rows[first, 0]:
            if end - first > 1:
                sort_by_names(rows[first:end], other[first:end], firsts, stop)
            first = end
    return moved
