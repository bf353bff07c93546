"""Algorithm 1 in plain Python, written to be read and copied.

The heaviest edge of each super-vertex is stored, so the heaviest edge of the graph is found by a
``max`` over all super-vertices.
"""

from collections import defaultdict
from collections.abc import Callable
from typing import NamedTuple

import numpy as np

from merge_impls import HISTORY_DTYPE, MergeProblem, MergeResult


def merge(problem: MergeProblem) -> MergeResult:
    """Merge a problem and return the complete result."""
    return Merge(problem).run()


def merge_to_labels(problem: MergeProblem) -> np.ndarray:
    """Merge a problem and return only labels, from which ``merge_impls`` derives sizes and confidences."""
    return Merge(problem).run().labels


class Edge(NamedTuple):
    """An edge between two super-vertices.

    total, count: the sum of the affinities of its pixel edges, where 65535 stands for 1, and their number.
    weight: a float32 value in a Python float.
    """

    total: int
    count: int
    weight: float


class Average:
    """Linkage "average": the weight of an edge is the mean over all its pixel edges.

    mean_affinity: the function that divides a sum of affinities by their number.
    """

    def __init__(self, mean_affinity: Callable[[int, int], float]) -> None:
        self.mean_affinity = mean_affinity

    def pool(self, qs: list[int]) -> float:
        """Compute the weight of a new edge from the affinities of its pixel edges."""
        return self.mean_affinity(sum(qs), len(qs))

    def join(self, one: Edge, other: Edge) -> float:
        """Compute the weight of the edge into which two edges are joined."""
        return self.mean_affinity(one.total + other.total, one.count + other.count)


class Weighted(Average):
    """Linkage "weighted": when two edges are joined, the weight is the mean of their weights."""

    def join(self, one: Edge, other: Edge) -> float:
        """Compute the mean of the two weights in float32; the numbers of pixel edges do not count."""
        return float((np.float32(one.weight) + np.float32(other.weight)) * np.float32(0.5))


class Single(Average):
    """Linkage "single": the weight of an edge is that of its heaviest pixel edge."""

    def pool(self, qs: list[int]) -> float:
        """Compute the weight of a new edge from its largest affinity."""
        return self.mean_affinity(max(qs), 1)

    def join(self, one: Edge, other: Edge) -> float:
        """Return the weight of the heavier edge."""
        return max(one.weight, other.weight)


class Complete(Average):
    """Linkage "complete": the weight of an edge is that of its lightest pixel edge."""

    def pool(self, qs: list[int]) -> float:
        """Compute the weight of a new edge from its smallest affinity."""
        return self.mean_affinity(min(qs), 1)

    def join(self, one: Edge, other: Edge) -> float:
        """Return the weight of the lighter edge."""
        return min(one.weight, other.weight)


LINKAGES: dict[str, type[Average]] = {
    "average": Average,
    "weighted": Weighted,
    "single": Single,
    "complete": Complete,
}


class RankedEdge(NamedTuple):
    """The edge between the super-vertices a and b; the edge with the greatest ``rank`` is merged first."""

    rank: tuple
    a: int
    b: int


class Merge:
    """The state of a merge.

    A super-vertex is named by its smallest vertex.
    name_of: for each vertex, the name of its super-vertex. members: for each name, the vertices.
    edges: edges[a][b] and edges[b][a] are the same edge between a and b.
    best_edges: for each super-vertex that has an edge, its heaviest edge.
    affinities_inside: for each super-vertex, the sum and the number of the affinities of the pixel
        edges between its vertices.
    """

    linkages = LINKAGES

    def __init__(self, problem: MergeProblem) -> None:
        self.problem = problem
        self.linkage = self.linkages[problem.linkage](self.mean_affinity)
        vertices = np.arange(problem.num_vertices)
        if problem.is_grid:
            vertices = vertices[problem.mask.ravel()]
        self.name_of = {v: v for v in vertices.tolist()}
        self.members = {v: [v] for v in self.name_of}
        self.edges: dict[int, dict[int, Edge]] = {v: {} for v in self.name_of}
        self.affinities_inside = {v: (0, 0) for v in self.name_of}
        self.best_edges: dict[int, RankedEdge] = {}
        self.history: list[tuple[int, int, int, float]] = []

    def run(self) -> MergeResult:
        """For each stage, add its edges, then merge the heaviest edge until it is below the threshold."""
        for stage, threshold in enumerate(self.problem.thresholds.tolist()):
            self.add_stage_edges(stage)
            while self.best_edges:
                _, a, b = self.heaviest_edge()
                weight = self.edges[a][b].weight
                if not self.reaches_threshold(weight, threshold):
                    break
                self.history.append((stage, a, b, weight))
                self.contract_edge(a, b)
        return self.make_result()

    def add_stage_edges(self, stage: int) -> None:
        """Add the pixel edges of a stage; those between the same two super-vertices become one edge."""
        for (a, b), qs in self.affinities_between(stage).items():
            if a == b:
                self.add_affinities_inside(a, sum(qs), len(qs))
            else:
                self.put_edge(a, b, Edge(sum(qs), len(qs), self.linkage.pool(qs)))
        for a in self.edges:
            self.update_best_edge(a)

    def affinities_between(self, stage: int) -> dict[tuple[int, int], list[int]]:
        """Return the affinities of a stage for each pair of super-vertices; (a, a) for those inside a."""
        pools = defaultdict(list)
        for us, vs, qs in self.problem.edge_blocks(stage):
            for u, v, q in zip(us.tolist(), vs.tolist(), qs.tolist(), strict=True):
                a, b = self.name_of[u], self.name_of[v]
                pools[min(a, b), max(a, b)].append(q)
        return pools

    def heaviest_edge(self) -> RankedEdge:
        """Return the edge that is merged next."""
        return max(self.best_edges.values())

    def contract_edge(self, a: int, b: int) -> None:
        """Merge b into a, which inherits the edges of b. Lines 3 to 13 of Algorithm 1."""
        between = self.edges[a].pop(b)
        self.add_affinities_inside(a, between.total, between.count)
        self.add_affinities_inside(a, *self.affinities_inside.pop(b))
        for vertex in self.members[b]:
            self.name_of[vertex] = a
        self.members[a] += self.members.pop(b)
        neighbours = self.edges.pop(b)
        del neighbours[a], self.best_edges[b]
        for k, edge in neighbours.items():
            del self.edges[k][b]
            self.put_edge(a, k, edge)
        for k in (a, *neighbours):
            self.update_best_edge(k)

    def put_edge(self, a: int, b: int, edge: Edge) -> None:
        """Add an edge between a and b; if there is one already, join the two."""
        if b in self.edges[a]:
            edge = self.join_edges(self.edges[a][b], edge)
        self.edges[a][b] = self.edges[b][a] = edge

    def add_affinities_inside(self, a: int, total: int, count: int) -> None:
        """Add ``count`` pixel edges, with the affinities' sum ``total``, to those inside a."""
        old_total, old_count = self.affinities_inside[a]
        self.affinities_inside[a] = old_total + total, old_count + count

    def update_best_edge(self, a: int) -> None:
        """Find the heaviest edge of a again after its edges have changed."""
        self.best_edges.pop(a, None)
        if self.edges[a]:
            rank, b = max((self.rank(edge.weight, a, b), b) for b, edge in self.edges[a].items())
            self.best_edges[a] = RankedEdge(rank, min(a, b), max(a, b))

    def rank(self, weight: float, a: int, b: int) -> tuple[float, int, int]:
        """Return what edges are compared by: the weight, then the smaller name, then the larger name."""
        return weight, min(a, b), max(a, b)

    def reaches_threshold(self, weight: float, threshold: float) -> bool:
        """Return whether an edge of this weight is merged."""
        return weight >= threshold

    def mean_affinity(self, total: int, count: int) -> float:
        """Return the mean of ``count`` affinities: one division in float64, rounded once to float32."""
        return float(np.float32(total / (65535 * count)))

    def join_edges(self, one: Edge, other: Edge) -> Edge:
        """Join two edges between the same super-vertices into one edge."""
        weight = self.linkage.join(one, other)
        return Edge(one.total + other.total, one.count + other.count, weight)

    def make_result(self) -> MergeResult:
        """Return the result; segments are numbered 1, 2, ... in ascending order of their names."""
        labels = np.zeros(self.problem.num_vertices, np.int32)
        names = sorted(self.members)
        for number, name in enumerate(names, start=1):
            labels[self.members[name]] = number
        insides = [self.affinities_inside[name] for name in names]
        means = [total / (65535 * count) if count else 0.0 for total, count in insides]
        return MergeResult(
            labels=labels.reshape(self.problem.shape),
            sizes=np.array([len(self.members[name]) for name in names], np.int64),
            confidences=np.array(means, np.float64),
            history=np.array(self.history, HISTORY_DTYPE),
        )
