"""Segments equal the clusters that SciPy finds in complete graphs, and Higra in sparse graphs.

SciPy and Higra merge the two nearest clusters again and again, where distance is 1 - affinity. They
do not round as the contract does: means stay float64, and thresholds are any numbers. So that rounding
and ties do not matter here, all affinities differ, and each threshold lies in the middle between two
heights of the cluster tree.
"""

import numpy as np
import pytest
from scipy.cluster.hierarchy import fcluster, linkage
from scipy.spatial.distance import squareform

from merge_impls import Backend, MergeProblem, merge
from merge_impls.argument_checks import LINKAGES
from merge_impls.builtin import BUILT_IN
from merge_impls.fixed_point_affinities import ONE

LITERAL = Backend(
    "literal", "", "1", "merge_impls.conformance.literal_merge:literal_merge", linkages=LINKAGES
)

BACKENDS = [
    *(pytest.param(backend.name, id=backend.name) for backend in BUILT_IN),
    pytest.param(LITERAL, id="literal"),
]

BACKENDS_AND_METHODS = [
    *(
        pytest.param(backend.name, method, id=f"{backend.name}-{method}")
        for backend in BUILT_IN
        for method in backend.linkages
    ),
    *(pytest.param(LITERAL, method, id=f"literal-{method}") for method in LINKAGES),
]


def different_affinities(rng, *shape):
    return rng.choice(ONE + 1, shape, replace=False).astype(np.uint16)


def one_stage_problem(edges, affinities, method="average"):
    """An explicit problem with one stage, whose vertices are those of the edges."""
    stages = np.zeros(len(edges), int)
    return MergeProblem.from_edges(edges.max() + 1, edges, affinities, stages, [0], linkage=method)


def shuffle_edges(rng, edges):
    """Put the edges in random order, and swap the ends of some of them."""
    turned = rng.random(len(edges)) < 0.5
    return rng.permutation(np.where(turned[:, None], edges[:, ::-1], edges))


def complete_graph(seed, method, size=18):
    rng = np.random.default_rng(seed)
    edges = shuffle_edges(rng, np.stack(np.triu_indices(size, 1), axis=1))
    return one_stage_problem(edges, different_affinities(rng, len(edges)), method)


def complete_grid(seed, method):
    """A 3x5 grid with offsets that join every pixel with every other pixel."""
    offsets = [(0, x) for x in range(1, 5)] + [(y, x) for y in (1, 2) for x in range(-4, 5)]
    affinities = different_affinities(np.random.default_rng(seed), len(offsets), 3, 5)
    return MergeProblem.from_grid(affinities, offsets, [0] * 22, [0], linkage=method)


def sparse_graph(seed, size=40):
    """A random tree and about as many more edges, of which some join the same vertices as another."""
    rng = np.random.default_rng(seed)
    tree = [(rng.integers(vertex), vertex) for vertex in range(1, size)]
    pairs = np.stack(np.triu_indices(size, 1), axis=1)
    repeated = rng.choice(np.array(tree), 6)
    edges = shuffle_edges(rng, np.concatenate([tree, rng.choice(pairs, size), repeated]))
    return one_stage_problem(edges, different_affinities(rng, len(edges)))


def sparse_grid(seed, shape=(5, 8)):
    """A 2-D or 3-D grid with edges to direct neighbours and to two pixels farther away."""
    near = np.eye(len(shape), dtype=int)
    offsets = np.concatenate([near, 3 * near[-1:], near[:1] - near[-1:]])
    affinities = different_affinities(np.random.default_rng(seed), len(offsets), *shape)
    return MergeProblem.from_grid(affinities, offsets, [0] * len(offsets), [0])


def scipy_tree(problem):
    u, v, affinities, _ = problem.edge_arrays()
    square = np.full((problem.num_vertices,) * 2, np.nan)
    np.fill_diagonal(square, 0)
    square[u, v] = square[v, u] = 1 - affinities / ONE
    return linkage(squareform(square), problem.linkage)


def higra_tree(problem):
    """Return the heights of Higra's average-linkage tree, and a function that cuts the tree at a height.

    Higra gets one edge for each pair of vertices: the mean of the pixel edges, and their number.
    """
    higra = pytest.importorskip(
        "higra", reason="segments are compared with Higra's average-linkage tree"
    )
    u, v, affinities, _ = problem.edge_arrays()
    ends = np.sort(np.stack([u, v], axis=1), axis=1)
    pairs, which, counts = np.unique(ends, axis=0, return_inverse=True, return_counts=True)
    distances = np.bincount(which, 1 - affinities / ONE) / counts
    graph = higra.UndirectedGraph(problem.num_vertices)
    graph.add_edges(*pairs.T)
    tree, heights = higra.binary_partition_tree_average_linkage(graph, distances, counts)

    def cut(height):
        return higra.labelisation_horizontal_cut_from_threshold(tree, heights, height)

    return heights[problem.num_vertices :], cut


def numbered(clusters, shape):
    """Number the clusters 1..N in the order of their first vertices."""
    _, first, inverse = np.unique(clusters, return_index=True, return_inverse=True)
    numbers = np.empty(len(first), int)
    numbers[np.argsort(first)] = np.arange(1, len(first) + 1)
    return numbers[inverse].reshape(shape)


def cuts_between(heights):
    """Return the middles of the (at most eight) widest gaps between the heights of a tree."""
    heights = np.unique(np.concatenate([[0.0, 1.0], heights]))
    gaps = np.diff(heights)
    widest = np.argsort(gaps)[-8:]
    assert (gaps[widest] > 10 / ONE).all()
    return heights[widest] + gaps[widest] / 2


def assert_segments_are_clusters(problem, backend, heights, cut):
    for height in cuts_between(heights):
        at_threshold = problem.replace(thresholds=[1 - height])
        result = merge(at_threshold, backend)
        np.testing.assert_array_equal(result.labels, numbered(cut(height), problem.shape))


@pytest.mark.parametrize(("backend", "method"), BACKENDS_AND_METHODS)
@pytest.mark.parametrize("make", [complete_graph, complete_grid])
def test_on_complete_graphs_segments_are_scipys_flat_clusters(make, backend, method):
    for seed in range(4):
        problem = make(seed, method)
        tree = scipy_tree(problem)
        assert_segments_are_clusters(
            problem,
            backend,
            tree[:, 2],
            lambda height, tree=tree: fcluster(tree, height, "distance"),
        )


@pytest.mark.parametrize(("backend", "method"), BACKENDS_AND_METHODS)
def test_on_complete_graphs_weights_equal_scipys_heights(backend, method):
    problem = complete_graph(7, method)
    weights = merge(problem, backend).history["weight"]
    np.testing.assert_allclose(1 - weights, scipy_tree(problem)[:, 2], rtol=0, atol=1e-6)


@pytest.mark.parametrize("backend", BACKENDS)
@pytest.mark.parametrize("make", [sparse_graph, sparse_grid])
def test_on_sparse_graphs_segments_are_cuts_of_higras_average_linkage_tree(make, backend):
    for seed in range(6):
        problem = make(seed)
        assert_segments_are_clusters(problem, backend, *higra_tree(problem))


@pytest.mark.parametrize("backend", BACKENDS)
def test_in_3_d_segments_are_cuts_of_higras_average_linkage_tree(backend):
    problem = sparse_grid(0, shape=(3, 4, 5))
    assert_segments_are_clusters(problem, backend, *higra_tree(problem))


@pytest.mark.parametrize("backend", BACKENDS)
def test_on_sparse_graphs_weights_equal_higras_heights(backend):
    problem = sparse_graph(7)
    heights, _ = higra_tree(problem)
    weights = merge(problem, backend).history["weight"]
    np.testing.assert_allclose(1 - weights, np.sort(heights), rtol=0, atol=1e-6)
