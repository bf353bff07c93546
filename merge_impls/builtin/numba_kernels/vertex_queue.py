"""Vertices in the order of their best edges: a heap in ``Graph.queue``.

A vertex lies under a bound of the rank of its best edge. Ranks only fall, so that a vertex comes to the
top too early, never too late. A row of the heap holds two numbers that are compared in this order:
weight << 32 | smaller name, and larger name << 32 | vertex.
"""

import numpy as np

from merge_impls.builtin.numba_kernels.compiling import compiled, inlined
from merge_impls.builtin.numba_kernels.hub import LARGEST_NAME, key_of
from merge_impls.builtin.numba_kernels.layouts import Graph, Integer

CHILDREN = 4
"""The number of rows below each row of the heap."""


@inlined
def queue_row_of(
    graph: Graph, v: Integer, weight: Integer, best: Integer
) -> tuple[Integer, Integer]:
    """The row of a vertex: its rank, if the best edge has this weight and leads to vertex ``best``.

    If ``best`` is negative, the best edge is stale, and the row is a bound of the rank.
    """
    mine = graph.names[v]
    if best < 0:  # the smaller name is at most that of this vertex
        return key_of(weight, mine), key_of(LARGEST_NAME, v)
    other = graph.names[best]
    return key_of(weight, min(mine, other)), key_of(max(mine, other), v)


@inlined
def ranks_higher(rank: Integer, rest: Integer, other_rank: Integer, other_rest: Integer) -> bool:
    """Whether the row (rank, rest) comes before the other row."""
    return bool(rank > other_rank or (rank == other_rank and rest > other_rest))


@inlined
def sift_down(graph: Graph, position: Integer, rank: Integer, rest: Integer) -> None:
    """Put the row (rank, rest) where it belongs, at or below a free position."""
    queue, count = graph.queue, graph.state[0].queued
    while CHILDREN * position + 1 < count:
        child = CHILDREN * position + 1
        for other in range(child + 1, min(CHILDREN * position + CHILDREN + 1, count)):
            if ranks_higher(queue[other, 0], queue[other, 1], queue[child, 0], queue[child, 1]):
                child = other
        if not ranks_higher(queue[child, 0], queue[child, 1], rank, rest):
            break
        queue[position, 0], queue[position, 1] = queue[child, 0], queue[child, 1]
        position = child
    queue[position, 0], queue[position, 1] = rank, rest


@compiled
def fill_queue(graph: Graph, threshold: Integer) -> None:
    """Put all vertices whose best edges may reach the threshold into the queue."""
    state = graph.state[0]
    state.queued = 0
    for v in range(len(graph.vertices) - 1):
        if graph.best_weights[v] >= threshold:
            best = np.int64(graph.vertices[v].best)
            rank, rest = queue_row_of(graph, np.int64(v), graph.best_weights[v], best)
            graph.queue[state.queued, 0], graph.queue[state.queued, 1] = rank, rest
            state.queued += 1
    for position in range(state.queued // CHILDREN, -1, -1):
        if position < state.queued:
            sift_down(graph, position, graph.queue[position, 0], graph.queue[position, 1])


@inlined
def drop_top(graph: Graph) -> None:
    """Remove the first vertex from the queue."""
    state = graph.state[0]
    state.queued -= 1
    if state.queued > 0:
        sift_down(graph, 0, graph.queue[state.queued, 0], graph.queue[state.queued, 1])
