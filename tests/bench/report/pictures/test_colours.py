"""The colours of instances, and the renumbering that gives predictions the colours of annotated objects."""

import numpy as np
import pytest

from bench.report.pictures.colours import (
    boundaries,
    class_colours,
    colour_instances,
    instance_colour,
    renumber_like_ground_truth,
)


@pytest.mark.parametrize(("count", "least"), [(8, 90), (10, 60), (19, 50), (30, 30)])
def test_colours_of_classes_can_be_told_apart(count, least):
    colours = np.array([*class_colours([f"class {k}" for k in range(count)]).values()], dtype=float)
    distances = np.linalg.norm(colours[:, None] - colours[None], axis=2)
    assert len(colours) == count and distances[~np.eye(count, dtype=bool)].min() >= least


def test_colours_of_many_instances_are_distinct():
    colours = np.array([instance_colour(number) for number in range(1, 31)], dtype=float)
    apart = np.linalg.norm(colours[:, None] - colours[None], axis=2)
    assert apart[~np.eye(30, dtype=bool)].min() > 10
    assert np.diagonal(apart, 1).min() > 100


def test_pixels_of_no_instance_are_black_and_all_others_are_not():
    labels = np.array([[0, 1, 7], [0, 25, 7]])
    assert np.array_equal(colour_instances(labels).any(axis=2), labels > 0)


def test_a_prediction_has_the_number_of_the_object_it_covers_best():
    truth = np.array([[1, 1, 1, 2, 2, 0, 0]])
    predicted = np.array([[7, 7, 3, 3, 3, 0, 5]])
    assert renumber_like_ground_truth(predicted, truth).tolist() == [[1, 1, 2, 2, 2, 0, 3]]


def test_renumbering_keeps_the_partition():
    rng = np.random.default_rng(1)
    predicted, truth = rng.integers(0, 9, (2, 20, 30))
    renumbered = renumber_like_ground_truth(predicted, truth)
    pairs = np.unique(np.stack([predicted.ravel(), renumbered.ravel()]), axis=1)
    assert pairs.shape[1] == len(np.unique(predicted)) == len(np.unique(renumbered))


def test_boundaries_lie_between_different_labels():
    assert boundaries(np.array([[1, 1, 2, 2, 0]])).tolist() == [[False, False, True, False, True]]
