"""The reference: Algorithm 1 of Liu et al. on a networkx graph. Obvious, not fast.

The stages are those of section 3.4. A super-vertex is named by the smallest vertex in it. An edge's
attribute ``weight`` is a numpy float32; under the linkage "average" ``total`` and ``count`` (exact
Python integers) stand behind it.
"""

from collections import defaultdict
from heapq import heapify, heappop, heappush

import networkx as nx
import numpy as np

from merge_impls.fixed_point import ONE
from merge_impls.problem import MergeProblem
from merge_impls.result import HISTORY_DTYPE, MergeResult, number_segments

HALF = np.float32(0.5)


def merge(problem: MergeProblem) -> MergeResult:
    """Merge stage by stage; each adds its edges, then repeats lines 2 to 14 of Algorithm 1."""
    graph = nx.Graph()
    graph.add_nodes_from(_foreground(problem))
    # parents[v] is a super-vertex that v went into; the smallest vertex of a segment keeps itself.
    parents = list(range(problem.num_vertices))
    history = []
    for stage, threshold in enumerate(problem.thresholds):
        _add_stage(graph, problem, stage, parents)
        for a, b, weight in _merges_of_stage(graph, problem.linkage, threshold):
            parents[b] = a
            history.append((stage, a, b, weight))
    names = _segment_names(problem, parents)
    sizes, confidences = _sizes_and_confidences(problem, names)
    return MergeResult(
        labels=number_segments(np.array(names), problem.shape),
        sizes=sizes,
        confidences=confidences,
        history=np.array(history, HISTORY_DTYPE),
    )


def _foreground(problem: MergeProblem) -> list[int]:
    if not problem.is_grid:
        return list(range(problem.num_vertices))
    return np.flatnonzero(problem.mask).tolist()


def _pooled(total: int, count: int) -> np.float32:
    return np.float32(total / (ONE * count))


def _add_stage(graph: nx.Graph, problem: MergeProblem, stage: int, parents: list[int]) -> None:
    """Add the pixel edges of a stage; those between the same two super-vertices become one edge."""
    pools = defaultdict(lambda: [0, 0])
    for us, vs, qs in problem.edge_blocks(stage):
        for u, v, q in zip(us.tolist(), vs.tolist(), qs.tolist(), strict=True):
            a, b = sorted((_find(parents, u), _find(parents, v)))
            if a != b:
                pools[a, b][0] += q
                pools[a, b][1] += 1
    for (a, b), (total, count) in pools.items():
        new = {"weight": _pooled(total, count), "total": total, "count": count}
        old = graph.get_edge_data(a, b)
        graph.add_edge(a, b, **(_join(problem.linkage, old, new) if old else new))


def _merges_of_stage(graph: nx.Graph, linkage: str, threshold: np.float32):
    """Lines 2 to 14: yields (a, b, weight), a < b, of each merge."""
    heap = [_entry(a, b, edge["weight"]) for a, b, edge in graph.edges(data=True)]
    heapify(heap)
    while heap:
        weight, a, b = (-x for x in heappop(heap))
        edge = graph.get_edge_data(a, b)
        if edge is None or edge["weight"] != weight:
            continue  # an entry from before a merge changed or removed this edge
        if weight < threshold:
            return
        for k in _unite(graph, linkage, a, b):
            heappush(heap, _entry(a, k, graph[a][k]["weight"]))
        yield a, b, weight


def _entry(a: int, b: int, weight: np.float32) -> tuple[float, int, int]:
    """heapq gives the smallest, so all is negated: the heaviest edge goes first; among equal
    weights the one whose smaller end is larger; among those the one whose larger end is larger."""
    return -float(weight), -min(a, b), -max(a, b)


def _unite(graph: nx.Graph, linkage: str, a: int, b: int) -> list[int]:
    """Lines 3 to 13: b goes into a. Returns the neighbours whose edge to a is new or changed."""
    graph.remove_edge(a, b)
    neighbours = list(graph[b])
    for k in neighbours:
        edge = graph[b][k]
        if graph.has_edge(a, k):
            edge = _join(linkage, graph[a][k], edge)  # line 8: k had an edge to both
        graph.add_edge(a, k, **edge)  # line 10: k had one, which is inherited
    graph.remove_node(b)
    return neighbours


def _join(linkage: str, old: dict, new: dict) -> dict:
    """One edge out of two: the mean over all their pixel edges, or the mean of the two weights."""
    total, count = old["total"] + new["total"], old["count"] + new["count"]
    if linkage == "average":
        weight = _pooled(total, count)
    else:
        weight = (old["weight"] + new["weight"]) * HALF
    return {"weight": weight, "total": total, "count": count}


def _find(parents: list[int], vertex: int) -> int:
    while parents[vertex] != vertex:
        parents[vertex] = vertex = parents[parents[vertex]]
    return vertex


def _segment_names(problem: MergeProblem, parents: list[int]) -> list[int]:
    names = [-1] * problem.num_vertices
    for vertex in _foreground(problem):
        names[vertex] = _find(parents, vertex)
    return names


def _sizes_and_confidences(
    problem: MergeProblem, names: list[int]
) -> tuple[np.ndarray, np.ndarray]:
    sizes, totals, counts = defaultdict(int), defaultdict(int), defaultdict(int)
    for name in names:
        sizes[name] += 1
    for us, vs, qs in problem.edge_blocks():
        for u, v, q in zip(us.tolist(), vs.tolist(), qs.tolist(), strict=True):
            if names[u] == names[v]:
                totals[names[u]] += q
                counts[names[u]] += 1
    segments = sorted(name for name in sizes if name >= 0)
    means = [totals[name] / (ONE * counts[name]) if counts[name] else 0.0 for name in segments]
    return np.array([sizes[name] for name in segments], np.int64), np.array(means, np.float64)
