"""What a linkage is: what a super-edge stores, how a stage's pixel edges are combined, how two
edges become one, and in which order pairs may merge.
"""

import numpy as np

from merge_impls.builtin.numba_kernels.compiling import inlined
from merge_impls.builtin.numba_kernels.layouts import Graph, Integer, Record, Uint16s
from merge_impls.builtin.numba_kernels.sums import (
    add_sums,
    bits_of,
    largest_affinity,
    mean,
    pooled,
    smallest_affinity,
    total_affinity,
    weight_of,
)

AVERAGE, WEIGHTED, SINGLE, COMPLETE = range(4)
LINKAGE_NUMBERS = {"average": AVERAGE, "weighted": WEIGHTED, "single": SINGLE, "complete": COMPLETE}
"""Compiled functions know a linkage by its number."""

KEEP_SUMS = (AVERAGE,)
"""The linkages for which a super-edge stores, beside its weight, the sum of its pixel edges."""

ORDER_IS_FREE = (AVERAGE, SINGLE, COMPLETE)
"""The linkages for which any mutually best pair may be merged at any time."""


@inlined
def combine_affinities(linkage: Integer, affinities: Uint16s) -> tuple[Integer, Integer]:
    """Total and count of pixel edges of a stage between the same two super-vertices, as one edge.

    That is their sum or, for single and complete, one of them.
    """
    if linkage == SINGLE:
        return largest_affinity(affinities), 1
    if linkage == COMPLETE:
        return smallest_affinity(affinities), 1
    return total_affinity(affinities), len(affinities)


@inlined
def add_row_to_edge(linkage: Integer, edge: Record, other: Record) -> None:
    """Add the pixel edges of another row of EDGE to those of this one, which may have none."""
    if edge.count == 0:
        edge.total, edge.count = other.total, other.count
    elif linkage == SINGLE:
        edge.total = max(edge.total, other.total)
    elif linkage == COMPLETE:
        edge.total = min(edge.total, other.total)
    else:
        edge.total += other.total
        edge.count += other.count


@inlined
def joined_weight(linkage: Integer, x: Integer, y: Integer) -> Integer:
    """The weight of two edges that become one, where no sums are kept; weights are bits."""
    if linkage == SINGLE:
        return max(x, y)
    if linkage == COMPLETE:
        return min(x, y)
    return bits_of((weight_of(x) + weight_of(y)) * np.float32(0.5))


@inlined
def weigh(linkage: Integer, edge: Record) -> Integer:
    """The bits of the weight of a row of EDGE: that of earlier stages, unless -1, joined with the new one."""
    if edge.count == 0:
        return bits_of(edge.weight)
    weight = bits_of(mean(edge.total, edge.count))
    return weight if edge.weight < 0 else joined_weight(linkage, bits_of(edge.weight), weight)


@inlined
def join_super_edges(graph: Graph, here: Integer, there: Integer, other: Integer) -> None:
    """Join the edge in slot ``other`` to the edge whose two half-edges are in slots here and there."""
    if graph.linkage in KEEP_SUMS:
        total = add_sums(graph, graph.sums[here], graph.sums[other])
        graph.sums[here] = graph.sums[there] = total
        bits = pooled(graph, total)
    else:
        bits = joined_weight(graph.linkage, graph.weights[here], graph.weights[other])
    graph.weights[here] = graph.weights[there] = bits
