"""A literal implementation of Algorithm 1 of the paper, which searches all edges before every merge.

Its time is quadratic in the number of edges. It shares no code with any backend. Each edge stores how
it was made, so that an explanation can show where its weight comes from.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from merge_impls.arrays import Float64Array
from merge_impls.conformance.linkages import LINKAGES, Linkage, sum_of_edges
from merge_impls.fixed_point_affinities import ONE
from merge_impls.problem import MergeProblem
from merge_impls.result import HISTORY_DTYPE, CompleteResult

OUTSIDE = -1
"""The name that pixels outside the mask get instead of the name of a super-vertex."""

Pair = tuple[int, int]
"""The names of two super-vertices, the smaller first."""


@dataclass(frozen=True)
class PixelEdge:
    """One pixel edge of the problem, from u to v with the fixed-point affinity q.

    index: the index of q in ``problem.affinities``.
    total, count: q and 1, or those of an edge that stands for several pixel edges.
    """

    u: int
    v: int
    q: int
    stage: int
    index: tuple[int, ...]
    total: int
    count: int

    @property
    def sum_text(self) -> str:
        """The affinity q or, of several pixel edges, their sum and number: "total 7 of 2 pixel edges"."""
        return str(self.q) if self.count == 1 else f"total {self.total} of {self.count} pixel edges"


@dataclass(frozen=True, eq=False)
class SuperEdge:
    """An edge between two super-vertices.

    total: the sum of q over all pixel edges of the edge. count: the number of these pixel edges. The
        weight follows from both with linkage "average" only.
    origin: how the edge was made.
    """

    weight: np.float32
    total: int
    count: int
    origin: "Added | Inherited | Joined"

    @property
    def source_edges(self) -> list[tuple[Pair, "SuperEdge"]]:
        """The earlier super-edges that this edge was made of, each with its pair; [] for a new edge."""
        match self.origin:
            case Inherited(_, pair, edge):
                return [(pair, edge)]
            case Joined(_, _, pairs, edges):
                return list(zip(pairs, edges, strict=True))
        return []

    @property
    def pixel_edges(self) -> list[PixelEdge]:
        """All pixel edges that the edge consists of."""
        # Not recursive, because the chain of earlier edges may be longer than Python's recursion limit.
        found: list[PixelEdge] = []
        waiting = [self]
        while waiting:
            edge = waiting.pop()
            if isinstance(edge.origin, Added):
                found += edge.origin.pixel_edges
            waiting += [part for _, part in edge.source_edges]
        return found


@dataclass(frozen=True)
class Added:
    """The origin of a new edge: ``stage`` added these pixel edges between the two super-vertices."""

    stage: int
    pixel_edges: tuple[PixelEdge, ...]


@dataclass(frozen=True)
class Inherited:
    """The origin of an inherited edge: b merged into a, and only b had an edge to the third super-vertex.

    merge: the row of the history in which b merged into a.
    pair, edge: the edge between b and the third super-vertex before that merge.
    """

    merge: int
    pair: Pair
    edge: SuperEdge


@dataclass(frozen=True)
class Joined:
    """The origin of a joined edge: two edges between the same super-vertices became one.

    merge: the row of the history whose merge joined the edges; None if they were joined when ``stage``
        began, because the new edge of a pair was joined with its existing edge.
    pairs, edges: the two edges before they were joined.
    """

    merge: int | None
    stage: int
    pairs: tuple[Pair, Pair]
    edges: tuple[SuperEdge, SuperEdge]


@dataclass(frozen=True)
class DecisionState:
    """The state of the graph before a decision: to merge the heaviest edge, or to end the stage.

    row: the number of merges so far, so the row of the history that the next merge fills.
    names: for each vertex, the name of its super-vertex; ``OUTSIDE`` outside the mask.
    heaviest: the pair of the heaviest edge, after the tie rule; None if there is no edge.
    """

    row: int
    stage: int
    threshold: np.float32
    names: list[int]
    edges: dict[Pair, SuperEdge]
    heaviest: Pair | None

    @property
    def next_merge(self) -> Pair | None:
        """The pair that merges next; None if no edge weighs at least the threshold."""
        if self.heaviest is None or self.edges[self.heaviest].weight < self.threshold:
            return None
        return self.heaviest


def literal_merge(problem: MergeProblem) -> CompleteResult:
    """Merge a problem. The time is quadratic in the number of edges: about a second for 300 vertices."""
    history = []
    for decision in decision_states(problem):
        if decision.next_merge:
            weight = decision.edges[decision.next_merge].weight
            history.append((decision.stage, *decision.next_merge, weight))
    labels = _labels_from_names(decision.names)
    return CompleteResult(
        labels=np.array(labels, np.int32).reshape(problem.shape),
        sizes=np.array([labels.count(i) for i in range(1, max(labels) + 1)], np.int64),
        confidences=_confidences(problem, labels),
        history=np.array(history, HISTORY_DTYPE),
        backend="literal",
        thresholds=problem.thresholds,
    )


def decision_states(problem: MergeProblem) -> Iterator[DecisionState]:
    """Merge a problem; yield the state before each decision. The last decision of a stage merges nothing."""
    pixel_edges = list(every_pixel_edge(problem))
    names = _initial_names(problem)
    edges: dict[Pair, SuperEdge] = {}
    linkage, row = LINKAGES[problem.linkage], 0
    for stage, threshold in enumerate(problem.thresholds):
        new = [edge for edge in pixel_edges if edge.stage == stage]
        edges = _add_stage_edges(edges, new, names, stage, linkage)
        while True:
            decision = DecisionState(row, stage, threshold, names, edges, _heaviest_pair(edges))
            yield decision
            if not decision.next_merge:
                break
            a, b = decision.next_merge
            edges = _contract_edge(edges, a, b, row, stage, linkage)
            names = [a if name == b else name for name in names]
            row += 1


def every_pixel_edge(problem: MergeProblem) -> Iterator[PixelEdge]:
    """Yield the pixel edges of a problem; in a grid, by a loop over all offsets and pixels."""
    if problem.edges is not None:
        for i, (u, v) in enumerate(problem.edges.tolist()):
            q, total, count = int(problem.affinities[i]), int(problem.affinities[i]), 1
            if problem.totals is not None and problem.counts is not None:
                total, count = int(problem.totals[i]), int(problem.counts[i])
            yield PixelEdge(u, v, q, int(problem.stages[i]), (i,), total, count)
        return
    assert problem.offsets is not None and problem.mask is not None
    pixels = list(product(*map(range, problem.shape)))
    vertices = {pixel: vertex for vertex, pixel in enumerate(pixels) if problem.mask[pixel]}
    for k, offset in enumerate(problem.offsets.tolist()):
        for pixel, vertex in vertices.items():
            other = tuple(x + step for x, step in zip(pixel, offset, strict=True))
            if other in vertices:
                q = int(problem.affinities[k][pixel])
                stage, index = int(problem.stages[k]), (k, *pixel)
                yield PixelEdge(vertex, vertices[other], q, stage, index, q, 1)


def _initial_names(problem: MergeProblem) -> list[int]:
    """Each vertex is its own super-vertex; pixels outside the mask are ``OUTSIDE``."""
    if problem.mask is None:
        return list(range(problem.num_vertices))
    inside = problem.mask.ravel().tolist()
    return [vertex if inside[vertex] else OUTSIDE for vertex in range(problem.num_vertices)]


def _heaviest_pair(edges: dict[Pair, SuperEdge]) -> Pair | None:
    """The pair (a, b), a < b, with the largest (weight, a, b); None if there is no edge."""
    return max(edges, key=lambda pair: (edges[pair].weight, *pair), default=None)


def _add_stage_edges(
    edges: dict[Pair, SuperEdge],
    new: list[PixelEdge],
    names: list[int],
    stage: int,
    linkage: Linkage,
) -> dict[Pair, SuperEdge]:
    """Return the edges after a stage has added its pixel edges.

    The new pixel edges of each pair of super-vertices are pooled into one edge. If the pair had an
    edge already, the two edges are joined.
    """
    between: dict[Pair, list[PixelEdge]] = {}
    for edge in new:
        ends = names[edge.u], names[edge.v]
        if ends[0] != ends[1]:
            between.setdefault((min(ends), max(ends)), []).append(edge)
    result = dict(edges)
    for pair, pool in between.items():
        weight = np.float32(linkage.pooled_weight(pool))
        pooled = SuperEdge(weight, *sum_of_edges(pool), Added(stage, tuple(pool)))
        if pair in edges:
            origin = Joined(None, stage, (pair, pair), (edges[pair], pooled))
            pooled = _join_edges(origin, linkage)
        result[pair] = pooled
    return result


def _contract_edge(
    edges: dict[Pair, SuperEdge], a: int, b: int, row: int, stage: int, linkage: Linkage
) -> dict[Pair, SuperEdge]:
    """Return the edges after b has merged into a: each edge (b, k) becomes (a, k). Lines 3 to 13."""
    result = {pair: edge for pair, edge in edges.items() if b not in pair}
    for pair, edge in edges.items():
        if b not in pair or a in pair:
            continue
        k = pair[0] + pair[1] - b
        to_a = (min(a, k), max(a, k))
        if to_a in edges:
            joined = Joined(row, stage, (to_a, pair), (edges[to_a], edge))
            result[to_a] = _join_edges(joined, linkage)
        else:
            inherited = Inherited(row, pair, edge)
            result[to_a] = SuperEdge(edge.weight, edge.total, edge.count, inherited)
    return result


def _join_edges(origin: Joined, linkage: Linkage) -> SuperEdge:
    """Join the two edges of ``origin`` into one edge."""
    x, y = origin.edges
    weight = np.float32(linkage.joined_weight(x, y))
    return SuperEdge(weight, x.total + y.total, x.count + y.count, origin)


def _labels_from_names(names: list[int]) -> list[int]:
    """Number the segments 1, 2, ... in the order of their first vertices; 0 outside the mask."""
    numbers = {OUTSIDE: 0}
    for name in names:
        if name not in numbers:
            # numbers also holds OUTSIDE, so its length is one more than the number of segments so far.
            numbers[name] = len(numbers)
    return [numbers[name] for name in names]


def _confidences(problem: MergeProblem, labels: list[int]) -> Float64Array:
    """(N,) float64: the mean affinity of the pixel edges inside each segment; 0.0 if there are none."""
    inside: list[list[PixelEdge]] = [[] for _ in range(max(labels))]
    for edge in every_pixel_edge(problem):
        if labels[edge.u] == labels[edge.v]:
            inside[labels[edge.u] - 1].append(edge)
    sums = map(sum_of_edges, inside)
    means = [total / (ONE * count) if count else 0.0 for total, count in sums]
    return np.array(means, np.float64)
