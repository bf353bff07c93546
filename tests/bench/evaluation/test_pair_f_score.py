"""The F-score over pairs of pixels, which measures how similar two segmentations are."""

from itertools import product

import numpy as np
import pytest

from bench.evaluation.pair_f_score import pair_f_score


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
