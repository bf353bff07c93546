"""The reference backend: Algorithm 1 of Liu et al. on a networkx graph, simple rather than fast.

The nodes of the graph are super-vertices, named after their smallest vertex. Each edge has two
attributes: ``weight``, a numpy float32, and ``kept``, the data that the linkage keeps of the pixel
edges. Affinities q are exact Python integers. The stages are those of section 3.4.

An explicit edge with a count stands for ``count`` pixel edges, whose affinities add up to ``total``.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from typing import Any, Protocol, TypeAlias

import networkx as nx
import numpy as np

from merge_impls.arrays import Float64Array, Int64Array
from merge_impls.fixed_point_affinities import ONE
from merge_impls.problem import MergeProblem
from merge_impls.result import HISTORY_DTYPE, MergeResult, number_segments

HALF = np.float32(0.5)

Kept: TypeAlias = Any
"""What a super-edge keeps of its pixel edges; its type depends on the linkage."""


@dataclass(slots=True)
class PixelEdge:
    """One pixel edge between u and v, or several: ``count`` of them with the sum ``total``.

    q: the affinity of one pixel edge; of several, the largest (single) or the smallest (complete).
    """

    u: int
    v: int
    q: int
    total: int
    count: int


class Linkage(Protocol):
    """The three operations of a linkage, as in the table of CONTRACT.md."""

    def pool(self, edges: list[PixelEdge]) -> Kept:
        """Return what a new super-edge keeps of its pixel edges, all of one stage."""

    def join(self, one: Kept, other: Kept) -> Kept:
        """Return what the super-edge keeps into which two super-edges are joined."""

    def weight(self, kept: Kept) -> np.float32:
        """The weight of a super-edge."""


class Average:
    """The mean of all pixel edges. A super-edge keeps their sum and their number."""

    def pool(self, edges: list[PixelEdge]) -> tuple[int, int]:
        """The sum and the number of the affinities."""
        return _total_and_count(edges)

    def join(self, one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
        """The total of both sums, and the total of both numbers."""
        return one[0] + other[0], one[1] + other[1]

    def weight(self, kept: tuple[int, int]) -> np.float32:
        """The sum divided by the number."""
        return _pooled(*kept)


class Weighted:
    """Algorithm 1 as printed: a super-edge keeps its weight, whatever its number of pixel edges."""

    def pool(self, edges: list[PixelEdge]) -> np.float32:
        """The mean of the affinities."""
        return _pooled(*_total_and_count(edges))

    def join(self, one: np.float32, other: np.float32) -> np.float32:
        """The mean of the two weights."""
        return (one + other) * HALF

    def weight(self, kept: np.float32) -> np.float32:
        """The weight that is kept."""
        return kept


class Single:
    """The largest affinity of all pixel edges."""

    def pool(self, edges: list[PixelEdge]) -> int:
        """The largest of the affinities."""
        return max(edge.q for edge in edges)

    def join(self, one: int, other: int) -> int:
        """The larger affinity."""
        return max(one, other)

    def weight(self, kept: int) -> np.float32:
        """The affinity as a float32 in [0, 1]."""
        return _pooled(kept, 1)


class Complete:
    """The smallest affinity of all pixel edges."""

    def pool(self, edges: list[PixelEdge]) -> int:
        """The smallest of the affinities."""
        return min(edge.q for edge in edges)

    def join(self, one: int, other: int) -> int:
        """The smaller affinity."""
        return min(one, other)

    def weight(self, kept: int) -> np.float32:
        """The affinity as a float32 in [0, 1]."""
        return _pooled(kept, 1)


LINKAGE_BY_NAME: dict[str, Linkage] = {
    "average": Average(),
    "weighted": Weighted(),
    "single": Single(),
    "complete": Complete(),
}


def merge(problem: MergeProblem) -> MergeResult:
    """Merge stage by stage: add the pixel edges of a stage, then run Algorithm 1 on the graph."""
    graph, linkage = nx.Graph(), LINKAGE_BY_NAME[problem.linkage]
    graph.add_nodes_from(np.flatnonzero(problem.foreground).tolist())
    # parents[b] is the super-vertex a into which b was merged, or b itself if b was not merged yet.
    parents = list(range(problem.num_vertices))
    history = []
    for stage, threshold in enumerate(problem.thresholds):
        _add_pixel_edges(graph, linkage, _pixel_edges(problem, stage), parents)
        for a, b, weight in _algorithm_1(graph, linkage, threshold):
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
    graph: nx.Graph,
    linkage: Linkage,
    pixel_edges: Iterator[PixelEdge],
    parents: list[int],
) -> None:
    """Add the pixel edges of a stage, as one edge for each pair of super-vertices that they join."""
    pools: dict[tuple[int, int], list[PixelEdge]] = defaultdict(list)
    for edge in pixel_edges:
        a, b = sorted(_find_super_vertex(parents, end) for end in (edge.u, edge.v))
        if a != b:
            pools[a, b].append(edge)
    for (a, b), edges in pools.items():
        _add_or_join_edge(graph, linkage, a, b, linkage.pool(edges))


def _add_or_join_edge(graph: nx.Graph, linkage: Linkage, a: int, b: int, kept: Kept) -> None:
    """Add an edge between a and b, or join it to the edge that a and b have already."""
    if graph.has_edge(a, b):
        kept = linkage.join(graph[a][b]["kept"], kept)
    graph.add_edge(a, b, kept=kept, weight=linkage.weight(kept))


def _algorithm_1(
    graph: nx.Graph, linkage: Linkage, threshold: np.float32
) -> Iterator[tuple[int, int, float]]:
    """Contract the heaviest edge as long as it weighs at least the threshold (lines 2 to 14).

    Yields (a, b, weight) for each merge, where a < b are the names of the two super-vertices.
    """
    heap = [_heap_entry(a, b, edge["weight"]) for a, b, edge in graph.edges(data=True)]
    heapify(heap)
    while heap:
        negative_weight, negative_a, negative_b = heappop(heap)
        weight, a, b = -negative_weight, -negative_a, -negative_b
        edge = graph.get_edge_data(a, b)
        if edge is None or edge["weight"] != weight:
            continue  # a later merge has changed or removed this edge
        if weight < threshold:
            return
        for k in _contract_edge(graph, linkage, a, b):
            heappush(heap, _heap_entry(a, k, graph[a][k]["weight"]))
        yield a, b, weight


def _heap_entry(a: int, b: int, weight: np.float32) -> tuple[float, int, int]:
    """The entry of an edge in the heap.

    The edge with the largest (weight, smaller end, larger end) is contracted first. The three numbers
    are negated, because heapq pops the smallest entry.
    """
    return -float(weight), -min(a, b), -max(a, b)


def _contract_edge(graph: nx.Graph, linkage: Linkage, a: int, b: int) -> list[int]:
    """Merge b into a (lines 3 to 13); return the neighbours whose edge to a is new or changed.

    The new super-vertex, uv in the paper, keeps the name a. Removing b leaves the vertices of
    equation 3; adding the edges of b to those of a makes the edges of equation 4.
    """
    graph.remove_edge(a, b)
    neighbours = list(graph[b])
    for k in neighbours:
        # This is line 8 if k has edges to both a and b, and line 10 if k has an edge to b alone.
        _add_or_join_edge(graph, linkage, a, k, graph[b][k]["kept"])
    graph.remove_node(b)
    return neighbours


def _total_and_count(edges: list[PixelEdge]) -> tuple[int, int]:
    """The sum of the affinities of all pixel edges, and their number."""
    return sum(edge.total for edge in edges), sum(edge.count for edge in edges)


def _pooled(total: int, count: int) -> np.float32:
    """The mean affinity of ``count`` pixel edges with the sum ``total``, rounded once to float32."""
    return np.float32(total / (ONE * count))


def _find_super_vertex(parents: list[int], vertex: int) -> int:
    """The super-vertex that contains a vertex now. Shortens the path of parents to it."""
    while parents[vertex] != vertex:
        parents[vertex] = vertex = parents[parents[vertex]]
    return vertex


def _pixel_edges(problem: MergeProblem, stage: int | None = None) -> Iterator[PixelEdge]:
    """Yield the edges of a stage, or of all stages, in Python integers."""
    for block in problem.counted_edge_blocks(stage):
        yield from map(PixelEdge, *(array.tolist() for array in block))


def _segment_names(problem: MergeProblem, parents: list[int]) -> list[int]:
    """For each vertex the super-vertex that contains it at the end, or -1 outside the mask."""
    inside = problem.foreground.ravel().tolist()
    return [
        _find_super_vertex(parents, vertex) if inside[vertex] else -1
        for vertex in range(len(inside))
    ]


def _sizes_and_confidences(
    problem: MergeProblem, names: list[int]
) -> tuple[Int64Array, Float64Array]:
    """For each segment its number of vertices and the mean affinity of its inner pixel edges.

    The mean of a segment without inner pixel edges is 0.0.
    """
    sizes: dict[int, int] = defaultdict(int)
    totals: dict[int, int] = defaultdict(int)
    counts: dict[int, int] = defaultdict(int)
    for name in names:
        sizes[name] += 1
    for edge in _pixel_edges(problem):
        name = names[edge.u]
        if name == names[edge.v]:
            totals[name] += edge.total
            counts[name] += edge.count
    segments = sorted(name for name in sizes if name >= 0)
    means = [totals[name] / (ONE * counts[name]) if counts[name] else 0.0 for name in segments]
    return np.array([sizes[name] for name in segments], np.int64), np.array(means, np.float64)
