"""The linkages: what a super-edge stores, and how edges are pooled, joined and weighed.

The linkage also decides in which order pairs of super-vertices may be merged.
"""

import numpy as np

from merge_impls.builtin.numba_kernels.compiling import inlined
from merge_impls.builtin.numba_kernels.layouts import Graph, Integer, Record, Uint16s
from merge_impls.builtin.numba_kernels.sums import (
    add_sums,
    bits_of,
    largest_affinity,
    mean_affinity,
    pooled,
    smallest_affinity,
    total_affinity,
    weight_of,
)

AVERAGE, WEIGHTED, SINGLE, COMPLETE = range(4)
LINKAGE_NUMBERS = {"average": AVERAGE, "weighted": WEIGHTED, "single": SINGLE, "complete": COMPLETE}
"""The number of each linkage in compiled functions, by its name."""

POOL_PIXEL_EDGES = ("average", "weighted")
"""The names of the linkages that read the totals and counts of explicit edges for weights."""

KEEP_SUMS = (AVERAGE,)
"""The linkages with which a super-edge stores its weight and the sum of its pixel edges."""

ORDER_IS_FREE = (AVERAGE, SINGLE, COMPLETE)
"""The linkages with which a mutually best pair may be merged at any time: see ``loop``."""


@inlined
def pool_affinities(linkage: Integer, affinities: Uint16s) -> tuple[Integer, Integer]:
    """Pool pixel edges of one stage between the same two super-vertices; return (total, count).

    The total is the sum of the affinities or, for single and complete, one affinity with count 1.
    """
    if linkage == SINGLE:
        return largest_affinity(affinities), 1
    if linkage == COMPLETE:
        return smallest_affinity(affinities), 1
    return total_affinity(affinities), len(affinities)


@inlined
def add_row_to_edge(linkage: Integer, edge: Record, other: Record) -> None:
    """Add the pixel edges in ``other`` to those in ``edge``. Both are rows of ``EDGE``.

    An edge that remains from an earlier stage, of which only the weight is known, has count 0.
    """
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
    """The weight of the edge into which two edges are joined, for linkages that keep no sums.

    x, y: the weights of the two edges. All weights are bits.
    """
    if linkage == SINGLE:
        return max(x, y)
    if linkage == COMPLETE:
        return min(x, y)
    return bits_of((weight_of(x) + weight_of(y)) * np.float32(0.5))


@inlined
def weigh_edge(linkage: Integer, edge: Record) -> Integer:
    """The bits of the weight of an edge, a row of ``EDGE``.

    If the edge has a weight from earlier stages and new pixel edges, the two are joined.
    """
    if edge.count == 0:
        return bits_of(edge.weight)
    weight = bits_of(mean_affinity(edge.total, edge.count))
    return weight if edge.weight < 0 else joined_weight(linkage, bits_of(edge.weight), weight)


@inlined
def join_super_edges(graph: Graph, here: Integer, there: Integer, other: Integer) -> None:
    """Join the edge with a half-edge in slot ``other`` to the edge with slots ``here`` and ``there``.

    All slots are indices of the arrays of ``Graph``. The slot ``other`` is left unchanged.
    """
    if graph.linkage in KEEP_SUMS:
        total = add_sums(graph, graph.sums[here], graph.sums[other])
        graph.sums[here] = graph.sums[there] = total
        bits = pooled(graph, total)
    else:
        bits = joined_weight(graph.linkage, graph.weights[here], graph.weights[other])
    graph.weights[here] = graph.weights[there] = bits
