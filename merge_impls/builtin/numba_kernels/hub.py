"""What a vertex with many edges, a hub, keeps beside them, so that a merge with a small vertex is quick.

Keys. The slots of a hub are divided into parts of 2 ** Graph.part_bits slots, the parts into groups of
2 ** Graph.group_bits parts, and so on. Each part has a key, the weight of its heaviest edge and the name
of the neighbour there; each group has the largest key in it. A key is an upper bound: it is raised at
once when an edge of the part becomes heavier, but lowered only when a search comes to the part. The keys
of a hub follow the slots of its block, in ``Graph.halves``. A few numbers of ``fetch_ahead`` follow the keys.

Edges between hubs. To find the edge from a hub to a small neighbour, the edges of the neighbour are
searched. The edge between two hubs is found in the hash table ``Graph.hub_edges``.
"""

import numpy as np
from numba import int64, void

from merge_impls.builtin.numba_kernels.blocks import other_end, twin_slot
from merge_impls.builtin.numba_kernels.compiling import compiled, compiled_entry, inlined, prefetch
from merge_impls.builtin.numba_kernels.layouts import (
    GRAPH,
    NO_HUB_EDGE,
    NO_SLOT,
    NO_WEIGHT,
    Graph,
    Int64Rows,
    Int64s,
    Integer,
)
from merge_impls.builtin.numba_kernels.stop import must_stop_at

LARGEST_NAME = np.iinfo(np.int32).max

FETCH_NUMBERS = 3
"""So many numbers of ``fetch_ahead`` follow the keys of a hub.

They are the number of parts that were fetched and not searched yet, the smallest weight of their keys,
and the gap: how far below the largest weight, as bits, parts are fetched.
"""

FIRST_FETCH_GAP = 4096
"""The gap of a hub at first; ``fetch_ahead`` adjusts it."""


@inlined
def is_hub(graph: Graph, v: Integer) -> bool:
    """Whether a vertex is a hub: whether its block is large."""
    return graph.vertices[v].kind >= graph.hub_kind


@inlined
def key_of(weight: Integer, name: Integer) -> Integer:
    """The key of an edge, from the bits of its weight and the name of its other end.

    Of the edges of one vertex, the one with the largest key has the highest rank. The key is negative
    if the weight is NO_WEIGHT.
    """
    return (np.int64(weight) << 32) | np.int64(name)


@inlined
def prefetch_key(graph: Graph, v: Integer, slot: Integer) -> None:
    """Prefetch the key of the part of hub v that a slot lies in."""
    vertex = graph.vertices[v]
    prefetch(graph.halves, vertex.start + graph.levels[vertex.kind, 0] + (slot >> graph.part_bits))


@inlined
def raise_key(graph: Graph, v: Integer, slot: Integer, key: Integer) -> None:
    """Raise the keys of a hub v, because the edge in a slot has become heavier or is new."""
    vertex = graph.vertices[v]
    start, at = np.int64(vertex.start), slot >> graph.part_bits
    for level in range(graph.num_levels[vertex.kind]):
        index = start + graph.levels[vertex.kind, level] + at
        if graph.halves[index] >= key:
            break
        graph.halves[index] = key
        at >>= graph.group_bits


@inlined
def largest_key(keys: Int64s) -> Integer:
    """The largest of one or more keys."""
    largest = keys[0]
    for key in keys:
        largest = max(largest, key)
    return largest


@inlined
def keys_of_group(
    graph: Graph, v: Integer, level: Integer, group: Integer
) -> tuple[Integer, Integer]:
    """Where the keys of a level of hub v that belong to a group begin and end in ``Graph.halves``."""
    vertex = graph.vertices[v]
    first, end = graph.levels[vertex.kind, level], graph.levels[vertex.kind, level + 1]
    begin = first + (group << graph.group_bits)
    stop = min(end, begin + (np.int64(1) << graph.group_bits))
    return vertex.start + begin, vertex.start + stop


@inlined
def lower_key(graph: Graph, v: Integer, part: Integer, key: Integer) -> None:
    """Give a part of hub v its exact key, which is less than the key that it has."""
    vertex = graph.vertices[v]
    at = part
    for level in range(graph.num_levels[vertex.kind]):
        index = vertex.start + graph.levels[vertex.kind, level] + at
        if graph.halves[index] == key:
            break
        graph.halves[index] = key
        at >>= graph.group_bits
        begin, end = keys_of_group(graph, v, level, at)
        key = largest_key(graph.halves[begin:end])


@inlined
def largest_key_of(graph: Graph, v: Integer) -> Integer:
    """The largest key of hub v, an upper bound of the keys of all its edges."""
    begin, end = keys_of_group(graph, v, graph.num_levels[graph.vertices[v].kind] - 1, 0)
    return largest_key(graph.halves[begin:end])


@inlined
def part_with_largest_key(graph: Graph, v: Integer) -> tuple[Integer, Integer]:
    """Return the part of hub v with the largest key, and this key."""
    at, key = np.int64(0), largest_key_of(graph, v)
    for level in range(graph.num_levels[graph.vertices[v].kind] - 1, -1, -1):
        i = begin = keys_of_group(graph, v, level, at)[0]
        while graph.halves[i] != key:
            i += 1
        at = (at << graph.group_bits) + i - begin
    return at, key


@compiled
def set_keys(graph: Graph, v: Integer) -> None:
    """Set the keys of hub v to upper bounds, from its weights, and the numbers after the keys."""
    vertex = graph.vertices[v]
    start, size = np.int64(vertex.start), graph.sizes[vertex.kind]
    part = np.int64(1) << graph.part_bits
    index = start + graph.levels[vertex.kind, 0]
    for first in range(0, size, part):
        heaviest = np.int32(NO_WEIGHT)
        for i in range(first, min(first + part, vertex.used)):
            heaviest = max(heaviest, graph.weights[start + i])
        graph.halves[index] = key_of(heaviest, LARGEST_NAME)
        index += 1
    for level in range(1, graph.num_levels[vertex.kind]):
        for group in range(graph.levels[vertex.kind, level + 1] - graph.levels[vertex.kind, level]):
            begin, end = keys_of_group(graph, v, level - 1, group)
            graph.halves[index] = largest_key(graph.halves[begin:end])
            index += 1
    graph.halves[index], graph.halves[index + 1], graph.halves[index + 2] = 0, 0, FIRST_FETCH_GAP


@inlined
def hub_pair(a: Integer, b: Integer) -> Integer:
    """The two ends of an edge between hubs, as one number."""
    return (np.int64(min(a, b)) << 32) | np.int64(max(a, b))


@inlined
def first_row_of_pair(table: Int64Rows, pair: Integer) -> Integer:
    """The row of a hash table at which the search for a pair of hubs begins."""
    return ((pair * -7046029254386353131) >> 32) & (len(table) - 1)


@inlined
def row_of_pair(table: Int64Rows, pair: Integer) -> Integer:
    """The row of a pair of hubs or, if there is none, the free row in which to store it."""
    row = first_row_of_pair(table, pair)
    while table[row, 0] != pair and table[row, 0] != NO_HUB_EDGE:
        row = (row + 1) & (len(table) - 1)
    return row


@compiled
def remember_hub_edge(graph: Graph, a: Integer, b: Integer, slot: Integer, twin: Integer) -> None:
    """Record that the edge between hubs a and b is in a slot of a, and its twin in a slot of b."""
    table, pair = graph.hub_edges, hub_pair(a, b)
    row = row_of_pair(table, pair)
    if table[row, 0] == NO_HUB_EDGE:
        graph.state[0].num_hub_edges += 1
    table[row, 0] = pair
    table[row, 1] = slot if a < b else twin


@compiled
def forget_hub_edge(graph: Graph, a: Integer, b: Integer) -> None:
    """Remove the edge between two hubs from the hash table; do nothing if it is not there."""
    table, wrap = graph.hub_edges, len(graph.hub_edges) - 1
    gap = row_of_pair(table, hub_pair(a, b))
    if table[gap, 0] == NO_HUB_EDGE:
        return
    row = (gap + 1) & wrap
    while table[row, 0] != NO_HUB_EDGE:
        # A later row moves into the gap unless the search for it begins behind the gap.
        if ((row - first_row_of_pair(table, table[row, 0])) & wrap) >= ((row - gap) & wrap):
            table[gap, 0], table[gap, 1] = table[row, 0], table[row, 1]
            gap = row
        row = (row + 1) & wrap
    table[gap, 0] = NO_HUB_EDGE
    graph.state[0].num_hub_edges -= 1


@compiled
def find_hub_edge(graph: Graph, a: Integer, b: Integer) -> Integer:
    """The slot of hub a that holds the edge to hub b, or NO_SLOT."""
    row = row_of_pair(graph.hub_edges, hub_pair(a, b))
    if graph.hub_edges[row, 0] == NO_HUB_EDGE:
        return np.int64(NO_SLOT)
    slot = graph.hub_edges[row, 1]
    if a < b:
        return slot
    return twin_slot(graph.halves[graph.vertices[b].start + slot])


@compiled
def become_hub(graph: Graph, v: Integer) -> None:
    """Make a hub of a vertex whose block has become large."""
    state, vertex = graph.state[0], graph.vertices[v]
    state.num_hubs += 1
    set_keys(graph, v)
    for i in range(vertex.used):
        half = graph.halves[vertex.start + i]
        if is_hub(graph, other_end(half)):
            remember_hub_edge(graph, v, other_end(half), i, twin_slot(half))


@compiled
def cease_to_be_hub(graph: Graph, v: Integer) -> None:
    """Remove the edges of a vertex, whose block is not large any more, from the hash table."""
    vertex = graph.vertices[v]
    graph.state[0].num_hubs -= 1
    for i in range(vertex.used):
        to = other_end(graph.halves[vertex.start + i])
        if is_hub(graph, to):
            forget_hub_edge(graph, v, to)


@compiled_entry(void(int64[:, ::1], int64[:, ::1]))
def copy_hub_edges(table: Int64Rows, larger: Int64Rows) -> None:
    """Copy all rows of a hash table of edges between hubs to a larger one, which is empty."""
    for i in range(len(table)):
        if table[i, 0] != NO_HUB_EDGE:
            row = row_of_pair(larger, table[i, 0])
            larger[row, 0], larger[row, 1] = table[i, 0], table[i, 1]


@compiled_entry(void(GRAPH))
def find_hubs(graph: Graph) -> None:
    """Make hubs of all vertices with large blocks, in a graph that has just been made."""
    for v in range(len(graph.vertices) - 1):
        if must_stop_at(graph.stop, v):
            return
        if is_hub(graph, v):
            become_hub(graph, v)
