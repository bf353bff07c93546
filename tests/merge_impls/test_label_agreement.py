"""The agreement of two segmentations equals its definitions, and the figures of scikit-image."""

from itertools import combinations, product

import numpy as np
import pytest
from skimage.metrics import adapted_rand_error, variation_of_information

from merge_impls.label_agreement import LabelAgreement, join_labels, pair_f_score


def test_the_score_counts_pairs_of_pixels_in_one_segment():
    rng = np.random.default_rng(0)
    for _ in range(20):
        one, other = rng.integers(0, 4, (2, 5, 6))
        same = [
            {(p, q) for p, q in product(range(30), repeat=2) if flat[p] == flat[q] > 0}
            for flat in (one.ravel(), other.ravel())
        ]
        expected = 2 * len(same[0] & same[1]) / (len(same[0]) + len(same[1]))
        assert pair_f_score(one, other) == pytest.approx(expected, rel=1e-12)


def test_label_values_do_not_matter_and_empty_maps_agree():
    labels = np.array([[0, 1, 1], [2, 2, 3]], np.int32)
    renamed = np.array([[0, 9, 9], [4, 4, 1]], np.uint64)
    assert pair_f_score(labels, renamed) == 1
    assert pair_f_score(np.zeros((2, 2), int), np.zeros((2, 2), int)) == 1
    assert pair_f_score(labels, np.zeros((2, 3), int)) == 0


def random_maps(count=20, lowest=1):
    rng = np.random.default_rng(1)
    for number in range(count):
        yield rng.integers(lowest, 3 + number, (2, 5, 6))


def test_variation_of_information_equals_that_of_scikit_image():
    for labels, reference in random_maps():
        found = LabelAgreement.between(labels, reference)
        split, merge = variation_of_information(reference, labels)
        assert (found.split_bits, found.merge_bits) == pytest.approx((split, merge), abs=1e-12)


def test_the_f_score_is_one_minus_scikit_images_adapted_rand_error():
    # scikit-image leaves out pairs of a pixel with itself, of which there are as many as pixels.
    for labels, reference in random_maps():
        error, precision, recall = adapted_rand_error(reference, labels)
        own, other = (
            sum(n * (n - 1) for n in np.bincount(each.ravel())) for each in (labels, reference)
        )
        common = precision * other
        assert common == pytest.approx(recall * own)
        expected = 2 * (common + labels.size) / (own + other + 2 * labels.size)
        assert pair_f_score(labels, reference) == pytest.approx(expected, rel=1e-12)


def test_adjusted_rand_counts_pairs_against_their_expected_number():
    for labels, reference in random_maps():
        pairs = list(combinations(range(labels.size), 2))
        here, there = (
            np.array([flat[p] == flat[q] for p, q in pairs])
            for flat in (labels.ravel(), reference.ravel())
        )
        common, expected = (here & there).sum(), here.sum() * there.sum() / len(pairs)
        largest = (here.sum() + there.sum()) / 2
        found = LabelAgreement.between(labels, reference).adjusted_rand
        assert found == pytest.approx((common - expected) / (largest - expected), rel=1e-12)


def test_vertices_without_a_segment_are_left_out():
    for labels, reference in random_maps(lowest=0):
        both = (labels > 0) & (reference > 0)
        whole = LabelAgreement.between(labels, reference)
        part = LabelAgreement.between(labels[both], reference[both])
        for name in ("adjusted_rand", "split_bits", "merge_bits"):
            assert getattr(whole, name) == getattr(part, name)


def test_a_split_and_a_merge_are_told_apart():
    one, two = np.array([1, 1, 1, 1]), np.array([1, 1, 2, 2])
    assert LabelAgreement.between(two, one) == LabelAgreement(0, 1, 0, pair_f_score(two, one))
    assert LabelAgreement.between(one, two) == LabelAgreement(0, 0, 1, pair_f_score(one, two))


@pytest.mark.parametrize(
    "labels", [np.zeros(3, int), np.ones(3, int), np.arange(1, 4), np.zeros(0, int), np.array([5])]
)
def test_equal_maps_agree_fully(labels):
    assert LabelAgreement.between(labels, labels) == LabelAgreement(1, 0, 0, 1)


def test_other_shapes_are_an_error():
    with pytest.raises(ValueError, match=r"shape \(2,\), the reference \(3,\)"):
        LabelAgreement.between(np.ones(2, int), np.ones(3, int))


def test_joined_graphs_share_no_segment():
    first, second = np.array([[1, 0], [2, 2]]), np.array([0, 1, 1])
    assert join_labels([first, second]).tolist() == [1, 0, 2, 2, 0, 3, 3]
    assert join_labels([]).tolist() == []
