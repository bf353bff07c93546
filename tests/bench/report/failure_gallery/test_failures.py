"""Failures are found in small maps in which the right answer is known."""

import numpy as np
import pytest

from bench.report.failure_gallery.failures import (
    JOINED,
    MISSED,
    SPLIT,
    Failure,
    find_failures,
    seam_side_masks,
    worst_failures_of_each_kind,
)
from bench.types import Instance, label_map

SIZE = (40, 80)


def label_map_of_boxes(*windows) -> np.ndarray:
    """A label map with one number for each window (rows and columns)."""
    labels = np.zeros(SIZE, np.int32)
    for number, window in enumerate(windows, start=1):
        labels[window] = number
    return labels


def instances_of_labels(labels: np.ndarray) -> list[Instance]:
    return [Instance(labels == n, "car", 0.9) for n in range(1, labels.max() + 1)]


def find_failures_of(objects, found, **more) -> list[Failure]:
    return find_failures("a", objects, instances_of_labels(found), **more)


def test_instances_equal_to_the_annotation_are_not_failures():
    objects = label_map_of_boxes(np.s_[2:20, 2:20], np.s_[2:20, 20:40])
    assert find_failures_of(objects, objects) == []


def test_two_squares_in_one_prediction_are_joined_at_their_common_side():
    objects = label_map_of_boxes(np.s_[10:30, 10:30], np.s_[10:30, 30:45])
    (failure,) = find_failures_of(objects, label_map_of_boxes(np.s_[8:30, 10:45]))
    assert (failure.image, failure.kind, failure.pixels) == ("a", JOINED, 20 * 15)
    assert (failure.objects, failure.predictions) == ((1, 2), (0,))
    assert failure.box == np.s_[8:30, 10:45]
    assert (failure.seam.sides, failure.seam.gap) == ((1, 2), 1)
    facing = {(row, column) for row in range(10, 30) for column in (29, 30)}
    assert set(map(tuple, failure.seam.pixels.tolist())) == facing


def test_one_square_in_two_predictions_is_split_where_they_are_closest():
    objects = label_map_of_boxes(np.s_[10:30, 10:40])
    found = label_map_of_boxes(np.s_[10:30, 10:22], np.s_[12:30, 25:40])
    (failure,) = find_failures_of(objects, found)
    assert (failure.kind, failure.objects, failure.predictions) == (SPLIT, (1,), (1, 0))
    assert failure.pixels == 20 * 12
    assert failure.seam.gap == 4
    # The right part begins two rows lower, but the gap counts steps to any of the 8 neighbours.
    facing = {(row, 21) for row in range(10, 30)} | {(row, 25) for row in range(12, 30)}
    assert set(map(tuple, failure.seam.pixels.tolist())) == facing


@pytest.mark.parametrize(
    ("window", "kinds"),
    [(np.s_[0:0, 0:0], [MISSED]), (np.s_[10:20, 10:29], [MISSED]), (np.s_[10:20, 10:30], [])],
    ids=["nothing there", "IoU below 0.5", "IoU 0.5"],
)
def test_an_object_that_no_prediction_covers_by_half_is_missed(window, kinds):
    found = label_map_of_boxes(window)
    failures = find_failures_of(label_map_of_boxes(np.s_[10:30, 10:30]), found)
    assert [failure.kind for failure in failures] == kinds
    for failure in failures:
        assert (failure.pixels, failure.box) == (400, np.s_[10:30, 10:30])
        assert failure.predictions == ((0,) if found.any() else ())
        assert failure.seam is None


def test_joined_and_split_objects_are_not_missed_as_well():
    objects = label_map_of_boxes(np.s_[0:10, 0:20], np.s_[0:10, 20:40], np.s_[20:30, 0:60])
    found = label_map_of_boxes(
        np.s_[0:10, 0:40], *(np.s_[20:30, left : left + 20] for left in (0, 20, 40))
    )
    assert [failure.kind for failure in find_failures_of(objects, found)] == [JOINED, SPLIT]


def test_small_objects_do_not_count():
    objects = label_map_of_boxes(np.s_[0:9, 0:11], np.s_[0:9, 11:30], np.s_[20:29, 0:11])
    found = label_map_of_boxes(np.s_[0:9, 0:30])
    assert find_failures_of(objects, found) == []
    kinds = [failure.kind for failure in find_failures_of(objects, found, least_object_pixels=99)]
    assert kinds == [MISSED, JOINED]


def test_void_is_no_object():
    objects = label_map_of_boxes(np.s_[10:30, 10:30], np.s_[10:30, 30:45])
    found = label_map_of_boxes(np.s_[10:30, 10:45])
    objects[objects == 2] = -1
    assert find_failures_of(objects, found) == []


def test_the_seam_lies_between_large_sides_that_are_close():
    """Of three objects in a row the middle one is the smallest. The seam is between it and the largest."""
    objects = label_map_of_boxes(np.s_[0:20, 0:30], np.s_[0:20, 30:36], np.s_[0:20, 36:60])
    (failure,) = find_failures_of(objects, label_map_of_boxes(np.s_[0:20, 0:60]))
    assert failure.objects == (1, 3, 2)
    assert failure.seam.sides in [(1, 2), (3, 2)] and failure.seam.gap == 1


def test_the_sides_are_the_parts_that_were_joined_or_split():
    objects = label_map_of_boxes(np.s_[10:30, 10:30], np.s_[10:30, 30:45])
    found = label_map_of_boxes(np.s_[14:30, 10:45])
    (joined,) = find_failures_of(objects, found)
    one, other = seam_side_masks(joined, objects, found)
    assert np.array_equal(one, (objects == 1) & (found == 1))
    assert np.array_equal(other, (objects == 2) & (found == 1))
    assert (one | other)[tuple(joined.seam.pixels.T)].all()
    (split,) = find_failures_of(found, objects * (found > 0))
    one, other = seam_side_masks(split, found, objects * (found > 0))
    assert one.sum() == 16 * 20 and other.sum() == 16 * 15
    (missed,) = find_failures_of(objects, objects * (objects == 1))
    with pytest.raises(ValueError, match="a: an object that was missed has no seam"):
        seam_side_masks(missed, objects, found)


def test_predictions_that_overlap_or_have_another_size_are_refused():
    objects = label_map_of_boxes(np.s_[10:30, 10:30])
    twice = instances_of_labels(objects) * 2
    with pytest.raises(ValueError, match="b: instances overlap"):
        find_failures("b", objects, twice)
    with pytest.raises(
        ValueError, match=r"b: instance 0 has size \(40, 80\), but the annotation \(5, 5\)"
    ):
        find_failures("b", objects[:5, :5], twice)


def test_random_maps_obey_the_definitions():
    random = np.random.default_rng(7)
    for _ in range(20):
        objects = np.kron(random.integers(0, 5, (4, 8)), np.ones((10, 10), np.int32))
        labels = np.kron(random.integers(0, 7, (8, 16)), np.ones((5, 5), np.int32))
        instances = instances_of_labels(labels)
        labels = label_map(instances, SIZE)
        failures = find_failures("a", objects, instances)
        joined = {failure.predictions for failure in failures if failure.kind == JOINED}
        for label in range(1, labels.max() + 1):
            numbers = range(1, objects.max() + 1)
            held = [n for n in numbers if (labels[objects == n] == label).mean() > 0.5]
            assert (len(held) > 1) == ((label - 1,) in joined)
        explained = {n for f in failures if f.kind != MISSED for n in f.objects}
        missed = {n for f in failures if f.kind == MISSED for n in f.objects}
        for number in range(1, objects.max() + 1):
            true = objects == number
            ious = [
                (true & (labels == n)).sum() / (true | (labels == n)).sum() for n in range(1, 7)
            ]
            wanted = true.any() and max(ious) < 0.5 and number not in explained
            assert wanted == (number in missed)


def failure(image, kind, pixels):
    return Failure(image, kind, pixels, np.s_[0:1, 0:1], (1,), ())


def test_the_worst_come_from_different_images_unless_there_are_too_few():
    many = [failure("a", MISSED, 9), failure("a", MISSED, 8), failure("b", MISSED, 1)]
    more = [failure("a", SPLIT, 5), failure("a", SPLIT, 4), failure("a", SPLIT, 3)]
    chosen = worst_failures_of_each_kind(more + many, 2)
    assert [(each.kind, each.image, each.pixels) for each in chosen] == [
        (MISSED, "a", 9),
        (MISSED, "b", 1),
        (SPLIT, "a", 5),
        (SPLIT, "a", 4),
    ]
    assert [each.pixels for each in worst_failures_of_each_kind(many, 3)] == [9, 8, 1]
