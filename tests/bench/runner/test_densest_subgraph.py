"""The crop on which backends are compared with the reference: its position, and its graph."""

import numpy as np
import pytest

from bench.pipeline.prediction import Prediction
from bench.pipeline.view import Box
from bench.runner.densest_subgraph import densest_crop, densest_subgraph, subgraph_in_window
from tests.bench.graph_helpers import OFFSETS, SIZE, graph_of, pairs


@pytest.mark.parametrize("seed", range(4))
def test_the_densest_crop_has_most_foreground_and_is_the_first_of_equals(seed):
    foreground = np.random.default_rng(seed).random((6, 9)) < 0.3
    rows, columns = 2, 4
    counts = {
        (top, left): int(foreground[top : top + rows, left : left + columns].sum())
        for top in range(6 - rows + 1)
        for left in range(9 - columns + 1)
    }
    box = densest_crop(foreground, (rows, columns))
    assert box.size == (rows, columns)
    assert (box.top, box.left) == max(counts, key=counts.get)


@pytest.mark.parametrize("size", [(6, 9), (7, 9), (100, 100)])
def test_a_crop_as_large_as_the_image_is_the_image(size):
    assert densest_crop(np.ones((6, 9), bool), size) == Box(0, 0, 6, 9)


def test_a_cropped_problem_is_the_problem_of_the_crop(random_maps):
    prediction = Prediction(*random_maps(0, SIZE, len(OFFSETS)))
    whole = graph_of(prediction, "weighted")
    window = slice(1, 4), slice(2, 7)
    problem, crop = whole.problem, subgraph_in_window(whole, window).problem
    own = graph_of(
        Prediction(prediction.affinity[:, *window], prediction.semantic[:, *window]), "weighted"
    ).problem
    assert crop.shape == (3, 5) and crop.linkage == "weighted"
    assert np.array_equal(crop.mask, own.mask)
    for name in ("offsets", "stages", "thresholds"):
        assert np.array_equal(getattr(crop, name), getattr(problem, name))
    for channel, offset in enumerate(OFFSETS):
        for here, _ in pairs(crop.shape, offset):
            assert crop.affinities[channel][here] == own.affinities[channel][here]


@pytest.mark.parametrize("linkage", ["average", "weighted"])
def test_a_crop_of_merged_windows_is_the_graph_of_the_crop(random_maps, linkage):
    prediction = Prediction(*random_maps(1, (8, 10), len(OFFSETS)))
    whole = graph_of(prediction, linkage, flm=2)
    crop = subgraph_in_window(whole, (slice(1, 3), slice(2, 5)))
    pixels = slice(2, 6), slice(4, 10)
    own = graph_of(
        Prediction(prediction.affinity[:, *pixels], prediction.semantic[:, *pixels]), linkage, flm=2
    )
    assert np.array_equal(crop.mask, own.mask) and crop.vertices == own.vertices
    for name in ("edges", "affinities", "stages", "thresholds"):
        assert np.array_equal(getattr(crop.problem, name), getattr(own.problem, name))


def test_the_graph_to_check_is_that_of_the_densest_crop(random_maps):
    graph = graph_of(Prediction(*random_maps(0, SIZE, len(OFFSETS))))
    own, box = densest_subgraph(graph, (3, 4)), densest_crop(graph.mask, (3, 4))
    assert np.array_equal(own.mask, graph.mask[box.slices])
    assert np.array_equal(own.problem.affinities, graph.problem.affinities[:, *box.slices])
