"""Which segments become objects, and their classes and scores."""

import numpy as np
import pytest

from bench.pipeline.instances import (
    instances_from_segments,
    mean_affinities_inside_segments,
    place_in_image,
)
from bench.types import Instance

CLASSES = ("person", "rider", "car")


def semantic_of(votes, background=0.0):
    """Class probabilities with which each pixel votes for the class ``votes`` (H, W), 1..3."""
    votes = np.asarray(votes)
    chances = np.full((4, *votes.shape), 0.1)
    chances[0] = background
    for number in (1, 2, 3):
        chances[number][votes == number] = 0.5
    return chances


def found(labels, votes, min_object_pixels=0, scores=None, background=0.0):
    labels = np.asarray(labels, np.int32)
    scores = np.linspace(0.1, 0.9, labels.max()) if scores is None else np.asarray(scores)
    semantic = semantic_of(votes, background)
    return instances_from_segments(labels, scores, semantic, CLASSES, min_object_pixels)


def test_a_segment_of_exactly_min_pixels_is_left_out():
    labels = [[1, 1, 1, 2, 2, 0]]
    votes = [[1] * 6]
    assert [each.mask.sum() for each in found(labels, votes, min_object_pixels=2)] == [3]
    assert [each.mask.sum() for each in found(labels, votes, min_object_pixels=1)] == [3, 2]
    assert found(labels, votes, min_object_pixels=3) == []


def test_the_class_with_most_votes_wins():
    names = [each.class_name for each in found([[1, 1, 1, 2, 2, 2]], [[3, 1, 3, 2, 2, 1]])]
    assert names == ["car", "rider"]


def test_of_equal_votes_the_first_class_wins():
    assert [each.class_name for each in found([[1, 1, 1, 1]], [[3, 2, 2, 3]])] == ["rider"]


def test_a_pixel_that_is_more_likely_background_has_no_vote():
    likely = [[0.9, 0.1, 0.1]]
    assert [each.class_name for each in found([[1, 1, 1]], [[3, 2, 2]], background=likely)] == [
        "rider"
    ]
    assert [each.class_name for each in found([[1]], [[3]], background=0.6)] == ["car"]


def test_a_background_segment_is_not_an_object():
    assert found([[1, 1]], [[3, 3]], background=0.9) == []
    (instance,) = found([[1, 1, 1]], [[3, 3, 3]], background=[[0.9, 0.9, 0.1]], min_object_pixels=2)
    assert instance.mask.sum() == 3


def test_a_second_label_needs_a_fifth_of_the_most_votes():
    labels = np.ones((1, 17), np.int32)
    semantic = semantic_of([[3] * 10 + [2] * 5 + [1] * 2])
    got = instances_from_segments(
        labels, np.array([0.5]), semantic, CLASSES, 0, several_classes=True
    )
    assert [(each.class_name, each.confidence) for each in got] == [
        ("person", pytest.approx(0.5 * 2 / 17)),
        ("rider", pytest.approx(0.5 * 5 / 17)),
        ("car", pytest.approx(0.5 * 10 / 17)),
    ]
    semantic = semantic_of([[3] * 11 + [2] * 4 + [1] * 2])
    got = instances_from_segments(
        labels, np.array([0.5]), semantic, CLASSES, 0, several_classes=True
    )
    assert [each.class_name for each in got] == ["rider", "car"]


@pytest.mark.parametrize("seed", range(3))
def test_the_mean_affinity_inside_is_that_of_all_pairs_in_the_segment(seed):
    random, offsets = np.random.default_rng(seed), [(0, 1), (1, -1), (2, 0)]
    labels = random.integers(0, 4, (6, 7)).astype(np.int32)
    affinity = random.random((3, 6, 7), np.float32)
    inside = {number: [] for number in range(1, 6)}
    for channel, (dy, dx) in enumerate(offsets):
        for y, x in np.ndindex(6, 7):
            there = y + dy, x + dx
            if there[0] < 6 and 0 <= there[1] < 7 and labels[y, x] == labels[there] > 0:
                inside[labels[there]].append(affinity[channel, y, x])
    expected = [np.mean(values, dtype=float) if values else 0 for values in inside.values()]
    np.testing.assert_allclose(
        mean_affinities_inside_segments(labels, affinity, offsets, 5), expected
    )


def test_an_object_of_a_region_is_placed_where_the_region_is():
    mask = np.array([[True, False], [True, True]])
    whole = place_in_image(Instance(mask, "car", 0.5), np.s_[1:3, 2:4], (4, 5))
    assert whole.mask.shape == (4, 5) and whole.mask.sum() == 3
    assert np.array_equal(whole.mask[1:3, 2:4], mask)
    assert (whole.class_name, whole.confidence) == ("car", 0.5)


def test_pixels_outside_a_segment_do_not_vote():
    assert [each.class_name for each in found([[1, 0, 0, 0]], [[2, 3, 3, 3]])] == ["rider"]


def test_the_score_is_the_confidence_of_the_segment():
    labels, scores = [[1, 2, 2, 3, 3]], [0.25, 0.5, 0.125]
    got = found(labels, [[1] * 5], min_object_pixels=1, scores=scores)
    assert [each.confidence for each in got] == [0.5, 0.125]
    assert all(type(each.confidence) is float for each in got)


@pytest.mark.parametrize("seed", range(3))
def test_masks_are_the_segments_and_do_not_overlap(seed):
    random = np.random.default_rng(seed)
    labels = random.integers(0, 6, (9, 11))
    got = found(labels, random.integers(1, 4, labels.shape), min_object_pixels=5)
    assert len(got) > 1
    assert sum(each.mask.astype(int) for each in got).max() == 1
    for each in got:
        assert each.mask.dtype == bool
        (label,) = np.unique(labels[each.mask])
        assert np.array_equal(each.mask, labels == label)


def test_no_segments_give_no_objects():
    assert found(np.zeros((2, 3)), np.ones((2, 3)), scores=[]) == []
