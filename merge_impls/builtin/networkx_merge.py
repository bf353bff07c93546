"""The reference: Algorithm 1 of Liu et al. on a networkx graph. Obvious, not fast.

Nodes are super-vertices, each named by its smallest vertex. An edge's ``weight`` is a numpy float32;
``kept`` is what the linkage keeps of its pixel edges, whose fixed point affinities q are exact Python
integers. The stages are those of section 3.4.
"""

from collections import defaultdict
from collections.abc import Iterator
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
"""What a super-edge keeps of its pixel edges; only its linkage looks at it."""


class Linkage(Protocol):
    """What a super-edge keeps, what two that become one keep, and what an edge weighs."""

    def pool(self, qs: list[int]) -> Kept:
        """What the pixel edges of a stage between two super-vertices leave."""

    def join(self, one: Kept, other: Kept) -> Kept:
        """Two edges between the same super-vertices as one."""

    def weight(self, kept: Kept) -> np.float32:
        """The weight, by which edges are ranked and thresholds are reached."""


class Average:
    """The mean over all pixel edges: their sum and their number are kept."""

    def pool(self, qs: list[int]) -> tuple[int, int]:
        return sum(qs), len(qs)

    def join(self, one: tuple[int, int], other: tuple[int, int]) -> tuple[int, int]:
        return one[0] + other[0], one[1] + other[1]

    def weight(self, kept: tuple[int, int]) -> np.float32:
        return _pooled(*kept)


class Weighted:
    """Algorithm 1 as printed: a weight is kept, and two that become one get the mean of theirs."""

    def pool(self, qs: list[int]) -> np.float32:
        return _pooled(sum(qs), len(qs))

    def join(self, one: np.float32, other: np.float32) -> np.float32:
        return (one + other) * HALF

    def weight(self, kept: np.float32) -> np.float32:
        return kept


class Single:
    """The heaviest pixel edge counts: its q is kept."""

    def pool(self, qs: list[int]) -> int:
        return max(qs)

    def join(self, one: int, other: int) -> int:
        return max(one, other)

    def weight(self, kept: int) -> np.float32:
        return _pooled(kept, 1)


class Complete:
    """The lightest pixel edge counts: its q is kept."""

    def pool(self, qs: list[int]) -> int:
        return min(qs)

    def join(self, one: int, other: int) -> int:
        return min(one, other)

    def weight(self, kept: int) -> np.float32:
        return _pooled(kept, 1)


LINKAGE_BY_NAME: dict[str, Linkage] = {
    "average": Average(),
    "weighted": Weighted(),
    "single": Single(),
    "complete": Complete(),
}


def merge(problem: MergeProblem) -> MergeResult:
    """Merge stage by stage: add the stage's pixel edges, then run Algorithm 1 to its threshold."""
    graph, linkage = nx.Graph(), LINKAGE_BY_NAME[problem.linkage]
    graph.add_nodes_from(np.flatnonzero(problem.foreground).tolist())
    # parents[v] is a super-vertex that v went into; the smallest vertex of a segment keeps itself.
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
    pixel_edges: Iterator[tuple[int, int, int]],
    parents: list[int],
) -> None:
    """Add the pixel edges of a stage; those between the same two super-vertices become one edge."""
    pools: dict[tuple[int, int], list[int]] = defaultdict(list)
    for u, v, q in pixel_edges:
        a, b = sorted((_find_super_vertex(parents, u), _find_super_vertex(parents, v)))
        if a != b:
            pools[a, b].append(q)
    for (a, b), qs in pools.items():
        _add_or_join_edge(graph, linkage, a, b, linkage.pool(qs))


def _add_or_join_edge(graph: nx.Graph, linkage: Linkage, a: int, b: int, kept: Kept) -> None:
    """Add an edge; if a and b have one already, the two become one."""
    if graph.has_edge(a, b):
        kept = linkage.join(graph[a][b]["kept"], kept)
    graph.add_edge(a, b, kept=kept, weight=linkage.weight(kept))


def _algorithm_1(
    graph: nx.Graph, linkage: Linkage, threshold: np.float32
) -> Iterator[tuple[int, int, float]]:
    """Lines 2 to 14: while the heaviest edge weighs at least the threshold, contract it (Eq. 3 and 4).

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


def _contract_edge(graph: nx.Graph, linkage: Linkage, a: int, b: int) -> list[int]:
    """Lines 3 to 13: b goes into a. Returns the neighbours whose edge to a is new or changed.

    The super-vertex a stands for uv: without b the vertices are those of equation 3, and the edges that
    a inherits from b, joined with its own, are those of equation 4.
    """
    graph.remove_edge(a, b)
    neighbours = list(graph[b])
    for k in neighbours:
        # Line 8 if k had an edge to both; line 10 if to b alone, which a inherits as it is.
        _add_or_join_edge(graph, linkage, a, k, graph[b][k]["kept"])
    graph.remove_node(b)
    return neighbours


def _pooled(total: int, count: int) -> np.float32:
    """The mean affinity of ``count`` pixel edges, rounded once to float32."""
    return np.float32(total / (ONE * count))


def _find_super_vertex(parents: list[int], vertex: int) -> int:
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
    return [
        _find_super_vertex(parents, vertex) if inside[vertex] else -1
        for vertex in range(len(inside))
    ]


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
