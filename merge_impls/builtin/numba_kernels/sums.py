"""Convert weights to bits and back, and add sums of affinities exactly.

The sum of the affinities of ``count`` pixel edges is stored together with the count, in 64 bits. If
the count has at most 23 bits, the sum is packed as sum << 24 | count; a sum of 16-bit affinities is
then below 2 ** 39. Otherwise the sum is wide: both numbers are in a row of ``Graph.wide``, and ~row,
which is negative, is stored.
"""

import numpy as np

from merge_impls.builtin.numba_kernels.compiling import compiled, inlined
from merge_impls.builtin.numba_kernels.layouts import Graph, Integer, Uint16s


@inlined
def bits_of(weight: float | np.float32) -> Integer:
    """The bits of a float32 as an int32. Bits of floats >= 0 have the same order as the floats."""
    return np.float32(weight).view(np.int32)


@inlined
def weight_of(bits: Integer) -> np.float32:
    """The float32 with these bits."""
    return np.int32(bits).view(np.float32)


@inlined
def total_affinity(affinities: Uint16s) -> Integer:
    """The exact sum of affinities."""
    total = np.int64(0)
    for q in affinities:
        total += np.int64(q)
    return total


@inlined
def largest_affinity(affinities: Uint16s) -> Integer:
    """The largest of one or more affinities."""
    largest = np.int64(0)
    for q in affinities:
        largest = max(largest, np.int64(q))
    return largest


@inlined
def smallest_affinity(affinities: Uint16s) -> Integer:
    """The smallest of one or more affinities."""
    smallest = np.int64(65535)
    for q in affinities:
        smallest = min(smallest, np.int64(q))
    return smallest


@inlined
def unpack_sum(graph: Graph, total: Integer) -> tuple[Integer, Integer]:
    """Return (sum, count) of a packed or wide sum."""
    if total < 0:
        return graph.wide[~total, 0], graph.wide[~total, 1]
    return total >> 24, total & 0xFFFFFF


@inlined
def pack_sum(graph: Graph, total: Integer, count: Integer) -> Integer:
    """Return a packed sum or, if the count is too large, a wide sum in a new row of ``Graph.wide``."""
    if count <= graph.most_packed:
        return total << 24 | count
    state = graph.state[0]
    row = state.num_wide
    state.num_wide += 1
    graph.wide[row, 0], graph.wide[row, 1] = total, count
    return ~row


@compiled
def add_wide_sums(graph: Graph, x: Integer, y: Integer) -> Integer:
    """Add two sums, packed or wide, whose sum is too large to be packed; return the wide sum.

    The result replaces one of the two sums if that one is wide.
    """
    (total, count), (other_total, other_count) = unpack_sum(graph, x), unpack_sum(graph, y)
    state = graph.state[0]
    row = ~x if x < 0 else ~y if y < 0 else state.num_wide
    if row == state.num_wide:
        state.num_wide += 1
    graph.wide[row, 0], graph.wide[row, 1] = total + other_total, count + other_count
    return ~row


@inlined
def add_sums(graph: Graph, x: Integer, y: Integer) -> Integer:
    """Add two sums, packed or wide."""
    # Two packed counts have at most 23 bits each, so the sum of both fits into the 24 bits. It is too
    # large for a packed sum if bit 23 is set.
    both = x + y
    if (x | y) < 0 or (both & 0xFFFFFF) > graph.most_packed:
        return add_wide_sums(graph, x, y)
    return both


@inlined
def mean_affinity(total: Integer, count: Integer) -> np.float32:
    """The mean affinity as a float32 in [0, 1]: one division in float64, rounded once."""
    return np.float32(np.float64(total) / np.float64(65535 * count))


@inlined
def pooled(graph: Graph, total: Integer) -> Integer:
    """The bits of the mean affinity of a packed or wide sum."""
    total, count = unpack_sum(graph, total)
    return bits_of(mean_affinity(total, count))
