"""The largest merges of a segment: which they are, and how they join the parts of the segment."""

import numpy as np
import pytest
from PIL import Image

from bench.report.pictures.merge_drawing import draw_object_merges
from bench.report.pictures.object_merges import largest_merges
from merge_impls import MergeProblem, merge


def row_of_pixels(weights):
    """The result of a row of pixels whose neighbours have these affinities."""
    affinities = np.array([[[*weights, 0.0]]])
    return merge(MergeProblem.from_grid(affinities, [(0, 1)], [0], [0.1]))


@pytest.fixture(scope="module")
def noisy():
    """A merge of a noisy grid into few segments, in two stages."""
    rng = np.random.default_rng(0)
    affinities = rng.integers(0, 30, (4, 20, 30)) / 29
    offsets, stages = [(0, 1), (1, 0), (0, 4), (4, 0)], [0, 0, 1, 1]
    return merge(MergeProblem.from_grid(affinities, offsets, stages, [0.6, 0.45]))


def largest_segment(result):
    return int(result.sizes.argmax()) + 1


def test_two_halves_are_joined_by_the_largest_merge():
    """Pixels 0..2 and 3..6 merge first, then both at 0.5; pixel 7 is added last."""
    result = row_of_pixels([0.9, 0.9, 0.5, 0.8, 0.8, 0.8, 0.3])
    found = largest_merges(result.history, result.labels, 1, 1)
    (merged,) = found.merges
    assert found.parts.tolist() == [[1, 1, 1, 2, 2, 2, 2, 1]]
    assert (merged.stage, merged.clusters, merged.pixels) == (1, (0, 1), (3, 4))
    assert merged.weight == pytest.approx(0.5, abs=1e-4) and found.all_merges == 7


@pytest.mark.parametrize("count", [1, 5, 30])
def test_the_merges_are_those_with_the_largest_smaller_sides(noisy, count):
    segment = largest_segment(noisy)
    found = largest_merges(noisy.history, noisy.labels, segment, count)
    every = largest_merges(noisy.history, noisy.labels, segment, 10**6)
    assert len(every.merges) == every.all_merges == noisy.sizes[segment - 1] - 1
    smaller = sorted((min(each.pixels) for each in every.merges), reverse=True)
    assert sorted((min(each.pixels) for each in found.merges), reverse=True) == smaller[:count]


@pytest.mark.parametrize("count", [1, 5, 30, 10**6])
def test_the_parts_fill_the_segment_and_become_one_cluster(noisy, count):
    segment = largest_segment(noisy)
    found = largest_merges(noisy.history, noisy.labels, segment, count)
    np.testing.assert_array_equal(found.parts > 0, noisy.labels == segment)
    numbers = np.unique(found.parts[found.parts > 0])
    assert numbers.tolist() == [*range(1, len(found.merges) + 2)]
    joined = [cluster for each in found.merges for cluster in each.clusters]
    assert sorted(joined) == [*range(2 * len(found.merges))]


def test_all_merges_of_a_segment_are_its_history(noisy):
    segment = largest_segment(noisy)
    found = largest_merges(noisy.history, noisy.labels, segment, 10**6)
    own = noisy.history[noisy.labels.ravel()[noisy.history["a"]] == segment]
    assert [each.weight for each in found.merges] == own["weight"].tolist()
    assert [each.stage for each in found.merges] == (own["stage"] + 1).tolist()


def test_a_segment_of_one_pixel_is_one_part_without_merges():
    found = largest_merges(*single_pixel(), 2, 5)
    assert found.parts.tolist() == [[0, 1, 0]] and found.merges == []


def single_pixel():
    result = row_of_pixels([0.0, 0.0])
    return result.history, result.labels


@pytest.mark.parametrize("count", [0, 1, 6])
def test_the_picture_has_the_same_size_for_any_number_of_merges(noisy, tmp_path, count):
    segment = largest_segment(noisy)
    found = largest_merges(noisy.history, noisy.labels, segment, count)
    image = np.full((20, 30, 3), 99, np.uint8)
    draw_object_merges(tmp_path / "p.png", image, found, "object 1")
    with Image.open(tmp_path / "p.png") as picture:
        assert picture.size == (1400, 600)
