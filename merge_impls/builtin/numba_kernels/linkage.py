"""What a linkage is: what a super-edge stores, how a stage's pixel edges are pooled, how two edges
become one, and in which order pairs may merge.
"""

import numpy as np

from merge_impls.builtin.numba_kernels.compiling import inlined
from merge_impls.builtin.numba_kernels.layouts import Graph, Integer, Record, Uint16s
from merge_impls.builtin.numba_kernels.sums import (
    add_sums,
    bits_of,
    mean,
    pooled,
    total_of,
    weight_of,
)

AVERAGE, WEIGHTED = range(2)
NUMBERS = {"average": AVERAGE, "weighted": WEIGHTED}
"""Compiled functions know a linkage by its number."""

KEEP_SUMS = (AVERAGE,)
"""A super-edge stores the sum of its pixel edges beside its weight, which follows from it."""

ORDER_IS_FREE = (AVERAGE,)
"""Any pair that is mutually best may be merged at any time."""


@inlined
def pool_affinities(linkage: Integer, affinities: Uint16s) -> tuple[Integer, Integer]:
    """Total and count of pixel edges of a stage between the same two super-vertices, as one edge."""
    return total_of(affinities), len(affinities)


@inlined
def pool(linkage: Integer, edge: Record, other: Record) -> None:
    """Pool the pixel edges of another edge, a row of EDGE, with those of this one."""
    edge.total += other.total
    edge.count += other.count


@inlined
def joined_weight(linkage: Integer, x: np.float32, y: np.float32) -> np.float32:
    """The weight of two edges that become one, where edges are nothing but weights."""
    return (x + y) * np.float32(0.5)


@inlined
def weigh(linkage: Integer, edge: Record) -> np.float32:
    """The weight of a row of EDGE, whose own one is that of earlier stages: -1 if there is none."""
    if edge.count == 0:
        return edge.weight
    weight = mean(edge.total, edge.count)
    return weight if edge.weight < 0 else joined_weight(linkage, edge.weight, weight)


@inlined
def join(graph: Graph, here: Integer, there: Integer, other: Integer) -> None:
    """Join an edge, seen in a slot of the pool, to the one whose ends are in slots here and there."""
    if graph.linkage in KEEP_SUMS:
        total = add_sums(graph, graph.sums[here], graph.sums[other])
        graph.sums[here] = graph.sums[there] = total
        bits = pooled(graph, total)
    else:
        x, y = weight_of(graph.weights[here]), weight_of(graph.weights[other])
        bits = bits_of(joined_weight(graph.linkage, x, y))
    graph.weights[here] = graph.weights[there] = bits
