"""Algorithm 1 in plain Python, written to be read and copied.

Each super-vertex knows its heaviest edge, so the heaviest of all is a ``max`` over super-vertices.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from merge_impls import HISTORY_DTYPE, MergeProblem, MergeResult


def merge(problem: MergeProblem) -> MergeResult:
    """The whole result; a backend may also return labels alone."""
    return Merge(problem).run()


def merge_to_labels(problem: MergeProblem) -> np.ndarray:
    """Labels alone: ``merge_impls`` derives sizes and confidences; there is no history."""
    return Merge(problem).run().labels


class Edge(NamedTuple):
    """What joins two super-vertices: the sum of ``count`` affinities (65535 is 1), and a weight.

    The weight is a Python float that holds a float32 value.
    """

    total: int
    count: int
    weight: float


class Average:
    """The mean of all pixel edges. ``pooled`` divides a sum of affinities by their number."""

    def __init__(self, pooled: Callable[[int, int], float]) -> None:
        self.pooled = pooled

    def pool(self, qs: list[int]) -> float:
        """The weight of the edge that pixel edges of a stage become."""
        return self.pooled(sum(qs), len(qs))

    def join(self, one: Edge, other: Edge) -> float:
        """The weight of the edge that two edges become."""
        return self.pooled(one.total + other.total, one.count + other.count)


class Weighted(Average):
    """The mean of the weights of two edges, in float32."""

    def join(self, one: Edge, other: Edge) -> float:
        """Each of the two counts once, whatever is in it."""
        return float((np.float32(one.weight) + np.float32(other.weight)) * np.float32(0.5))


class Single(Average):
    """The heaviest pixel edge."""

    def pool(self, qs: list[int]) -> float:
        """Of one pixel edge ``pooled`` makes its weight."""
        return self.pooled(max(qs), 1)

    def join(self, one: Edge, other: Edge) -> float:
        """The weight of the heavier."""
        return max(one.weight, other.weight)


class Complete(Average):
    """The lightest pixel edge."""

    def pool(self, qs: list[int]) -> float:
        """Of one pixel edge ``pooled`` makes its weight."""
        return self.pooled(min(qs), 1)

    def join(self, one: Edge, other: Edge) -> float:
        """The weight of the lighter."""
        return min(one.weight, other.weight)


LINKAGES: dict[str, type[Average]] = {
    "average": Average,
    "weighted": Weighted,
    "single": Single,
    "complete": Complete,
}


class Candidate(NamedTuple):
    """An edge in the order in which edges merge: the greatest goes first."""

    rank: tuple
    a: int
    b: int


class Merge:
    """The state of a merge, from single vertices to segments.

    A super-vertex is named by its smallest vertex. ``edges[a][b]`` and ``edges[b][a]`` are the same
    edge; ``best[a]`` is the heaviest edge of a, if it has one; ``inside[a]`` is the sum and the
    number of the affinities within a.
    """

    linkages = LINKAGES

    def __init__(self, problem: MergeProblem) -> None:
        self.problem = problem
        self.linkage = self.linkages[problem.linkage](self.pooled)
        vertices = np.arange(problem.num_vertices)
        if problem.is_grid:
            vertices = vertices[problem.mask.ravel()]
        self.name_of = {v: v for v in vertices.tolist()}
        self.members = {v: [v] for v in self.name_of}
        self.edges: dict[int, dict[int, Edge]] = {v: {} for v in self.name_of}
        self.inside = {v: (0, 0) for v in self.name_of}
        self.best: dict[int, Candidate] = {}
        self.history: list[tuple[int, int, int, float]] = []

    def run(self) -> MergeResult:
        """Stage by stage: add its edges, then merge as long as the heaviest reaches the threshold."""
        for stage, threshold in enumerate(self.problem.thresholds.tolist()):
            self.add_edges(stage)
            while self.best:
                _, a, b = self.heaviest()
                weight = self.edges[a][b].weight
                if not self.reaches(weight, threshold):
                    break
                self.history.append((stage, a, b, weight))
                self.contract_edge(a, b)
        return self.result()

    def add_edges(self, stage: int) -> None:
        """The pixel edges of a stage become one edge between each two super-vertices."""
        for (a, b), qs in self.pools(stage).items():
            if a == b:
                self.add_inside(a, sum(qs), len(qs))
            else:
                self.connect(a, b, Edge(sum(qs), len(qs), self.linkage.pool(qs)))
        for a in self.edges:
            self.find_best(a)

    def pools(self, stage: int) -> dict[tuple[int, int], list[int]]:
        """The affinities of a stage between each two super-vertices."""
        pools = defaultdict(list)
        for us, vs, qs in self.problem.edge_blocks(stage):
            for u, v, q in zip(us.tolist(), vs.tolist(), qs.tolist(), strict=True):
                a, b = self.name_of[u], self.name_of[v]
                pools[min(a, b), max(a, b)].append(q)
        return pools

    def heaviest(self) -> Candidate:
        """The edge that is to be merged next."""
        return max(self.best.values())

    def contract_edge(self, a: int, b: int) -> None:
        """Lines 3 to 13 of Algorithm 1: b goes into a, which inherits its edges."""
        between = self.edges[a].pop(b)
        self.add_inside(a, between.total, between.count)
        self.add_inside(a, *self.inside.pop(b))
        for vertex in self.members[b]:
            self.name_of[vertex] = a
        self.members[a] += self.members.pop(b)
        neighbours = self.edges.pop(b)
        del neighbours[a], self.best[b]
        for k, edge in neighbours.items():
            del self.edges[k][b]
            self.connect(a, k, edge)
        for k in (a, *neighbours):
            self.find_best(k)

    def connect(self, a: int, b: int, edge: Edge) -> None:
        """Put an edge between a and b, joined with the edge that is there already."""
        if b in self.edges[a]:
            edge = self.joined(self.edges[a][b], edge)
        self.edges[a][b] = self.edges[b][a] = edge

    def add_inside(self, a: int, total: int, count: int) -> None:
        """Count edges that now lie inside a for its confidence."""
        self.inside[a] = self.inside[a][0] + total, self.inside[a][1] + count

    def find_best(self, a: int) -> None:
        """Update the heaviest edge of a, whose edges have changed."""
        self.best.pop(a, None)
        if self.edges[a]:
            rank, b = max((self.rank(edge.weight, a, b), b) for b, edge in self.edges[a].items())
            self.best[a] = Candidate(rank, min(a, b), max(a, b))

    def rank(self, weight: float, a: int, b: int) -> tuple[float, int, int]:
        """The heaviest edge goes first; of equal ones, the larger smaller name, then the larger name."""
        return weight, min(a, b), max(a, b)

    def reaches(self, weight: float, threshold: float) -> bool:
        """Whether an edge is heavy enough to be merged."""
        return weight >= threshold

    def pooled(self, total: int, count: int) -> float:
        """The mean of ``count`` affinities, divided in float64 and rounded once to float32."""
        return float(np.float32(total / (65535 * count)))

    def joined(self, one: Edge, other: Edge) -> Edge:
        """Two edges between the same super-vertices as one."""
        weight = self.linkage.join(one, other)
        return Edge(one.total + other.total, one.count + other.count, weight)

    def result(self) -> MergeResult:
        """Labels 1, 2, ... in ascending order of names, and what is known of each segment."""
        labels = np.zeros(self.problem.num_vertices, np.int32)
        names = sorted(self.members)
        for number, name in enumerate(names, start=1):
            labels[self.members[name]] = number
        insides = [self.inside[name] for name in names]
        means = [total / (65535 * count) if count else 0.0 for total, count in insides]
        return MergeResult(
            labels=labels.reshape(self.problem.shape),
            sizes=np.array([len(self.members[name]) for name in names], np.int64),
            confidences=np.array(means, np.float64),
            history=np.array(self.history, HISTORY_DTYPE),
        )
