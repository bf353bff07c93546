"""The best edge of a vertex, and the list of vertices to look at."""

import numpy as np

from merge_impls.builtin.numba_kernels.blocks import ABSENT, other_end
from merge_impls.builtin.numba_kernels.compiling import inlined
from merge_impls.builtin.numba_kernels.pixel_edges import make_pixel_edges


@inlined
def find_best(graph, pixels, v):
    """Of edges of one vertex that weigh the same, the one to the neighbour with the larger name goes
    first: that is what the rule for ties comes to where one end is given."""
    make_pixel_edges(graph, pixels, v)
    vertex = graph.vertices[v]
    start, used = np.int64(vertex.start), np.int64(vertex.used)
    weights = graph.weights[start : start + used]
    heaviest = np.int32(ABSENT)
    for i in range(used):
        heaviest = max(heaviest, weights[i])
    best, ties = np.int64(len(graph.vertices) - 1), 0
    if heaviest != ABSENT:
        for i in range(used):
            if weights[i] == heaviest:
                to = other_end(graph.halves[start + i])
                if ties == 0 or graph.names[to] > graph.names[best]:
                    best = to
                ties += 1
    graph.best_weights[v] = heaviest
    vertex.best = ~best if ties > 1 else best
    return heaviest, best


@inlined
def best_of(graph, pixels, v):
    """Bits of the weight, and the other end, of the best edge of a vertex as it is now.

    Cached is the other end, or ~end if it has to be looked for: either the edge has changed (then it
    is ~nobody), or another one weighs the same, so that names decide, which can change unseen.
    """
    best = np.int64(graph.vertices[v].best)
    if best < 0:
        return find_best(graph, pixels, v)
    return graph.best_weights[v], best


@inlined
def push(graph, v):
    """Put a vertex on top of the worklist, unless it is in there."""
    if not graph.waiting[v]:
        state = graph.state[0]
        graph.waiting[v] = 1
        graph.worklist[state.height] = v
        state.height += 1


@inlined
def doubt(graph, v):
    """The best edge of a vertex may have become worse: it is looked for when somebody asks."""
    graph.vertices[v].best = ~(len(graph.vertices) - 1)
    push(graph, v)
