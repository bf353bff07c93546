"""Semantic class refinement, compared with a plain loop over pixel pairs."""

from itertools import product
from math import exp

import numpy as np
import pytest

from bench.pipeline.refinement import refine_confused_classes, sigma

SIZE = (12, 15)
OFFSETS = [(0, 1), (1, 1), (0, 4), (4, -4), (4, 0), (1, 4), (4, 4), (3, -4), (0, 5), (12, 0)]
AT_FOUR = [2, 3, 4, 5, 6, 7]
PAIR = (1, 3)


def literal(affinity, semantic, distance, within, alpha=5.0):
    """The refined affinities in double precision, and which of them are changed, (K, H, W) bool."""
    refined, changed = affinity.astype(float), np.zeros(affinity.shape, bool)
    for channel, (dy, dx) in enumerate(OFFSETS):
        for y, x in product(range(SIZE[0]), range(SIZE[1])):
            there = y + dy, x + dx
            if not (0 <= there[0] < SIZE[0] and 0 <= there[1] < SIZE[1]):
                continue
            ends = []
            for pixel in ((y, x), there):
                chances = [float(channel_map[pixel]) for channel_map in semantic]
                ends.append(chances.index(max(chances)))
            mixed = sorted(ends) == sorted(PAIR)
            alike = ends[0] == ends[1] and ends[0] in PAIR
            if max(abs(dy), abs(dx)) == distance and (mixed or (within and alike)):
                value = float(affinity[channel, y, x])
                refined[channel, y, x] = 2 * (1 / (1 + exp(-alpha * value)) - 1 / 2)
                changed[channel, y, x] = True
    return refined, changed


@pytest.mark.parametrize("within", [False, True])
@pytest.mark.parametrize("seed", range(3))
def test_only_pairs_of_both_classes_at_the_distance_are_mapped(random_maps, seed, within):
    affinity, semantic = random_maps(seed, SIZE, len(OFFSETS), classes=3)
    kept = affinity.copy()
    got = refine_confused_classes(affinity, OFFSETS, semantic, PAIR, distance=4, within=within)
    expected, changed = literal(affinity, semantic, 4, within)
    assert np.array_equal(affinity, kept)
    assert got.dtype == np.float32
    assert all(changed[channel].any() for channel in AT_FOUR)
    assert np.allclose(got, expected, atol=1e-6)
    assert np.array_equal(got[~changed], affinity[~changed])
    assert not changed[[c for c in range(len(OFFSETS)) if c not in AT_FOUR]].any()


def of_classes(*classes, num_channels=4):
    """(1 + C, 1, W): the class probabilities, 0 and 1, of a row of pixels with these classes."""
    return (np.arange(num_channels)[:, None, None] == [classes]).astype(np.float32)


@pytest.mark.parametrize(
    ("ends", "mixed", "within"),
    [
        ((1, 3), True, True),
        ((3, 1), True, True),
        ((1, 1), False, True),
        ((3, 3), False, True),
        ((1, 2), False, False),
        ((2, 3), False, False),
        ((2, 2), False, False),
        ((0, 1), False, False),
        ((0, 0), False, False),
    ],
)
def test_class_refinement_applies_to_the_chosen_pairs_of_classes(ends, mixed, within):
    affinity = np.full((1, 1, 2), 0.4, np.float32)
    for option, expected in [(False, mixed), (True, within)]:
        got = refine_confused_classes(affinity, [(0, 1)], of_classes(*ends), PAIR, 1, option)[0, 0]
        value = sigma(np.float32(0.4)) if expected else np.float32(0.4)
        assert got.tolist() == [value, np.float32(0.4)]  # the last pixel has no partner


def test_a_pixel_that_is_most_likely_background_has_no_class():
    unsure = np.array([[0.5, 0.2], [0.4, 0], [0, 0], [0.1, 0.8]], np.float32)[:, None]
    affinity = np.full((1, 1, 2), 0.4, np.float32)
    assert np.array_equal(
        refine_confused_classes(affinity, [(0, 1)], unsure, PAIR, 1, True), affinity
    )


def test_the_distance_is_64_unless_another_is_given():
    semantic = of_classes(*[1] * 40, *[3] * 40)
    offsets = [(0, 32), (0, 64)]
    affinity = np.full((2, 1, 80), 0.4, np.float32)
    got = refine_confused_classes(affinity, offsets, semantic, PAIR)
    assert np.array_equal(got[0], affinity[0])
    assert (got[1, 0, :16] == sigma(np.float32(0.4))).all()
    assert (got[1, 0, 16:] == affinity[1, 0, 16:]).all()
    got = refine_confused_classes(affinity, offsets, semantic, PAIR, distance=32)
    assert np.array_equal(got[1], affinity[1]) and (got[0, 0, 8:40] > 0.4).all()


def test_alpha_is_that_of_equation_6():
    affinity, semantic = np.full((1, 1, 2), 0.4, np.float32), of_classes(1, 3)
    got = refine_confused_classes(affinity, [(0, 1)], semantic, PAIR, 1, alpha=2.0)[0, 0, 0]
    assert got == pytest.approx(2 / (1 + exp(-0.8)) - 1, abs=1e-6)


def test_a_distance_without_offsets_and_a_wrong_pair_are_refused():
    affinity, semantic = np.full((2, 1, 2), 0.4, np.float32), of_classes(1, 3)
    offsets = [(0, 1), (2, -2)]
    with pytest.raises(ValueError, match="distance is 64, but the offsets have distances 1, 2"):
        refine_confused_classes(affinity, offsets, semantic, PAIR)
    for pair in [(1, 1), (1, 4), (-1, 2)]:
        with pytest.raises(ValueError, match="give two different channels of semantic, 0..3"):
            refine_confused_classes(affinity, offsets, semantic, pair, 1)
