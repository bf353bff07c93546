"""Properties of the linkages "single" and "complete" that follow without a greedy merge."""

import numpy as np
import pytest
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from merge_impls import MergeProblem, merge
from merge_impls.builtin import BUILT_IN
from merge_impls.conformance.generate.examples import for_each_example
from merge_impls.conformance.generate.random_problems import problems
from merge_impls.result import HISTORY_DTYPE, number_segments

EXTREMES = {"single": max, "complete": min}


def backends_for(linkage):
    return [backend.name for backend in BUILT_IN if linkage in backend.linkages]


def components(problem):
    """Labels of the connected components of the pixel edges that reach the threshold of any stage.

    Only the stage of the edge and later stages count.
    """
    u, v, q, stages = problem.edge_arrays()
    lowest = np.minimum.accumulate(problem.thresholds[::-1])[::-1]
    kept = (q / 65535).astype(np.float32) >= lowest[stages]
    size = (problem.num_vertices,) * 2
    graph = coo_array((np.ones(kept.sum()), (u[kept], v[kept])), size)
    names = connected_components(graph, directed=False)[1]
    first = np.unique(names, return_index=True)[1][names]
    return number_segments(np.where(problem.foreground.ravel(), first, -1), problem.shape)


@pytest.mark.parametrize("backend", backends_for("single"))
def test_segments_of_single_are_components_of_edges_above_thresholds(backend):
    merges = []

    def compare(problem):
        result = merge(problem, backend)
        np.testing.assert_array_equal(result.labels, components(problem))
        merges.append(len(result.history))

    for_each_example(problems(linkages=["single"]), compare, 200, seeded_by="components")
    assert np.mean(merges) > 5


class MergeInRandomOrder:
    """Merges mutually best pairs in random order, which must give the same merges as the greedy order.

    A pair (a, b) is mutually best if, in the greedy order, its edge comes before all other edges of a
    and before all other edges of b.
    """

    def __init__(self, problem, rng):
        self.problem, self.rng, self.extreme = problem, rng, EXTREMES[problem.linkage]
        self.names, self.q = list(range(problem.num_vertices)), {}

    def history(self):
        rows = []
        for stage, threshold in enumerate(self.problem.thresholds):
            self._add_edges(stage)
            merged = []
            while pairs := self._mutually_best(threshold):
                a, b = pairs[self.rng.integers(len(pairs))]
                merged.append((self._weight(a, b), a, b))
                self._contract(a, b)
            rows += [(stage, a, b, weight) for weight, a, b in sorted(merged, reverse=True)]
        return np.array(rows, HISTORY_DTYPE)

    def _weight(self, a, b):
        return np.float32(self.q[a, b] / 65535)

    def _put(self, a, b, q):
        pair = min(a, b), max(a, b)
        self.q[pair] = self.extreme(self.q.get(pair, q), q)

    def _add_edges(self, stage):
        for us, vs, qs in self.problem.edge_blocks(stage):
            for u, v, q in zip(us.tolist(), vs.tolist(), qs.tolist(), strict=True):
                if self.names[u] != self.names[v]:
                    self._put(self.names[u], self.names[v], q)

    def _mutually_best(self, threshold):
        best = {}
        for (a, b), q in self.q.items():
            for end in (a, b):
                best[end] = max(best.get(end, (-1,)), (q, a, b))
        return [
            (a, b)
            for a, b in self.q
            if best[a] == best[b] and best[a][1:] == (a, b) and self._weight(a, b) >= threshold
        ]

    def _contract(self, a, b):
        del self.q[a, b]
        for pair in [pair for pair in self.q if b in pair]:
            self._put(a, sum(pair) - b, self.q.pop(pair))
        self.names = [a if name == b else name for name in self.names]


def tied_graph(rng, linkage):
    """A random graph with many ties: at most 12 vertices, 5 different affinities and 4 stages."""
    size, stages = rng.integers(3, 13), rng.integers(1, 5)
    ends = rng.integers(0, size, (3 * size, 2))
    ends = ends[ends[:, 0] != ends[:, 1]]
    q = rng.integers(0, 65536, rng.integers(1, 6)).astype(np.uint16)
    return MergeProblem.from_edges(
        size,
        ends,
        rng.choice(q, len(ends)),
        rng.integers(0, stages, len(ends)),
        rng.choice(np.append(q, 0), stages) / 65535,
        linkage=linkage,
    )


@pytest.mark.parametrize("linkage", EXTREMES)
def test_any_order_of_mutually_best_pairs_gives_the_greedy_history(linkage):
    rng = np.random.default_rng(16)
    raised = 0
    for _ in range(1000):
        problem = tied_graph(rng, linkage)
        greedy = merge(problem, "networkx").history
        assert MergeInRandomOrder(problem, rng).history().tobytes() == greedy.tobytes()
        raised += (np.diff(greedy["weight"]) > 0).any()
    assert raised > 100  # problems in which a later stage raises a weight


@pytest.mark.parametrize(
    ("linkage", "backend"), [(each, name) for each in EXTREMES for name in backends_for(each)]
)
def test_every_weight_is_the_affinity_of_a_pixel_edge(linkage, backend):
    rng = np.random.default_rng(17)
    for _ in range(50):
        problem = tied_graph(rng, linkage)
        weights = merge(problem, backend).history["weight"]
        assert np.isin(weights, (problem.affinities / 65535).astype(np.float32)).all()
