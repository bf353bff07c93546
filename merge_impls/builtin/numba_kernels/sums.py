"""Weights as bits, and exact sums of affinities.

A sum and its count are packed in 64 bits, sum << 24 | count, as long as the count has at most 23 bits.
Then the sum, of 16-bit affinities, is below 2 ** 39. A wide sum is ~row (negative) of ``Graph.wide``.
"""

import numpy as np

from merge_impls.builtin.numba_kernels.compiling import compiled, inlined
from merge_impls.builtin.numba_kernels.layouts import Graph, Integer, Uint16s


@inlined
def bits_of(weight: float | np.float32) -> Integer:
    """The bits of a float32 as an int32; for floats >= 0 they have the same order."""
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
    """The largest of one or more."""
    largest = np.int64(0)
    for q in affinities:
        largest = max(largest, np.int64(q))
    return largest


@inlined
def smallest_affinity(affinities: Uint16s) -> Integer:
    """The smallest of one or more."""
    smallest = np.int64(65535)
    for q in affinities:
        smallest = min(smallest, np.int64(q))
    return smallest


@inlined
def unpack_sum(graph: Graph, total: Integer) -> tuple[Integer, Integer]:
    """Sum and count of a packed or wide sum."""
    if total < 0:
        return graph.wide[~total, 0], graph.wide[~total, 1]
    return total >> 24, total & 0xFFFFFF


@inlined
def pack_sum(graph: Graph, total: Integer, count: Integer) -> Integer:
    """Sum and count in 64 bits, or a new row of ``Graph.wide``."""
    if count <= graph.most_packed:
        return total << 24 | count
    state = graph.state[0]
    row = state.num_wide
    state.num_wide += 1
    graph.wide[row, 0], graph.wide[row, 1] = total, count
    return ~row


@compiled
def add_wide_sums(graph: Graph, x: Integer, y: Integer) -> Integer:
    """Add two sums whose sum is too large to be packed; return ~row of it in ``graph.wide``."""
    (total, count), (other_total, other_count) = unpack_sum(graph, x), unpack_sum(graph, y)
    state = graph.state[0]
    row = ~x if x < 0 else ~y if y < 0 else state.num_wide
    if row == state.num_wide:
        state.num_wide += 1
    graph.wide[row, 0], graph.wide[row, 1] = total + other_total, count + other_count
    return ~row


@inlined
def add_sums(graph: Graph, x: Integer, y: Integer) -> Integer:
    """Add two sums. Two packed counts added may carry into bit 23; the result is wide then."""
    both = x + y
    if (x | y) < 0 or (both & 0xFFFFFF) > graph.most_packed:
        return add_wide_sums(graph, x, y)
    return both


@inlined
def mean(total: Integer, count: Integer) -> np.float32:
    """The float32 weight of a sum: one division in float64, rounded once."""
    return np.float32(np.float64(total) / np.float64(65535 * count))


@inlined
def pooled(graph: Graph, total: Integer) -> Integer:
    """The bits of the weight, which is the mean, of a sum."""
    total, count = unpack_sum(graph, total)
    return bits_of(mean(total, count))
