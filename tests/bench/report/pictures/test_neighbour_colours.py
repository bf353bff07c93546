"""Neighbouring instances have colours that can be told apart, in all maps of a picture."""

from itertools import combinations

import numpy as np
import pytest
from scipy import ndimage

from bench.report.pictures.colours import instance_colour
from bench.report.pictures.neighbour_colours import PREFERRED, renumber_for_colours


def touching_nuclei(seed, count=120, shape=(96, 128)):
    """(H, W): each pixel has the number of the nearest of some random points; few pixels are background."""
    rng = np.random.default_rng(seed)
    points = rng.permutation(shape[0] * shape[1])[:count]
    marks = np.zeros(shape, int)
    marks.flat[points] = rng.permutation(10 * count)[:count] + 1
    nearest = ndimage.distance_transform_edt(
        marks == 0, return_distances=False, return_indices=True
    )
    labels = marks[tuple(nearest)]
    return np.where(rng.random(shape) < 0.02, 0, labels)


def numbers_beside(labels, numbers):
    """For each two instances that touch: their numbers."""
    pairs = [
        (labels[:, :-1], labels[:, 1:], numbers[:, :-1], numbers[:, 1:]),
        (labels[:-1], labels[1:], numbers[:-1], numbers[1:]),
        (labels[:-1, :-1], labels[1:, 1:], numbers[:-1, :-1], numbers[1:, 1:]),
    ]
    for one, other, first, second in pairs:
        touch = (one != other) & (one > 0) & (other > 0)
        yield from zip(first[touch].tolist(), second[touch].tolist(), strict=True)


def test_the_colours_that_are_preferred_can_be_told_apart():
    colours = [np.array(instance_colour(number), float) for number in range(1, PREFERRED + 1)]
    assert min(np.linalg.norm(a - b) for a, b in combinations(colours, 2)) > 100


@pytest.mark.parametrize("seed", range(3))
def test_touching_instances_have_different_preferred_colours(seed):
    labels = touching_nuclei(seed)
    (numbers,) = renumber_for_colours(labels)
    assert all(first != second for first, second in numbers_beside(labels, numbers))
    assert ((numbers == 0) == (labels == 0)).all() and numbers.max() <= PREFERRED


def test_an_instance_has_the_same_number_in_all_maps():
    first, second = touching_nuclei(5), touching_nuclei(6)
    maps = renumber_for_colours(first, second)
    for labels, numbers in zip((first, second), maps, strict=True):
        assert all(one != other for one, other in numbers_beside(labels, numbers))
    names, found = (
        np.concatenate([each.ravel() for each in both]) for both in ((first, second), maps)
    )
    assert len(np.unique(np.stack([names, found]), axis=1).T) == len(np.unique(names))


def test_instances_without_neighbours_have_many_colours():
    labels = np.zeros((5, 80), int)
    labels[2, 5::10] = np.arange(1, 9)
    (numbers,) = renumber_for_colours(labels)
    assert np.array_equal(numbers, labels)


def test_more_than_eight_neighbours_all_differ():
    pairs = [np.array([[one, other]]) for one, other in combinations(range(1, 12), 2)]
    assert len(np.unique(renumber_for_colours(*pairs))) == 11


def test_maps_without_instances_stay_empty():
    (numbers,) = renumber_for_colours(np.zeros((3, 4), int))
    assert not numbers.any() and numbers.shape == (3, 4)
