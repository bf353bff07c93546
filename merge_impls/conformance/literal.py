"""Algorithm 1 as printed in the paper: every merge begins with a search through all edges.

It shares no merge code with any backend and takes quadratic time. For every edge it keeps how the
edge came about, so that explanations can say where a weight comes from.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import product

import numpy as np

from merge_impls.arrays import Float64Array
from merge_impls.conformance.linkages import LINKAGES, Linkage
from merge_impls.fixed_point_affinities import ONE
from merge_impls.problem import MergeProblem
from merge_impls.result import HISTORY_DTYPE, CompleteResult

OUTSIDE = -1
"""In place of a super-vertex's name where the mask is False."""

Pair = tuple[int, int]
"""The names of two super-vertices, the smaller first."""


@dataclass(frozen=True)
class PixelEdge:
    """One edge of the problem; ``index`` is where its affinity q stands in ``affinities``."""

    u: int
    v: int
    q: int
    stage: int
    index: tuple[int, ...]


@dataclass(frozen=True, eq=False)
class SuperEdge:
    """What joins two super-vertices.

    total: the sum of q over its ``count`` pixel edges, from which the weight follows only under the
        linkage "average". origin: how the edge came about.
    """

    weight: np.float32
    total: int
    count: int
    origin: "Added | Inherited | Joined"

    @property
    def made_of(self) -> list[tuple[Pair, "SuperEdge"]]:
        """The edges that became this one, each with its pair; empty for a new edge."""
        match self.origin:
            case Inherited(_, pair, edge):
                return [(pair, edge)]
            case Joined(_, _, pairs, edges):
                return list(zip(pairs, edges, strict=True))
        return []

    @property
    def pixel_edges(self) -> list[PixelEdge]:
        """All pixel edges that it consists of."""
        # Not recursive: an edge may have been inherited more often than Python nests calls.
        found: list[PixelEdge] = []
        waiting = [self]
        while waiting:
            edge = waiting.pop()
            if isinstance(edge.origin, Added):
                found += edge.origin.pixel_edges
            waiting += [part for _, part in edge.made_of]
        return found


@dataclass(frozen=True)
class Added:
    """A new edge: a stage began with these pixel edges between the two super-vertices."""

    stage: int
    pixel_edges: tuple[PixelEdge, ...]


@dataclass(frozen=True)
class Inherited:
    """In row ``merge`` of the history two super-vertices merged; only the larger name had this edge."""

    merge: int
    pair: Pair
    edge: SuperEdge


@dataclass(frozen=True)
class Joined:
    """Two edges became one: in row ``merge`` of the history or, if that is None, when ``stage``
    began."""

    merge: int | None
    stage: int
    pairs: tuple[Pair, Pair]
    edges: tuple[SuperEdge, SuperEdge]


@dataclass(frozen=True)
class Decision:
    """The state before one decision: to merge along the heaviest edge, or to end the stage.

    row: of the history, which the next merge fills.
    names: of each vertex, the name of its super-vertex.
    heaviest: the pair of the heaviest edge, ties decided; None if there is no edge.
    """

    row: int
    stage: int
    threshold: np.float32
    names: list[int]
    edges: dict[Pair, SuperEdge]
    heaviest: Pair | None

    @property
    def next_merge(self) -> Pair | None:
        """The pair that merges: the heaviest, if it weighs at least the threshold; else None."""
        if self.heaviest is None or self.edges[self.heaviest].weight < self.threshold:
            return None
        return self.heaviest


def literal_merge(problem: MergeProblem) -> CompleteResult:
    """The result of ``problem``, in time quadratic in its edges: about a second for 300 vertices."""
    history = []
    for decision in decisions(problem):
        if decision.next_merge:
            weight = decision.edges[decision.next_merge].weight
            history.append((decision.stage, *decision.next_merge, weight))
    labels = _labels_of_names(decision.names)
    return CompleteResult(
        labels=np.array(labels, np.int32).reshape(problem.shape),
        sizes=np.array([labels.count(i) for i in range(1, max(labels) + 1)], np.int64),
        confidences=_confidences(problem, labels),
        history=np.array(history, HISTORY_DTYPE),
        backend="literal",
    )


def decisions(problem: MergeProblem) -> Iterator[Decision]:
    """Every decision, in order; the last one of each stage merges nothing."""
    pixel_edges = list(every_pixel_edge(problem))
    names = _initial_names(problem)
    edges: dict[Pair, SuperEdge] = {}
    linkage, row = LINKAGES[problem.linkage], 0
    for stage, threshold in enumerate(problem.thresholds):
        new = [edge for edge in pixel_edges if edge.stage == stage]
        edges = _add_stage_edges(edges, new, names, stage, linkage)
        while True:
            decision = Decision(row, stage, threshold, names, edges, _heaviest_pair(edges))
            yield decision
            if not decision.next_merge:
                break
            a, b = decision.next_merge
            edges = _contract_edge(edges, a, b, row, stage, linkage)
            names = [a if name == b else name for name in names]
            row += 1


def every_pixel_edge(problem: MergeProblem) -> Iterator[PixelEdge]:
    """The pixel edges: of a grid by looking at every pixel and offset, else as they are listed."""
    if problem.edges is not None:
        for i, (u, v) in enumerate(problem.edges.tolist()):
            yield PixelEdge(u, v, int(problem.affinities[i]), int(problem.stages[i]), (i,))
        return
    assert problem.offsets is not None and problem.mask is not None
    pixels = list(product(*map(range, problem.shape)))
    vertices = {pixel: vertex for vertex, pixel in enumerate(pixels) if problem.mask[pixel]}
    for k, offset in enumerate(problem.offsets.tolist()):
        for pixel, vertex in vertices.items():
            other = tuple(x + step for x, step in zip(pixel, offset, strict=True))
            if other in vertices:
                q = int(problem.affinities[k][pixel])
                yield PixelEdge(vertex, vertices[other], q, int(problem.stages[k]), (k, *pixel))


def _initial_names(problem: MergeProblem) -> list[int]:
    if problem.mask is None:
        return list(range(problem.num_vertices))
    inside = problem.mask.ravel().tolist()
    return [vertex if inside[vertex] else OUTSIDE for vertex in range(problem.num_vertices)]


def _heaviest_pair(edges: dict[Pair, SuperEdge]) -> Pair | None:
    """The pair of the heaviest edge; of equal ones, that with the larger smaller name, then larger name."""
    return max(edges, key=lambda pair: (edges[pair].weight, *pair), default=None)


def _add_stage_edges(
    edges: dict[Pair, SuperEdge],
    new: list[PixelEdge],
    names: list[int],
    stage: int,
    linkage: Linkage,
) -> dict[Pair, SuperEdge]:
    """A stage begins: its pixel edges of each pair are pooled, then joined to the edge of the pair."""
    between: dict[Pair, list[PixelEdge]] = {}
    for edge in new:
        ends = names[edge.u], names[edge.v]
        if ends[0] != ends[1]:
            between.setdefault((min(ends), max(ends)), []).append(edge)
    result = dict(edges)
    for pair, pool in between.items():
        qs = [edge.q for edge in pool]
        weight = np.float32(linkage.pool(qs))
        pooled = SuperEdge(weight, sum(qs), len(qs), Added(stage, tuple(pool)))
        if pair in edges:
            origin = Joined(None, stage, (pair, pair), (edges[pair], pooled))
            pooled = _joined(origin, linkage)
        result[pair] = pooled
    return result


def _contract_edge(
    edges: dict[Pair, SuperEdge], a: int, b: int, row: int, stage: int, linkage: Linkage
) -> dict[Pair, SuperEdge]:
    """Lines 3 to 13: b goes into a, and what joined k to b joins it to a."""
    result = {pair: edge for pair, edge in edges.items() if b not in pair}
    for pair, edge in edges.items():
        if b not in pair or a in pair:
            continue
        k = pair[0] + pair[1] - b
        to_a = (min(a, k), max(a, k))
        if to_a in edges:
            joined = Joined(row, stage, (to_a, pair), (edges[to_a], edge))
            result[to_a] = _joined(joined, linkage)
        else:
            inherited = Inherited(row, pair, edge)
            result[to_a] = SuperEdge(edge.weight, edge.total, edge.count, inherited)
    return result


def _joined(origin: Joined, linkage: Linkage) -> SuperEdge:
    """One edge out of two."""
    x, y = origin.edges
    weight = np.float32(linkage.join(x, y))
    return SuperEdge(weight, x.total + y.total, x.count + y.count, origin)


def _labels_of_names(names: list[int]) -> list[int]:
    numbers = {OUTSIDE: 0}
    for name in names:
        if name not in numbers:
            # Segments so far: all numbers but that of OUTSIDE.
            numbers[name] = len(numbers)
    return [numbers[name] for name in names]


def _confidences(problem: MergeProblem, labels: list[int]) -> Float64Array:
    inside: list[list[int]] = [[] for _ in range(max(labels))]
    for edge in every_pixel_edge(problem):
        if labels[edge.u] == labels[edge.v]:
            inside[labels[edge.u] - 1].append(edge.q)
    means = [sum(qs) / (ONE * len(qs)) if qs else 0.0 for qs in inside]
    return np.array(means, np.float64)
