"""``region_graph``: merging the graph of regions continues a merge of their pixels."""

import numpy as np
import pytest

from merge_impls import MergeProblem, first_difference, merge, region_graph
from merge_impls.argument_checks import LINKAGES

NEAR = {2: [(0, 1), (1, 0)], 3: [(0, 0, 1), (0, 1, 0), (1, 0, 0)]}
FAR = {2: [(0, 5), (3, -2)], 3: [(0, 0, 4), (1, 2, -2)]}
SHAPES = {2: (14, 17), 3: (5, 7, 8)}


def grid_arguments(ndim, seed=0, levels=9):
    """Arguments of a grid with short offsets in stage 0 and long ones in stages 1 and 2; many ties."""
    rng = np.random.default_rng(seed)
    offsets = NEAR[ndim] + FAR[ndim]
    q = rng.integers(0, levels, (len(offsets), *SHAPES[ndim])) * (65535 // (levels - 1))
    return {
        "affinities": q.astype(np.uint16),
        "offsets": offsets,
        "stages": [0] * ndim + [1, 2],
    }


def mask_of(ndim, seed=0):
    return np.random.default_rng(seed).random(SHAPES[ndim]) < 0.9


def merge_first_stage(problem):
    """The labels after stage 0 of a problem alone."""
    first = problem.stages == 0
    parts = {name: getattr(problem, name)[first] for name in ("affinities", "offsets", "stages")}
    return merge(problem.replace(**parts, thresholds=problem.thresholds[:1])).labels


def assert_continues(problem, regions, arguments, thresholds, linkage):
    """Assert that the graph of the regions has the labels and the later merges of the whole problem."""
    graph = region_graph(regions, **arguments, thresholds=thresholds, linkage=linkage)
    whole, continued = merge(problem), merge(graph.problem, verify=True)
    assert len(continued.sizes) < len(continued.labels)
    np.testing.assert_array_equal(graph.pixel_labels(continued.labels), whole.labels)
    later = whole.history[len(whole.history) - len(continued.history) :]
    names = np.unique(graph.vertices, return_index=True)[1][np.unique(graph.vertices) >= 0]
    for name, number in (("a", names), ("b", names)):
        np.testing.assert_array_equal(number[continued.history[name]], later[name])
    np.testing.assert_array_equal(continued.history["weight"], later["weight"])


@pytest.mark.parametrize("linkage", ["average", "single", "complete"])
@pytest.mark.parametrize("ndim", [2, 3])
def test_a_merge_of_regions_continues_the_merge_that_made_them(ndim, linkage):
    for seed in range(3):
        arguments, thresholds = grid_arguments(ndim, seed), [0.8, 0.55, 0.45]
        problem = MergeProblem.from_grid(
            **arguments, thresholds=thresholds, mask=mask_of(ndim, seed), linkage=linkage
        )
        assert_continues(problem, merge_first_stage(problem), arguments, thresholds, linkage)


@pytest.mark.parametrize("linkage", ["average", "single", "complete"])
def test_a_lower_threshold_continues_with_the_edges_of_the_regions(linkage):
    arguments = grid_arguments(2) | {"stages": [0] * 4}
    problem = MergeProblem.from_grid(**arguments, thresholds=[0.9, 0.5], linkage=linkage)
    regions = merge(problem.replace(thresholds=[0.9])).labels
    graph = region_graph(regions, **arguments, thresholds=[0.5], linkage=linkage)
    continued = merge(graph.problem)
    assert len(continued.history) > 0
    np.testing.assert_array_equal(graph.pixel_labels(continued.labels), merge(problem).labels)


@pytest.mark.parametrize("ndim", [2, 3])
def test_weighted_continues_if_no_earlier_edge_joins_two_regions(ndim):
    # With threshold 0, stage 0 merges along all of its edges, which are those of one offset.
    arguments, thresholds = grid_arguments(ndim), [0.0, 0.5, 0.4]
    arguments["stages"] = [0, *[1] * (ndim - 1), 1, 2]
    problem = MergeProblem.from_grid(**arguments, thresholds=thresholds, linkage="weighted")
    problem = problem.replace(mask=mask_of(ndim))
    assert_continues(problem, merge_first_stage(problem), arguments, thresholds, "weighted")


@pytest.mark.parametrize("linkage", LINKAGES)
@pytest.mark.parametrize("ndim", [2, 3])
def test_an_edge_of_the_graph_equals_all_its_pixel_edges(ndim, linkage):
    arguments, thresholds = grid_arguments(ndim, levels=200), [0.6, 0.3, 0.5]
    regions = np.random.default_rng(1).integers(0, 30, SHAPES[ndim])
    graph = region_graph(regions, **arguments, thresholds=thresholds, linkage=linkage)
    grid = MergeProblem.from_grid(**arguments, thresholds=thresholds, mask=regions > 0)
    u, v, q, stages = grid.edge_arrays()
    a, b = graph.vertices.ravel()[u], graph.vertices.ravel()[v]
    between = a != b
    listed = MergeProblem.from_edges(
        graph.problem.num_vertices,
        np.stack([a, b], axis=1)[between],
        q[between],
        stages[between],
        thresholds,
        linkage=linkage,
    )
    assert graph.problem.counts.sum() == between.sum() and graph.problem.counts.max() > 1
    assert graph.problem.totals.sum() == q[between].sum(dtype=np.int64)
    assert first_difference(merge(listed, "networkx"), merge(graph.problem)) is None


def test_one_edge_joins_two_regions_in_a_stage():
    graph = region_graph(np.arange(12).reshape(3, 4) // 3, **grid_of_ones((3, 4)), thresholds=[0.5])
    ends = np.sort(graph.problem.edges, axis=1)
    assert len(np.unique(ends, axis=0)) == len(ends)


def grid_of_ones(shape):
    return {
        "affinities": np.ones((2, *shape)),
        "offsets": [(0, 1), (1, 0)],
        "stages": [0, 0],
    }


def test_regions_are_numbered_by_their_first_pixels_whatever_their_ids():
    regions = np.array([[7, 7, 0], [-3, 7, 9], [-3, 9, 9]])
    arguments = grid_of_ones(regions.shape)
    graph = region_graph(regions, **arguments, thresholds=[0.5])
    assert graph.vertices.tolist() == [[0, 0, -1], [1, 0, 2], [1, 2, 2]]
    renamed = region_graph(
        np.select([regions == 7, regions == 9], [200, 100], regions), **arguments, thresholds=[0.5]
    )
    assert np.array_equal(graph.vertices, renamed.vertices)
    assert np.array_equal(graph.problem.edges, renamed.problem.edges)


def test_pixel_labels_are_0_outside_the_regions():
    graph = region_graph(np.array([[5, 0, 6]]), **grid_of_ones((1, 3)), thresholds=[0.5])
    assert len(graph.problem.edges) == 0
    assert graph.pixel_labels(np.array([1, 2])).tolist() == [[1, 0, 2]]
    assert graph.pixel_labels(np.array([1, 2])).dtype == np.int32


@pytest.mark.parametrize(
    ("regions", "error", "words"),
    [
        (np.zeros((3, 4), int), ValueError, "regions are 0 everywhere"),
        (np.ones((3, 4)), TypeError, "regions must be integers, 0 outside; got float64"),
        (np.ones((4, 3), int), ValueError, "mask must have the grid's shape"),
    ],
)
def test_regions_that_fit_no_grid_are_refused_in_one_line(regions, error, words):
    with pytest.raises(error, match=f"^{words}[^\\n]*$"):
        region_graph(regions, **grid_of_ones((3, 4)), thresholds=[0.5])
