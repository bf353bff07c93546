"""The tree of merges: SciPy reads the linkage matrix, and a cut equals a merge with a higher threshold."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.cluster.hierarchy import dendrogram, fcluster, is_monotonic, is_valid_linkage, linkage
from scipy.spatial.distance import squareform

from merge_impls import MergeProblem, cut, first_difference, linkage_matrix, merge, merge_tree
from merge_impls.argument_checks import LINKAGES

SHAPE, OFFSETS, STAGES = (12, 13), [(0, 1), (1, 0), (0, 4), (5, -2)], [0, 0, 1, 2]


def random_grid(seed, linkage="average", thresholds=(0.8, 0.6, 0.4)):
    """A grid of three stages with a mask and with many equal affinities."""
    rng = np.random.default_rng(seed)
    affinities = rng.integers(0, 12, (len(OFFSETS), *SHAPE)) / 11
    mask = rng.random(SHAPE) < 0.9
    return MergeProblem.from_grid(
        affinities, OFFSETS, STAGES, thresholds, mask=mask, linkage=linkage
    )


def complete_graph(seed, size=15, threshold=0.0, linkage="average"):
    """A graph of one stage in which all affinities differ."""
    rng = np.random.default_rng(seed)
    edges = np.stack(np.triu_indices(size, 1), axis=1)
    affinities = rng.choice(65536, len(edges), replace=False).astype(np.uint16)
    stages = np.zeros(len(edges), int)
    return MergeProblem.from_edges(size, edges, affinities, stages, [threshold], linkage=linkage)


def partition(values):
    """The sets of positions with the same value."""
    return {tuple(np.flatnonzero(values == value)) for value in np.unique(values)}


@pytest.mark.parametrize("linkage", LINKAGES)
def test_scipy_finds_the_segments_in_the_linkage_matrix(linkage):
    result = merge(random_grid(0, linkage))
    matrix = linkage_matrix(result)
    labels = result.labels[result.labels > 0]
    assert is_valid_linkage(matrix) and len(matrix) == len(labels) - 1
    assert partition(fcluster(matrix, 1, "distance")) == partition(labels)
    assert matrix[-1, 3] == len(labels)
    assert (matrix[len(result.history) :, 2] == merge_tree.HEIGHT_BETWEEN_SEGMENTS).all()


def test_each_row_joins_the_clusters_of_its_merge():
    result = merge(random_grid(1))
    leaves = np.flatnonzero(result.labels)
    members = [{leaf} for leaf in leaves.tolist()]
    rows = zip(linkage_matrix(result), result.history, strict=False)
    for (left, right, height, size), (_, a, b, weight) in rows:
        one, other = members[int(left)], members[int(right)]
        assert {min(one), min(other)} == {a, b} and left < right
        assert height == 1 - float(weight)
        members.append(one | other)
        assert len(members[-1]) == size


@pytest.mark.parametrize("method", ["average", "weighted", "single", "complete"])
def test_a_complete_graph_has_the_tree_that_scipy_computes(method):
    problem = complete_graph(2, linkage=method)
    u, v, affinities, _ = problem.edge_arrays()
    distances = np.zeros((problem.num_vertices,) * 2)
    distances[u, v] = distances[v, u] = 1 - affinities / 65535
    expected = linkage(squareform(distances), method)
    np.testing.assert_allclose(linkage_matrix(merge(problem)), expected, rtol=1e-5)


def test_heights_fall_between_stages_alone():
    """Stage 1 merges at 0.9, after stage 0 has merged at 0.5."""
    edges, stages = [(0, 1), (1, 2), (2, 3)], [0, 1, 1]
    result = merge(MergeProblem.from_edges(4, edges, [0.5, 0.9, 0.8], stages, [0.5, 0.5]))
    matrix = linkage_matrix(result)
    np.testing.assert_allclose(matrix[:, 2], [0.5, 0.1, 0.2], atol=1e-4)
    assert not is_monotonic(matrix) and is_valid_linkage(matrix)
    assert len(dendrogram(matrix, no_plot=True)["icoord"]) == 3


@pytest.mark.parametrize(("inside", "rows"), [(0, 0), (1, 0), (2, 1)])
def test_without_merges_only_the_rows_between_segments_remain(inside, rows):
    mask = (np.arange(6) < inside).reshape(2, 3)
    problem = MergeProblem.from_grid(np.zeros((1, 2, 3)), [(0, 1)], [0], [0.5], mask=mask)
    matrix = linkage_matrix(merge(problem))
    assert matrix.shape == (rows, 4) and (matrix == [0, 1, 2, 2]).all()


def test_too_many_vertices_for_a_linkage_matrix_are_refused(monkeypatch):
    result = merge(random_grid(3))
    leaves = int((result.labels > 0).sum())
    monkeypatch.setattr(merge_tree, "MAX_LEAVES", leaves)
    assert len(linkage_matrix(result)) == leaves - 1
    monkeypatch.setattr(merge_tree, "MAX_LEAVES", leaves - 1)
    with pytest.raises(ValueError, match=f"the result has {leaves} vertices; .* at most"):
        linkage_matrix(result)


@pytest.mark.parametrize("linkage", LINKAGES)
@pytest.mark.parametrize("threshold", [0.4, 0.55, 9 / 11, 1.0])
def test_a_cut_equals_a_merge_with_a_higher_last_threshold(linkage, threshold):
    problem = random_grid(4, linkage)
    again = merge(problem.replace(thresholds=[0.8, 0.6, threshold]))
    for wanted in (threshold, [0.8, 0.6, threshold]):
        found = cut(merge(problem), wanted)
        assert found.confidences is None and found.backend == "c"
        assert first_difference(again, replace(found, confidences=again.confidences)) is None


def test_a_cut_differs_from_the_result_if_it_drops_merges():
    problem = random_grid(4)
    result = merge(problem)
    assert len(cut(result, 0.7).history) < len(result.history)
    assert first_difference(result, replace(result, labels=cut(result, 0.7).labels)) is not None


def test_a_cut_without_merges_in_the_last_stage_changes_nothing():
    """The last stage of the history is then an earlier stage, whose merges stay."""
    problem = random_grid(5, thresholds=[0.8, 0.6, 1.0]).replace(stages=np.array([0, 0, 1, 1]))
    result = merge(problem)
    assert result.history["stage"].max() == 1
    assert first_difference(result, replace(result, labels=cut(result, 1.0).labels)) is None


@pytest.mark.parametrize(
    ("threshold", "message"),
    [
        (0.3, r"threshold 0\.29\d* is below 0\.4\d*, that of the result"),
        ([0.8, 0.7, 0.4], r"threshold\[1\] is 0\.69\d*, .* only the last stage can be cut"),
        ([0.9, 0.7, 0.4], r"threshold\[0\] is 0\.9"),
        ([0.6, 0.4], "threshold has 2 values; the result has 3 stages"),
        (1.1, r"thresholds\[0\] is 1\.1; must be in \[0, 1\]"),
        (float("nan"), r"thresholds\[0\] is nan"),
    ],
)
def test_a_cut_that_the_history_does_not_hold_is_refused(threshold, message):
    with pytest.raises(ValueError, match=message):
        cut(merge(random_grid(6)), threshold)


def test_a_threshold_that_is_no_number_is_refused():
    with pytest.raises(TypeError, match="must be numbers"):
        cut(merge(random_grid(6)), "0.5")


@pytest.mark.parametrize("read", [linkage_matrix, lambda result: cut(result, 0.5)])
def test_a_result_without_history_is_refused(read):
    result = replace(merge(random_grid(7)), history=None)
    with pytest.raises(ValueError, match="has no history; merge with a backend that records it"):
        read(result)
