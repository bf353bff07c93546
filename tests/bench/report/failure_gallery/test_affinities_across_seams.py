"""The affinities across a seam equal those of a plain loop over all pairs of pixels."""

import numpy as np
import pytest

from bench.report.failure_gallery.seams import find_most_important_seam, mean_affinities_across

OFFSETS = [(d * dy, d * dx) for d in (1, 2, 4) for dy, dx in ((0, 1), (1, -1), (1, 0), (1, 1))]
SHAPE = (9, 12)


def plain_loop(one, other, affinity):
    """Sums and numbers of pairs by distance, and for each pixel the affinities of its pairs."""
    by_distance, by_pixel = {}, {}
    for channel, (dy, dx) in enumerate(OFFSETS):
        for y in range(SHAPE[0]):
            for x in range(SHAPE[1]):
                v, w = y + dy, x + dx
                if not (0 <= v < SHAPE[0] and 0 <= w < SHAPE[1]):
                    continue
                if (one[y, x] and other[v, w]) or (other[y, x] and one[v, w]):
                    value = float(affinity[channel, y, x])
                    by_distance.setdefault(max(abs(dy), abs(dx)), []).append(value)
                    for pixel in ((y, x), (v, w)):
                        by_pixel.setdefault(pixel, []).append(value)
    return by_distance, by_pixel


@pytest.mark.parametrize("inside", [False, True], ids=["across", "inside one side"])
def test_means_across_a_seam_equal_those_of_a_plain_loop(inside):
    random = np.random.default_rng(3)
    labels = random.integers(0, 3, SHAPE)
    one, other = labels == 1, labels == (1 if inside else 2)
    affinity = random.random((len(OFFSETS), *SHAPE), np.float32)
    frame, by_pixel_found = mean_affinities_across(one, other, affinity, OFFSETS)
    by_distance, by_pixel = plain_loop(one, other, affinity)
    assert frame["distance"].tolist() == [1, 2, 4]
    assert frame["pairs"].tolist() == [len(by_distance[d]) for d in (1, 2, 4)]
    assert frame["affinity"].tolist() == pytest.approx([np.mean(by_distance[d]) for d in (1, 2, 4)])
    assert {tuple(pixel) for pixel in np.argwhere(np.isfinite(by_pixel_found)).tolist()} == set(
        by_pixel
    )
    for pixel, values in by_pixel.items():
        assert by_pixel_found[pixel] == pytest.approx(np.mean(values))


def test_a_distance_without_pairs_has_no_mean():
    one, other = np.zeros(SHAPE, bool), np.zeros(SHAPE, bool)
    one[:, :4], other[:, 6:] = True, True
    frame, _ = mean_affinities_across(one, other, np.ones((len(OFFSETS), *SHAPE)), OFFSETS)
    assert (frame["pairs"] > 0).tolist() == [False, False, True]
    assert np.isnan(frame["affinity"]).tolist() == [True, True, False]


def test_pixels_of_a_seam_are_one_gap_away_from_the_other_side():
    random = np.random.default_rng(4)
    for _ in range(20):
        labels = np.where(random.random(SHAPE) < 0.1, random.integers(1, 3, SHAPE), 0)
        labels[0, 0], labels[-1, -1] = 1, 2
        ends = {side: np.argwhere(labels == side) for side in (1, 2)}
        steps = abs(ends[1][:, None] - ends[2][None]).max(axis=2)
        seam = find_most_important_seam(labels, (1, 2))
        assert seam.gap == steps.min()
        near = [*ends[1][steps.min(axis=1) == seam.gap], *ends[2][steps.min(axis=0) == seam.gap]]
        assert sorted(map(tuple, near)) == [tuple(pixel) for pixel in seam.pixels]
