"""The backend numba leaves inert pixels, which can never merge, out of the graph of the only stage."""

import numpy as np
import pytest

from merge_impls import MergeProblem, first_difference, merge
from merge_impls.argument_checks import LINKAGES
from merge_impls.builtin import numba_graph


@pytest.fixture
def left_out(monkeypatch):
    """The number of inert pixels of each merge that looked for them."""
    numbers, leave_out = [], numba_graph.leave_out_inert_pixels
    monkeypatch.setattr(
        numba_graph,
        "leave_out_inert_pixels",
        lambda *arguments: numbers.append(leave_out(*arguments)) or numbers[-1],
    )
    return numbers


def random_grid(linkage, offsets, stages, thresholds):
    """A grid with a mask, whose affinities have many ties and leave many pixels without a heavy edge."""
    rng = np.random.default_rng(3)
    affinities = rng.integers(0, 16, (len(offsets), 20, 30)) / 15
    affinities[:, rng.random((20, 30)) < 0.5] /= 3
    mask = rng.random((20, 30)) < 0.8
    return MergeProblem.from_grid(
        affinities, offsets, stages, thresholds, mask=mask, linkage=linkage
    )


@pytest.mark.parametrize("linkage", LINKAGES)
def test_inert_pixels_are_left_out_with_the_same_result(left_out, linkage):
    problem = random_grid(linkage, [(0, 1), (1, 0)], [0, 0], [0.8])
    expected = merge(problem, "heap")
    assert first_difference(expected, merge(problem, "numba")) is None
    assert 0 < left_out[0] <= np.sum(expected.sizes == 1)


@pytest.mark.parametrize("linkage", LINKAGES)
def test_a_pixel_that_a_later_threshold_lets_merge_is_not_inert(left_out, linkage):
    problem = random_grid(linkage, [(0, 1), (1, 0)], [0, 0], [0.9, 0.5, 0.7])
    expected = merge(problem, "heap")
    assert first_difference(expected, merge(problem, "numba")) is None
    one_stage = random_grid(linkage, [(0, 1), (1, 0)], [0, 0], [0.5])
    assert first_difference(merge(one_stage, "heap"), merge(one_stage, "numba")) is None
    assert left_out[0] == left_out[1] > 0
    assert np.any(expected.history["weight"] < 0.9)


def test_no_pixel_is_inert_before_a_stage_that_adds_edges(left_out):
    problem = random_grid("average", [(0, 1), (1, 0), (0, 5)], [0, 0, 1], [0.9, 0.9])
    assert first_difference(merge(problem, "heap"), merge(problem, "numba")) is None
    assert not left_out
