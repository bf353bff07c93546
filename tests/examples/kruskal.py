"""Union-find over sorted edges (Kruskal), an example of an approximate backend.

An edge keeps the affinity of its pixels. With linkage "single" this gives the segments of the contract,
with "average" an approximation of them.
"""

import numpy as np

from merge_impls import Backend
from merge_impls.result import number_segments

KRUSKAL = Backend(
    name="kruskal",
    description="union-find over sorted edges: the affinity of an edge never changes",
    version="0.1.0",
    function="kruskal:merge",
    linkages=("single", "average"),
    approximate=("average",),
)


def merge(problem):
    """Labels of a problem: in each stage, join the two ends of every edge at the threshold or above."""
    u, v, q, stages = problem.edge_arrays()
    parents = list(range(problem.num_vertices))

    def find(vertex):
        while parents[vertex] != vertex:
            parents[vertex] = vertex = parents[parents[vertex]]
        return vertex

    for stage, threshold in enumerate(problem.thresholds):
        heavy = np.flatnonzero((stages <= stage) & ((q / 65535).astype(np.float32) >= threshold))
        for edge in heavy[np.argsort(-q[heavy].astype(np.int64), kind="stable")]:
            a, b = sorted((find(u[edge]), find(v[edge])))
            parents[b] = a
    names = np.array([find(vertex) for vertex in range(problem.num_vertices)])
    return number_segments(np.where(problem.foreground.ravel(), names, -1), problem.shape)
