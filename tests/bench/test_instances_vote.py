"""Which segments become objects, of which class, how sure."""

import numpy as np
import pytest

from bench.instances import instances_from_segments

CLASSES = ("person", "rider", "car")


def semantic_of(votes, background=0.0):
    """Probabilities under which each pixel votes for ``votes`` (H, W), 1..3."""
    votes = np.asarray(votes)
    chances = np.full((4, *votes.shape), 0.1)
    chances[0] = background
    for number in (1, 2, 3):
        chances[number][votes == number] = 0.5
    return chances


def found(labels, votes, min_pixels=0, scores=None, background=0.0):
    labels = np.asarray(labels, np.int32)
    scores = np.linspace(0.1, 0.9, labels.max()) if scores is None else np.asarray(scores)
    semantic = semantic_of(votes, background)
    return instances_from_segments(labels, scores, semantic, CLASSES, min_pixels)


def test_a_segment_of_exactly_the_least_size_is_left_out():
    labels = [[1, 1, 1, 2, 2, 0]]
    votes = [[1] * 6]
    assert [each.mask.sum() for each in found(labels, votes, min_pixels=2)] == [3]
    assert [each.mask.sum() for each in found(labels, votes, min_pixels=1)] == [3, 2]
    assert found(labels, votes, min_pixels=3) == []


def test_the_class_with_most_votes_wins():
    names = [each.class_name for each in found([[1, 1, 1, 2, 2, 2]], [[3, 1, 3, 2, 2, 1]])]
    assert names == ["car", "rider"]


def test_of_equal_votes_the_first_class_wins():
    assert [each.class_name for each in found([[1, 1, 1, 1]], [[3, 2, 2, 3]])] == ["rider"]


def test_a_pixel_that_is_likeliest_background_votes_for_its_likeliest_class():
    assert [each.class_name for each in found([[1, 1]], [[3, 3]], background=0.9)] == ["car"]


def test_pixels_outside_a_segment_do_not_vote():
    assert [each.class_name for each in found([[1, 0, 0, 0]], [[2, 3, 3, 3]])] == ["rider"]


def test_the_score_is_the_confidence_of_the_segment_whatever_is_left_out():
    labels, scores = [[1, 2, 2, 3, 3]], [0.25, 0.5, 0.125]
    got = found(labels, [[1] * 5], min_pixels=1, scores=scores)
    assert [each.score for each in got] == [0.5, 0.125]
    assert all(type(each.score) is float for each in got)


@pytest.mark.parametrize("seed", range(3))
def test_masks_are_the_segments_and_do_not_overlap(seed):
    random = np.random.default_rng(seed)
    labels = random.integers(0, 6, (9, 11))
    got = found(labels, random.integers(1, 4, labels.shape), min_pixels=5)
    assert len(got) > 1
    assert sum(each.mask.astype(int) for each in got).max() == 1
    for each in got:
        assert each.mask.dtype == bool
        (label,) = np.unique(labels[each.mask])
        assert np.array_equal(each.mask, labels == label)


def test_no_segments_no_objects():
    assert found(np.zeros((2, 3)), np.ones((2, 3)), scores=[]) == []
