"""The synthetic fields never change, look like streets, and are neither too easy nor too hard to merge."""

import numpy as np
import pytest

from merge_impls import merge
from merge_impls.fields import CHECKSUMS, NOISE, THRESHOLDS, field, problem_checksum, true_instances
from merge_impls.offsets import PAPER_DISTANCES, offsets_at_distances, pair_slices


def affinities_at(problem, labels, distance):
    """The affinities of all edges of one length: inside an object, and between two objects."""
    same, different = [], []
    for offset, channel in zip(problem.offsets, problem.affinities, strict=True):
        if np.abs(offset).max() == distance:
            first, second = pair_slices(problem.shape, offset)
            inside = problem.mask[first] & problem.mask[second]
            alike = labels[first] == labels[second]
            same.append(channel[first][inside & alike])
            different.append(channel[first][inside & ~alike])
    return np.concatenate(same) / 65535, np.concatenate(different) / 65535


def mean_best_iou(labels, segments):
    """The IoU of each object with the segment that fits it best, averaged over the pixels of the objects."""
    width = segments.max() + 1
    counts = np.bincount(labels.ravel().astype(np.int64) * width + segments.ravel())
    common = np.pad(counts, (0, -len(counts) % width)).reshape(-1, width)[1:, 1:]
    sizes, areas = common.sum(axis=1, keepdims=True), common.sum(axis=0, keepdims=True)
    best = (common / (sizes + areas - common)).max(axis=1)
    return np.average(best, weights=sizes[:, 0])


@pytest.mark.parametrize(
    "which",
    [
        pytest.param(which, marks=[pytest.mark.exhaustive] * (which[0] > 512), id=str(which))
        for which in CHECKSUMS
    ],
)
def test_standard_fields_have_their_frozen_checksums(which):
    assert problem_checksum(field(*which)) == CHECKSUMS[which]


def test_a_checksum_depends_on_affinities_and_mask():
    problem = field(16, 32)
    affinities, mask = problem.affinities.copy(), problem.mask.copy()
    affinities[27, 15, 31] ^= 1
    mask[0, 0] ^= True
    again = {"offsets": problem.offsets, "stages": problem.stages, "thresholds": [0.5] * 3}
    sums = {
        problem_checksum(type(problem).from_grid(q, mask=m, **again))
        for q in (problem.affinities, affinities)
        for m in (problem.mask, mask)
    }
    assert len(sums) == 4 and problem_checksum(problem) in sums


def test_noise_changes_the_field_and_the_seed_also_its_street():
    mild, strong, other = field(64, 128), field(64, 128, "strong"), field(64, 128, seed=1)
    assert len({problem_checksum(problem) for problem in (mild, strong, other)}) == 3
    np.testing.assert_array_equal(mild.mask, strong.mask)
    assert (mild.mask != other.mask).any()


@pytest.mark.parametrize("size", [(8, 8), (16, 32), (9, 300), (200, 60), (101, 203)])
def test_a_field_of_any_size_has_the_papers_offsets_and_stages(size):
    problem = field(*size, seed=3)
    assert problem.shape == size and problem.affinities.dtype == np.uint16
    np.testing.assert_array_equal(problem.offsets, offsets_at_distances())
    assert np.bincount(problem.stages).tolist() == [12, 8, 8]
    np.testing.assert_array_equal(problem.mask, true_instances(*size, seed=3) > 0)
    assert problem.mask.any() and not problem.mask.all()


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ((7, 32), "a field of 7x32 is too small"),
        ((32, 32, "loud"), "noise is 'loud'; known are 'mild' and 'strong'"),
        ((32, 32, "mild", 0, "median"), "linkage is 'median'"),
    ],
)
def test_bad_arguments_are_refused_in_one_line(arguments, words):
    with pytest.raises(ValueError, match=words):
        field(*arguments)


@pytest.mark.parametrize("seed", range(4))
def test_objects_fill_the_documented_share_of_the_picture(seed):
    assert 0.36 < field(128, 256, seed=seed).mask.mean() < 0.42


def test_near_objects_are_larger_than_those_at_the_horizon():
    labels = true_instances(256, 512)
    feet = np.array(
        [np.flatnonzero((labels == i).any(1)).max() for i in range(1, labels.max() + 1)]
    )
    areas = np.bincount(labels.ravel())[1:]
    near = feet > np.median(feet)
    assert areas[near].mean() > 10 * areas[~near].mean()
    assert np.median(feet) < 0.6 * 256


def test_some_objects_are_hidden_in_part_and_fall_into_pieces():
    labels = true_instances(256, 512)
    in_parts = 0
    for number in range(1, labels.max() + 1):
        columns = np.flatnonzero((labels == number).any(axis=0))
        in_parts += (np.diff(columns) > 4).any()
    assert in_parts >= 3


@pytest.mark.parametrize("distance", PAPER_DISTANCES[:-1])
def test_affinities_separate_most_pairs_in_one_object_from_others(distance):
    labels = true_instances(256, 512)
    for noise in NOISE:
        same, different = affinities_at(field(256, 512, noise), labels, distance)
        assert np.median(same) > 0.9 and np.median(different) < 0.6
        assert (same < 0.5).any() and (different > 0.5).any()


def test_more_pairs_are_uncertain_at_longer_offsets():
    problem = field(256, 512)
    labels = true_instances(256, 512)
    uncertain = []
    for distance in PAPER_DISTANCES:
        same, _ = affinities_at(problem, labels, distance)
        uncertain.append(np.mean((same > 0.1) & (same < 0.9)))
    assert uncertain[0] > 0.02
    assert uncertain == sorted(uncertain) and uncertain[-1] > 3 * uncertain[0]


def test_strong_noise_makes_more_low_affinities_in_objects():
    labels = true_instances(128, 256)
    mild, strong = (
        affinities_at(field(128, 256, noise), labels, 2)[0] for noise in ("mild", "strong")
    )
    assert np.mean(strong < 0.5) > 1.2 * np.mean(mild < 0.5)


@pytest.mark.parametrize("linkage", ["average", "weighted"])
@pytest.mark.parametrize("noise", NOISE)
def test_every_stage_merges_and_no_segment_takes_a_third(linkage, noise):
    problem = field(128, 256, noise, linkage=linkage)
    np.testing.assert_array_equal(
        problem.thresholds, np.float32(np.rint(np.multiply(THRESHOLDS[linkage], 65535)) / 65535)
    )
    result = merge(problem)
    assert (np.bincount(result.history["stage"], minlength=3) > 0.001 * result.sizes.sum()).all()
    assert len(result.sizes) < 0.2 * problem.mask.sum()
    assert result.sizes.max() < 0.3 * problem.mask.sum()


def test_average_finds_objects_at_mild_noise_and_fewer_at_strong():
    found = {noise: [] for noise in NOISE}
    for seed in range(3):
        labels = true_instances(128, 256, seed)
        for noise in NOISE:
            found[noise].append(mean_best_iou(labels, merge(field(128, 256, noise, seed)).labels))
    assert min(found["mild"]) > 0.8
    assert 0.5 < np.mean(found["strong"]) < np.mean(found["mild"]) - 0.05
