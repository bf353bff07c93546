"""The reference: Algorithm 1 of Liu et al. on a networkx graph. Obvious, not fast.

Nodes are super-vertices, each named by its smallest vertex. An edge's ``weight`` is a numpy float32;
``total`` and ``count``, exact Python integers, are the sum and the number of its pixel edges' fixed
point affinities. The stages are those of section 3.4.
"""

from collections import defaultdict
from collections.abc import Iterator
from heapq import heapify, heappop, heappush
from typing import TypedDict

import networkx as nx
import numpy as np

from merge_impls.arrays import Float64Array, Int64Array
from merge_impls.fixed_point_affinities import ONE
from merge_impls.problem import MergeProblem
from merge_impls.result import HISTORY_DTYPE, MergeResult, number_segments

HALF = np.float32(0.5)


class Edge(TypedDict):
    """The attributes of an edge of the graph."""

    weight: np.float32
    total: int
    count: int


def merge(problem: MergeProblem) -> MergeResult:
    """Merge stage by stage: add the stage's pixel edges, then run Algorithm 1 to its threshold."""
    graph = nx.Graph()
    graph.add_nodes_from(np.flatnonzero(problem.foreground).tolist())
    # parents[v] is a super-vertex that v went into; the smallest vertex of a segment keeps itself.
    parents = list(range(problem.num_vertices))
    history = []
    for stage, threshold in enumerate(problem.thresholds):
        _add_pixel_edges(graph, problem, stage, parents)
        for a, b, weight in _algorithm_1(graph, problem.linkage, threshold):
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


def _add_pixel_edges(
    graph: nx.Graph, problem: MergeProblem, stage: int, parents: list[int]
) -> None:
    """Add the pixel edges of a stage; those between the same two super-vertices become one edge."""
    pools: dict[tuple[int, int], list[int]] = defaultdict(lambda: [0, 0])
    for u, v, q in _pixel_edges(problem, stage):
        a, b = sorted((_find(parents, u), _find(parents, v)))
        if a != b:
            pools[a, b][0] += q
            pools[a, b][1] += 1
    for (a, b), (total, count) in pools.items():
        edge = Edge(weight=_pooled(total, count), total=total, count=count)
        if graph.has_edge(a, b):
            edge = _joined(problem.linkage, graph[a][b], edge)
        graph.add_edge(a, b, **edge)


def _algorithm_1(
    graph: nx.Graph, linkage: str, threshold: np.float32
) -> Iterator[tuple[int, int, float]]:
    """Lines 2 to 14: while the heaviest edge weighs at least the threshold, contract it.

    Yields (a, b, weight), a < b, of each merge.
    """
    heap = [_heap_entry(a, b, edge["weight"]) for a, b, edge in graph.edges(data=True)]
    heapify(heap)
    while heap:
        negative_weight, negative_a, negative_b = heappop(heap)
        weight, a, b = -negative_weight, -negative_a, -negative_b
        edge = graph.get_edge_data(a, b)
        if edge is None or edge["weight"] != weight:
            continue  # stale: since it was pushed, a merge has changed or removed this edge
        if weight < threshold:
            return
        for k in _contract_edge(graph, linkage, a, b):
            heappush(heap, _heap_entry(a, k, graph[a][k]["weight"]))
        yield a, b, weight


def _heap_entry(a: int, b: int, weight: np.float32) -> tuple[float, int, int]:
    """heapq gives the smallest, so all is negated: the heaviest edge goes first; among equal
    weights the one whose smaller end is larger; among those the one whose larger end is larger."""
    return -float(weight), -min(a, b), -max(a, b)


def _contract_edge(graph: nx.Graph, linkage: str, a: int, b: int) -> list[int]:
    """Lines 3 to 13: b goes into a. Returns the neighbours whose edge to a is new or changed."""
    graph.remove_edge(a, b)
    neighbours = list(graph[b])
    for k in neighbours:
        edge = graph[b][k]
        if graph.has_edge(a, k):
            edge = _joined(linkage, graph[a][k], edge)  # line 8: k had an edge to both
        graph.add_edge(a, k, **edge)  # line 10: k had an edge to b alone, which a inherits
    graph.remove_node(b)
    return neighbours


def _joined(linkage: str, one: Edge, other: Edge) -> Edge:
    """One edge out of two: the mean over all their pixel edges, or the mean of the two weights."""
    total, count = one["total"] + other["total"], one["count"] + other["count"]
    if linkage == "average":
        weight = _pooled(total, count)
    else:
        weight = (one["weight"] + other["weight"]) * HALF
    return Edge(weight=weight, total=total, count=count)


def _pooled(total: int, count: int) -> np.float32:
    """The mean affinity of ``count`` pixel edges, rounded once to float32."""
    return np.float32(total / (ONE * count))


def _find(parents: list[int], vertex: int) -> int:
    """The super-vertex that a vertex is in now."""
    while parents[vertex] != vertex:
        parents[vertex] = vertex = parents[parents[vertex]]
    return vertex


def _pixel_edges(problem: MergeProblem, stage: int | None = None) -> Iterator[tuple[int, int, int]]:
    """(u, v, q) of each pixel edge of a stage, or of all, as Python integers."""
    for us, vs, qs in problem.edge_blocks(stage):
        yield from zip(us.tolist(), vs.tolist(), qs.tolist(), strict=True)


def _segment_names(problem: MergeProblem, parents: list[int]) -> list[int]:
    """For each vertex the super-vertex that it ended in; -1 outside the mask."""
    inside = problem.foreground.ravel().tolist()
    return [_find(parents, vertex) if inside[vertex] else -1 for vertex in range(len(inside))]


def _sizes_and_confidences(
    problem: MergeProblem, names: list[int]
) -> tuple[Int64Array, Float64Array]:
    """Of each segment the vertices and the mean affinity of the pixel edges inside; 0.0 if none."""
    sizes: dict[int, int] = defaultdict(int)
    totals: dict[int, int] = defaultdict(int)
    counts: dict[int, int] = defaultdict(int)
    for name in names:
        sizes[name] += 1
    for u, v, q in _pixel_edges(problem):
        if names[u] == names[v]:
            totals[names[u]] += q
            counts[names[u]] += 1
    segments = sorted(name for name in sizes if name >= 0)
    means = [totals[name] / (ONE * counts[name]) if counts[name] else 0.0 for name in segments]
    return np.array([sizes[name] for name in segments], np.int64), np.array(means, np.float64)
