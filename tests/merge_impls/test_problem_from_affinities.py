"""The stages, thresholds and scale that are assumed for a user's affinities, and the mistakes refused."""

import numpy as np
import pytest

from merge_impls.offsets import PAPER_THRESHOLDS
from merge_impls.problem_from_affinities import problem_from_affinities

OFFSETS = [(0, 1), (-8, 0), (8, 0), (0, -32)]
HALF = np.full((4, 3, 5), 0.5)


def test_default_stages_and_thresholds_are_the_papers_and_reported():
    problem, assumed = problem_from_affinities(HALF, OFFSETS)
    assert problem.offsets.tolist() == [[0, 1], [8, 0], [0, 32]]
    assert problem.stages.tolist() == [0, 1, 2]
    assert problem.thresholds == pytest.approx(PAPER_THRESHOLDS, abs=1e-5)
    assert len(assumed) == 1 and "0.97, 0.7, 0.3" in assumed[0] and "distance" in assumed[0]


def test_three_thresholds_get_the_papers_stages_which_is_reported():
    problem, assumed = problem_from_affinities(HALF, OFFSETS, thresholds=[0.9, 0.8, 0.1])
    assert problem.stages.tolist() == [0, 1, 2]
    assert len(assumed) == 1 and "distance" in assumed[0] and "0.9" not in assumed[0]


def test_one_threshold_holds_for_all_offsets():
    problem, assumed = problem_from_affinities(HALF, OFFSETS, thresholds=[0.9])
    assert problem.stages.tolist() == [0, 0, 0]
    assert assumed == []


def test_each_canonical_offset_keeps_the_stage_given_for_it():
    problem, assumed = problem_from_affinities(HALF, OFFSETS, [1, 0, 0, 1], [0.9, 0.5])
    assert problem.stages.tolist() == [1, 0, 1]
    assert assumed == []


def test_the_integer_scale_of_affinities_is_reported():
    _, assumed = problem_from_affinities(np.ones((4, 3, 5), np.uint8), OFFSETS, thresholds=[0.9])
    assert assumed == ["255 in uint8 stands for 1; the largest value is 1"]


@pytest.mark.parametrize("dtype", [bool, np.uint8, np.int64])
def test_the_foreground_is_where_the_mask_is_not_0(dtype):
    mask = np.arange(15).reshape(3, 5) % 3
    problem, _ = problem_from_affinities(HALF, OFFSETS, mask=mask.astype(dtype))
    np.testing.assert_array_equal(problem.mask, mask != 0)


@pytest.mark.parametrize(
    ("changes", "pattern"),
    [
        ({"stages": [0, 0, 0, 0]}, "stages without thresholds"),
        ({"thresholds": [0.9, 0.5]}, "2 thresholds without stages"),
        ({"thresholds": 0.9}, "thresholds must have shape"),
        ({"stages": [0, 0, 0], "thresholds": [0.9]}, r"stages must have shape \(4,\)"),
        ({"stages": [0, 0, 1, 0], "thresholds": [0.9, 0.5]}, r"stages\[2\] is 1, but its opposite"),
        ({"mask": np.ones((3, 5))}, "mask must be bool, or integers .*float64"),
        ({"mask": np.ones((5, 3), bool)}, r"mask must have the grid's shape \(3, 5\)"),
    ],
    ids=str,
)
def test_ambiguous_arguments_are_refused_in_one_line(changes, pattern):
    with pytest.raises((ValueError, TypeError), match=pattern) as error:
        problem_from_affinities(HALF, OFFSETS, **changes)
    assert "\n" not in str(error.value)
