"""Vertices in the order of their best edges: a heap in ``Graph.queue``, and lists of lighter vertices.

A vertex lies under a bound of the rank of its best edge. Ranks only fall, so that a vertex comes to the
top too early, never too late. A row of the heap holds two numbers that are compared in this order:
weight << 32 | smaller name, and larger name << 32 | vertex.

Weights are divided into buckets. The heap holds the vertices of one bucket, the highest that is not
empty; the vertices of each lower bucket form a list. So the heap is small where weights differ.
"""

import numpy as np

from merge_impls.builtin.numba_kernels.compiling import compiled, inlined, prefetch
from merge_impls.builtin.numba_kernels.hub import LARGEST_NAME, key_of
from merge_impls.builtin.numba_kernels.layouts import NO_VERTEX, Graph, Integer
from merge_impls.builtin.numba_kernels.stop import must_stop, must_stop_at
from merge_impls.builtin.numba_kernels.sums import weight_of

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


@inlined
def drop_top(graph: Graph) -> None:
    """Remove the first vertex from the queue."""
    state = graph.state[0]
    state.queued -= 1
    if state.queued > 0:
        sift_down(graph, 0, graph.queue[state.queued, 0], graph.queue[state.queued, 1])


@inlined
def bucket_of(graph: Graph, weight: Integer) -> Integer:
    """The bucket of a weight. No weight has a lower bucket than a smaller weight."""
    last = len(graph.first_in_bucket) - 1
    return min(np.int64(weight_of(weight) * np.float32(last)), np.int64(last))


@inlined
def add_to_bucket(graph: Graph, v: Integer, bucket: Integer) -> None:
    """Put a vertex into the list of a bucket."""
    graph.next_in_bucket[v] = graph.first_in_bucket[bucket]
    graph.first_in_bucket[bucket] = v


@compiled
def fill_queue(graph: Graph, threshold: Integer) -> None:
    """Put all vertices whose best edges may reach the threshold into buckets. The heap stays empty."""
    state = graph.state[0]
    state.queued, state.bucket = 0, len(graph.first_in_bucket)
    graph.first_in_bucket[:] = NO_VERTEX
    for v in range(len(graph.vertices) - 1):
        if must_stop_at(graph.stop, v):
            return
        if graph.best_weights[v] >= threshold:
            add_to_bucket(graph, np.int64(v), bucket_of(graph, graph.best_weights[v]))


@inlined
def lower_top(graph: Graph, v: Integer, weight: Integer, rank: Integer, rest: Integer) -> None:
    """Give the vertex at the top of the heap a lower row. It leaves the heap for a lower bucket."""
    bucket = bucket_of(graph, weight)
    if bucket == graph.state[0].bucket:
        sift_down(graph, 0, rank, rest)
    else:
        drop_top(graph)
        add_to_bucket(graph, v, bucket)


@inlined
def list_bucket(graph: Graph) -> Integer:
    """Move the vertices of the present bucket to the rows of the heap, unordered; return their number.

    What their rows and the searches for their best edges read is prefetched. Returns early if the merge
    must stop.
    """
    state, count = graph.state[0], 0
    v = np.int64(graph.first_in_bucket[state.bucket])
    graph.first_in_bucket[state.bucket] = NO_VERTEX
    while v != NO_VERTEX and not must_stop_at(graph.stop, count + 1):
        prefetch(graph.vertices, v)
        prefetch(graph.best_weights, v)
        prefetch(graph.names, v)
        graph.queue[count, 1] = v
        count += 1
        v = np.int64(graph.next_in_bucket[v])
    for i in range(count):
        vertex = graph.vertices[graph.queue[i, 1]]
        prefetch(graph.names, max(vertex.best, 0))
        prefetch(graph.weights, np.int64(vertex.start))
        prefetch(graph.halves, np.int64(vertex.start))
    return count


@inlined
def order_heap(graph: Graph) -> None:
    """Put the rows of the heap, which are in any order, into the order of a heap."""
    count = graph.state[0].queued
    for position in range(count // CHILDREN, -1, -1):
        if must_stop_at(graph.stop, position + 1):
            return
        if position < count:
            sift_down(graph, position, graph.queue[position, 0], graph.queue[position, 1])


@compiled
def open_bucket(graph: Graph, threshold: Integer) -> None:
    """Move the vertices of the present bucket to the heap, which is empty.

    A vertex whose best edge has become lighter goes to a lower bucket, or leaves the queue.
    """
    state = graph.state[0]
    for i in range(list_bucket(graph)):
        if must_stop_at(graph.stop, i + 1):
            return
        v = graph.queue[i, 1]
        weight = graph.best_weights[v]
        if weight >= threshold and bucket_of(graph, weight) < state.bucket:
            add_to_bucket(graph, v, bucket_of(graph, weight))
        elif weight >= threshold:
            rank, rest = queue_row_of(graph, v, weight, np.int64(graph.vertices[v].best))
            graph.queue[state.queued, 0], graph.queue[state.queued, 1] = rank, rest
            state.queued += 1
    order_heap(graph)


@compiled
def queue_is_empty(graph: Graph, threshold: Integer) -> bool:
    """Whether the heap and all buckets are empty. If only the heap is, the next bucket fills it."""
    state = graph.state[0]
    while state.queued == 0 and state.bucket > 0 and not must_stop(graph.stop):
        state.bucket -= 1
        open_bucket(graph, threshold)
    return bool(state.queued == 0)
