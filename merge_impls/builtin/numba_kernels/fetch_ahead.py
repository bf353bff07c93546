"""Load the memory that the next merges of a hub will read into the processor's cache.

The hub merges its neighbours in the order of their ranks. They lie anywhere in memory, so each search would
wait for the weights of a part, then for a half-edge, then for the vertex that it leads to; and the merge for
the block of this vertex, then for the twins of its edges. So several parts with the largest keys are followed
at the same time, step by step. The result does not depend on which parts are chosen.
"""

import numpy as np

from merge_impls.builtin.numba_kernels.blocks import other_end, twin_slot
from merge_impls.builtin.numba_kernels.compiling import compiled, inlined, prefetch
from merge_impls.builtin.numba_kernels.hub import key_of, keys_of_group
from merge_impls.builtin.numba_kernels.layouts import NO_WEIGHT, NOT_MADE, Graph, Integer
from merge_impls.builtin.numba_kernels.linkage import KEEP_SUMS

MOST_FETCHED = 32
"""The largest number of parts that are fetched at the same time."""

MOST_EDGES_FOLLOWED = 8
"""The edges of a neighbour of the hub are followed if the neighbour has at most so many slots."""


@inlined
def prefetch_slot(graph: Graph, index: Integer) -> None:
    """Prefetch the half-edge, the weight and the sum of a slot. index: of the arrays of ``Graph``."""
    prefetch(graph.halves, index)
    prefetch(graph.weights, index)
    if graph.linkage in KEEP_SUMS:
        prefetch(graph.sums, index)


@inlined
def list_parts(graph: Graph, v: Integer, lowest: Integer) -> Integer:
    """List parts of hub v whose keys are at least ``lowest`` in ``graph.fetched``; return their number."""
    parts, groups = graph.fetched[0], graph.fetched[1]
    count, parts[0] = 1, 0
    for level in range(graph.num_levels[graph.vertices[v].kind] - 1, -1, -1):
        num_groups = count
        for i in range(num_groups):
            groups[i] = parts[i]
        count = 0
        for i in range(num_groups):
            begin, end = keys_of_group(graph, v, level, groups[i])
            first = groups[i] << graph.group_bits
            for at in range(end - begin):
                parts[count] = first + at
                count += graph.halves[begin + at] >= lowest
            if count >= MOST_FETCHED:
                count = MOST_FETCHED
                break
    return count


@inlined
def heaviest_slot_in(graph: Graph, v: Integer, part: Integer) -> Integer:
    """The slot of a heaviest edge in a part of hub v. Its weight is NO_WEIGHT if the part has no edges."""
    vertex = graph.vertices[v]
    start, first = np.int64(vertex.start), part << graph.part_bits
    heaviest = first
    for slot in range(first + 1, min(first + (np.int64(1) << graph.part_bits), vertex.used)):
        if graph.weights[start + slot] > graph.weights[start + heaviest]:
            heaviest = slot
    return heaviest


@inlined
def fetch_neighbours(graph: Graph, v: Integer, count: Integer) -> Integer:
    """Fetch the neighbours to which the heaviest edges of the listed parts of hub v lead.

    The neighbours replace the parts in ``graph.fetched``. Returns their number.
    """
    listed, start = graph.fetched[0], np.int64(graph.vertices[v].start)
    for i in range(count):
        prefetch(graph.weights, start + (listed[i] << graph.part_bits))
    kept = 0
    for i in range(count):
        slot = start + heaviest_slot_in(graph, v, listed[i])
        listed[kept] = slot
        kept += graph.weights[slot] != NO_WEIGHT
        prefetch(graph.halves, slot)
    for i in range(kept):
        listed[i] = other_end(graph.halves[listed[i]])
        prefetch(graph.vertices, listed[i])
        prefetch(graph.names, listed[i])
        prefetch(graph.best_weights, listed[i])
        prefetch(graph.parents, listed[i])
    for i in range(kept):
        prefetch_slot(graph, np.int64(graph.vertices[listed[i]].start))
    return kept


@inlined
def has_few_edges(graph: Graph, v: Integer) -> bool:
    """Whether the edges of a vertex are made, and are so few that they are followed."""
    return graph.vertices[v].start != NOT_MADE and graph.vertices[v].used <= MOST_EDGES_FOLLOWED


@inlined
def follow_edges(graph: Graph, v: Integer) -> None:
    """Fetch the twins of the edges of a vertex. The vertices that the edges lead to must be fetched."""
    start = np.int64(graph.vertices[v].start)
    for i in range(start, start + graph.vertices[v].used):
        half = graph.halves[i]
        there = np.int64(graph.vertices[other_end(half)].start)
        if there != NOT_MADE:
            prefetch_slot(graph, there + twin_slot(half))


@inlined
def fetch_edges_of_neighbours(graph: Graph, count: Integer) -> None:
    """Fetch what the edges of the listed neighbours lead to, of those neighbours that have few edges."""
    neighbours = graph.fetched[0]
    for i in range(count):
        if has_few_edges(graph, neighbours[i]):
            start = np.int64(graph.vertices[neighbours[i]].start)
            for at in range(start, start + graph.vertices[neighbours[i]].used):
                prefetch(graph.vertices, other_end(graph.halves[at]))
    for i in range(count):
        if has_few_edges(graph, neighbours[i]):
            follow_edges(graph, neighbours[i])


@inlined
def adjusted_gap(gap: Integer, count: Integer, lowest: Integer) -> Integer:
    """A gap with which the list of parts will be about half full, if it has ``count`` parts with ``gap``."""
    if count > MOST_FETCHED // 2:
        return gap - gap // 4
    if count < MOST_FETCHED // 4 and lowest > 0:
        return gap + gap // 2
    return gap


@compiled
def fetch_ahead(graph: Graph, v: Integer, weight: Integer) -> None:
    """Fetch what the next merges of hub v need, if the parts that were fetched before are mostly searched.

    weight: the bits of the largest weight at the hub.
    """
    kind = graph.vertices[v].kind
    at = graph.vertices[v].start + graph.levels[kind, graph.num_levels[kind]]
    left, lowest, gap = graph.halves[at], graph.halves[at + 1], graph.halves[at + 2]
    if left > 0 and weight >= lowest:
        graph.halves[at] = left - 1
        return
    lowest = max(weight - gap, np.int64(0))
    count = fetch_neighbours(graph, v, list_parts(graph, v, key_of(lowest, 0)))
    fetch_edges_of_neighbours(graph, count)
    graph.halves[at], graph.halves[at + 1] = count, lowest
    graph.halves[at + 2] = adjusted_gap(gap, count, lowest)
