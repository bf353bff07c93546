"""One stage of the merge, compiled by numba: the greedy loop with a heap and a hash map.

All compiled functions live in this one file, because numba's cache does not notice a change in
another. The structure is that of c_merge/: super-vertices in slots, edges in linked lists at both
ends, half-edge 2 e + side being edge e seen from ends[e, side].
"""

from typing import NamedTuple

import numpy as np
from numba import njit

NONE = -1


class Graph(NamedTuple):
    """Super-vertices (int64, one entry a slot) and super-edges (one entry an edge) of one stage."""

    into: np.ndarray  # the slot it was merged into; itself while it lives
    name: np.ndarray  # the smallest vertex in it
    first: np.ndarray  # half-edge
    degree: np.ndarray
    ends: np.ndarray  # (E, 2) slots; ends[e, 0] is NONE once the edge is gone
    following: np.ndarray  # (E, 2) half-edges
    previous: np.ndarray  # (E, 2) half-edges
    totals: np.ndarray
    counts: np.ndarray
    weights: np.ndarray  # float32
    weight_bits: np.ndarray  # the same memory as int32: bits of floats >= 0 order as the floats do
    pairs: np.ndarray  # hash map: the pair of slots at each place, NONE where it is free
    edges: np.ndarray  # hash map: the edge of that pair


@njit(cache=True)
def home(graph, pair):
    """Where in the hash map a pair belongs; the length is a power of two."""
    x = np.uint64(pair)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return np.int64((x ^ (x >> np.uint64(31))) & np.uint64(len(graph.pairs) - 1))


@njit(cache=True)
def place_of(graph, u, v):
    """The place of a pair in the hash map, or the free one where it would go."""
    pair = (min(u, v) << 32) | max(u, v)
    place = home(graph, pair)
    while graph.pairs[place] != NONE and graph.pairs[place] != pair:
        place = (place + 1) & (len(graph.pairs) - 1)
    return place, pair


@njit(cache=True)
def set_edge_of(graph, u, v, edge):
    """Let the hash map know the edge between two slots."""
    place, pair = place_of(graph, u, v)
    graph.pairs[place] = pair
    graph.edges[place] = edge


@njit(cache=True)
def forget_pair(graph, u, v):
    """Take a pair out of the hash map; later entries shift back, so that no gap cuts them off."""
    gap, _ = place_of(graph, u, v)
    wrap = len(graph.pairs) - 1
    at = (gap + 1) & wrap
    while graph.pairs[at] != NONE:
        from_home = (at - home(graph, graph.pairs[at])) & wrap
        if from_home >= ((at - gap) & wrap):
            graph.pairs[gap] = graph.pairs[at]
            graph.edges[gap] = graph.edges[at]
            gap = at
        at = (at + 1) & wrap
    graph.pairs[gap] = NONE


@njit(cache=True)
def link_half(graph, edge, side, slot):
    """Hang one side of an edge into the list of a slot."""
    following = graph.first[slot]
    graph.ends[edge, side] = slot
    graph.previous[edge, side] = NONE
    graph.following[edge, side] = following
    if following != NONE:
        graph.previous[following // 2, following % 2] = 2 * edge + side
    graph.first[slot] = 2 * edge + side
    graph.degree[slot] += 1


@njit(cache=True)
def unlink_half(graph, edge, side):
    """Take one side of an edge out of the list that it hangs in."""
    slot = graph.ends[edge, side]
    following, previous = graph.following[edge, side], graph.previous[edge, side]
    if following != NONE:
        graph.previous[following // 2, following % 2] = previous
    if previous != NONE:
        graph.following[previous // 2, previous % 2] = following
    else:
        graph.first[slot] = following
    graph.degree[slot] -= 1


@njit(cache=True)
def join(graph, kept, other, average):
    """Two edges to one neighbour become one (Algorithm 1, line 8)."""
    if average:
        graph.totals[kept] += graph.totals[other]
        graph.counts[kept] += graph.counts[other]
        graph.weights[kept] = np.float32(graph.totals[kept] / (65535 * graph.counts[kept]))
    else:
        graph.weights[kept] = (graph.weights[kept] + graph.weights[other]) * np.float32(0.5)


@njit(cache=True)
def hand_over(graph, half, stays, average):
    """Move a half-edge of the vanishing super-vertex over: inherited, or joined with its twin.

    Of two joined edges the heavier keeps its number, and so its entry in the heap: see
    ``merge_stage``.
    """
    edge, side = half // 2, half % 2
    neighbour = graph.ends[edge, 1 - side]
    forget_pair(graph, graph.ends[edge, side], neighbour)
    place, pair = place_of(graph, stays, neighbour)
    if graph.pairs[place] == NONE:
        link_half(graph, edge, side, stays)
        set_edge_of(graph, stays, neighbour, edge)
        return
    twin = graph.edges[place]
    if graph.weights[edge] > graph.weights[twin]:
        join(graph, edge, twin, average)
        unlink_half(graph, twin, 0)
        unlink_half(graph, twin, 1)
        graph.ends[twin, 0] = NONE
        link_half(graph, edge, side, stays)
        graph.edges[place] = edge
    else:
        join(graph, twin, edge, average)
        unlink_half(graph, edge, 1 - side)
        graph.ends[edge, 0] = NONE


@njit(cache=True)
def unite(graph, edge, average):
    """Merge the ends of an edge (lines 3 to 13); the longer list of edges stays in place."""
    stays, goes = graph.ends[edge]
    if graph.degree[stays] < graph.degree[goes]:
        stays, goes = goes, stays
    forget_pair(graph, stays, goes)
    unlink_half(graph, edge, 0)
    unlink_half(graph, edge, 1)
    graph.ends[edge, 0] = NONE
    half = graph.first[goes]
    while half != NONE:
        following = graph.following[half // 2, half % 2]
        hand_over(graph, half, stays, average)
        half = following
    graph.name[stays] = min(graph.name[stays], graph.name[goes])
    graph.into[goes] = stays


@njit(cache=True)
def entry_of(graph, edge):
    """An edge's rank, greater first: weight and smaller end, larger end and the edge."""
    x, y = graph.name[graph.ends[edge, 0]], graph.name[graph.ends[edge, 1]]
    return (np.int64(graph.weight_bits[edge]) << 32) | min(x, y), (max(x, y) << 32) | edge


@njit(cache=True)
def sift_down(heap, count, place, high, low):
    """Put an entry where it belongs at or below a place that counts as free."""
    while 2 * place + 1 < count:
        child = 2 * place + 1
        if child + 1 < count and (
            heap[child + 1, 0] > heap[child, 0]
            or (heap[child + 1, 0] == heap[child, 0] and heap[child + 1, 1] > heap[child, 1])
        ):
            child += 1
        if high > heap[child, 0] or (high == heap[child, 0] and low > heap[child, 1]):
            break
        heap[place] = heap[child]
        place = child
    heap[place, 0], heap[place, 1] = high, low


@njit(cache=True)
def fill_heap(graph, threshold):
    """The entries of all edges that reach the threshold, heaviest at the top."""
    chosen = np.flatnonzero(graph.weights >= threshold)
    heap = np.empty((len(chosen), 2), np.int64)
    for place, edge in enumerate(chosen):
        heap[place, 0], heap[place, 1] = entry_of(graph, edge)
    for place in range(len(heap) // 2 - 1, -1, -1):
        sift_down(heap, len(heap), place, heap[place, 0], heap[place, 1])
    return heap


@njit(cache=True)
def hang_edges(graph):
    """Enter all edges into the lists and the hash map."""
    for edge in range(len(graph.ends)):
        u, v = graph.ends[edge]
        link_half(graph, edge, 0, u)
        link_half(graph, edge, 1, v)
        set_edge_of(graph, u, v, edge)


@njit(cache=True)
def merge_stage(graph, threshold, average, merges, merge_weights):
    """Merge the heaviest edge's ends while it reaches the threshold; returns the number of merges.

    merges: (room, 2) int64, takes the names a < b of each merge; merge_weights: (room,) float32.

    A merge never improves an edge's rank (means and names only fall), so an entry that is out of
    date comes up too early, never too late, and goes back with its present rank.
    """
    hang_edges(graph)
    heap = fill_heap(graph, threshold)
    entries, done = len(heap), 0
    while entries > 0:
        edge = heap[0, 1] & 0xFFFFFFFF
        gone = graph.ends[edge, 0] == NONE
        if not gone:
            high, low = entry_of(graph, edge)
            stale = high != heap[0, 0] or low != heap[0, 1]
            if stale and graph.weights[edge] >= threshold:
                sift_down(heap, entries, 0, high, low)
                continue
        entries -= 1
        if entries > 0:
            sift_down(heap, entries, 0, heap[entries, 0], heap[entries, 1])
        if gone or stale:
            continue
        merges[done, 0], merges[done, 1] = high & 0xFFFFFFFF, low >> 32
        merge_weights[done] = graph.weights[edge]
        done += 1
        unite(graph, edge, average)
    return done
