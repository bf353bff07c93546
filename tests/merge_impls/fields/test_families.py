"""The families of hard graphs never change, have the requested size, and have the property that is hard."""

import numpy as np
import pytest

from merge_impls import merge
from merge_impls.argument_checks import LINKAGES
from merge_impls.fields import (
    FAMILIES,
    FAMILY_CHECKSUMS,
    field,
    graph_of_family,
    problem_checksum,
    real_volumes,
    reason_family_is_missing,
)
from merge_impls.fields.dense_grids import dense_2d
from merge_impls.fields.grid_sizes import grid_shape, rounded_root
from merge_impls.fields.pixel_affinities import random_powers, smallest_on_the_way
from merge_impls.fields.portable_random import PortableRandom
from merge_impls.fields.street_variants import street_shape

SIZE = 20_000
SEEDED = [name for name, family in FAMILIES.items() if family.is_seeded]
REAL = [name for name in FAMILIES if name not in SEEDED]
MASKED_OUT = [name for name, family in FAMILIES.items() if family.masked_out]
WITH_EDGES = [name for name in SEEDED if name not in MASKED_OUT]


def segment_sizes(family, linkage="average", size=SIZE):
    """Merge a graph of a family; return the sizes of its segments, the largest first."""
    return np.sort(merge(graph_of_family(family, size, linkage=linkage)).sizes)[::-1]


@pytest.mark.parametrize("which", FAMILY_CHECKSUMS, ids=lambda which: f"{which[0]}-{which[1]}")
def test_standard_graphs_have_their_frozen_checksums(which):
    assert problem_checksum(graph_of_family(*which)) == FAMILY_CHECKSUMS[which]


def test_every_family_has_checksums_and_says_what_it_stands_for():
    assert {name for name, _ in FAMILY_CHECKSUMS} == set(SEEDED)
    assert all(len(family.stands_for) > 30 for family in FAMILIES.values())
    assert len({family.stands_for for family in FAMILIES.values()}) == len(FAMILIES)


@pytest.mark.parametrize("family", SEEDED)
def test_a_graph_depends_on_family_size_and_seed_alone(family):
    problem = graph_of_family(family, 3000, seed=5)
    assert problem_checksum(problem) == problem_checksum(
        graph_of_family(family, 3000, seed=5, linkage="weighted")
    )
    assert problem_checksum(problem) != problem_checksum(graph_of_family(family, 6000, seed=5))
    assert len(problem.shape) == FAMILIES[family].dimensions
    if family != "empty-mask":
        assert problem_checksum(problem) != problem_checksum(graph_of_family(family, 3000, seed=6))


@pytest.mark.parametrize("linkage", LINKAGES)
@pytest.mark.parametrize("family", SEEDED)
def test_the_smallest_graphs_are_problems_of_any_linkage(family, linkage):
    assert graph_of_family(family, 1, linkage=linkage).linkage == linkage


@pytest.mark.parametrize("family", WITH_EDGES)
def test_the_number_of_edges_is_about_the_requested_size(family):
    small, large = (graph_of_family(family, size).count_edges() for size in (50_000, 800_000))
    assert 0.5 * 50_000 < small < 1.2 * 50_000
    assert 0.75 * 800_000 < large < 1.2 * 800_000


@pytest.mark.parametrize("family", MASKED_OUT)
def test_a_masked_out_grid_has_few_edges_at_every_size(family):
    for size in (50_000, 800_000):
        problem = graph_of_family(family, size)
        assert problem.shape == street_shape(size)
        assert problem.count_edges() < 3000
    assert problem.mask.any() == (family == "nearly-empty-mask")


@pytest.mark.parametrize("noise", ["mild", "strong"])
def test_streets_are_the_fields_of_their_shape(noise):
    problem = graph_of_family(f"street-{noise}", 600_000)
    assert problem_checksum(problem) == problem_checksum(field(*problem.shape, noise))
    assert street_shape(9 * 512 * 1024) == (512, 1024)


def test_variants_of_a_street_have_its_foreground_and_few_values():
    street = graph_of_family("street-mild", SIZE)
    for family, most in (("eight-bit", 256), ("two-valued", 2), ("constant", 1)):
        problem = graph_of_family(family, SIZE)
        np.testing.assert_array_equal(problem.mask, street.mask)
        assert len(np.unique(problem.affinities)) <= most
    rounded = graph_of_family("eight-bit", SIZE).affinities
    assert (np.abs(rounded.astype(int) - street.affinities) <= 128).all()
    assert (rounded % 257 == 0).all()


@pytest.mark.parametrize("linkage", ["average", "weighted"])
@pytest.mark.parametrize("family", ["dense-2d", "dense-3d"])
def test_a_dense_grid_has_a_giant_segment_and_many_single_pixels(family, linkage):
    found = segment_sizes(family, linkage)
    assert found[0] > 0.6 * found.sum() and found[1] < 10
    assert (found == 1).sum() > 0.03 * found.sum()


def test_a_dense_pair_has_the_smaller_of_two_powers():
    problem = dense_2d(200, PortableRandom(3), "average")
    random = PortableRandom(3).integers(problem.shape, 40) / 2**40
    np.testing.assert_array_equal(problem.offsets, [(0, 1), (1, 0)])
    expected = np.minimum(random[:, 1:], random[:, :-1]) ** 0.25
    np.testing.assert_allclose(problem.affinities[0, :, :-1] / 65535, expected, atol=0.6 / 65535)


@pytest.mark.parametrize("linkage", ["average", "weighted"])
def test_microscopy_has_large_cells_and_many_single_voxels(linkage):
    found = segment_sizes("microscopy", linkage, 400_000)
    assert 0.2 < (found == 1).sum() / found.sum() < 0.5
    assert (found > 0.01 * found.sum()).sum() >= 10
    assert found[0] < 0.3 * found.sum()


def test_in_meeting_segments_large_segments_of_similar_size_merge():
    problem = graph_of_family("meeting-segments", SIZE)
    history = merge(problem).history
    size = np.ones(problem.num_vertices, int)
    balanced = 0
    for a, b in zip(history["a"], history["b"], strict=True):
        balanced += min(size[a], size[b]) > 100 and max(size[a], size[b]) < 3 * min(
            size[a], size[b]
        )
        size[a] += size[b]
    assert balanced >= 10


def test_the_hub_of_a_star_gathers_most_leaves():
    problem = graph_of_family("star", SIZE)
    degrees = np.bincount(problem.edges.ravel())
    assert degrees[0] == SIZE // 2 and set(degrees[1:]) == {3}
    assert segment_sizes("star")[0] > SIZE // 4


def test_hubs_are_large_vertices_with_neighbours_in_common():
    degrees = np.sort(np.bincount(graph_of_family("hubs", SIZE).edges.ravel()))[::-1]
    count = rounded_root(SIZE, 3)
    assert degrees[count - 1] > 100 * degrees[count]


def test_regions_have_thirteen_neighbours_and_merge_to_objects():
    problem = graph_of_family("regions", 100_000)
    degrees = np.bincount(problem.edges.ravel())
    assert 10_000 < problem.num_vertices < 20_000 and 11 < degrees.mean() < 14
    found = segment_sizes("regions", size=100_000)
    assert found[0] < 0.2 * found.sum() and np.median(found) > 1


def test_smallest_on_the_way_is_the_minimum_over_all_pixels_passed():
    pixels = np.array([[9, 3, 7, 8, 1], [5, 6, 2, 4, 9]], np.uint16)
    way = smallest_on_the_way(pixels, np.array([(0, 3), (1, -2), (1, 0), (5, 0)]))
    assert way[0].tolist() == [[3, 1, 0, 0, 0], [2, 2, 0, 0, 0]]
    assert way[1].tolist() == [[0, 0, 5, 6, 1], [0] * 5]
    assert way[2].tolist() == [[5, 3, 2, 4, 1], [0] * 5]
    assert not way[3].any()


def test_random_powers_are_the_powers_of_uniform_numbers():
    powers = random_powers(PortableRandom(1), (500,), lambda values: values * values)
    expected = np.sqrt(PortableRandom(1).integers((500,), 40) / 2**40)
    np.testing.assert_allclose(powers / 65535, expected, atol=0.6 / 65535)


@pytest.mark.parametrize("degree", [2, 3])
def test_roots_are_rounded_to_the_nearest_integer(degree):
    for value in [*range(200), 10**9, 10**9 + 1, 7**12]:
        root = rounded_root(value, degree)
        assert (root - 0.5) ** degree <= value or root == 0
        assert value < (root + 0.5) ** degree


def test_a_grid_has_about_the_pixels_and_proportions_given():
    assert grid_shape(512 * 512, (1, 1)) == (512, 512)
    assert grid_shape(60**3, (1, 1, 1)) == (60, 60, 60)
    assert grid_shape(50 * 100 * 200, (1, 2, 4)) == (50, 100, 200)
    assert grid_shape(0, (1, 2)) == (1, 1)


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("dense", 100), "family is 'dense'; known are street-mild, "),
        (("star", 0), "a graph of 0 edges is too small"),
        (("star", 100, 0, "median"), "linkage is 'median'"),
    ],
)
def test_bad_arguments_are_refused_in_one_line(arguments, words):
    with pytest.raises(ValueError, match=words):
        graph_of_family(*arguments)


@pytest.mark.skipif(
    bool(reason_family_is_missing(REAL[0])), reason=reason_family_is_missing(REAL[0]) or "there"
)
@pytest.mark.parametrize("linkage", ["average", "weighted"])
@pytest.mark.parametrize("family", REAL)
def test_a_real_volume_has_many_single_voxels(family, linkage):
    found = segment_sizes(family, linkage, 1_000_000)
    assert (found == 1).sum() > 0.2 * found.sum() and found[0] > 10_000


@pytest.mark.skipif(
    bool(reason_family_is_missing(REAL[0])), reason=reason_family_is_missing(REAL[0]) or "there"
)
def test_a_real_volume_is_whole_at_its_size_cut_below_and_mirrored_above():
    whole, cut, large = (
        graph_of_family("real-microscopy", size) for size in (10**7, 10**6, 2 * 10**7)
    )
    assert whole.shape == (50, 100, 200)
    z, y, x = cut.shape
    np.testing.assert_array_equal(cut.affinities[0, ..., :-1], whole.affinities[0, :z, :y, : x - 1])
    lowest, highest = large.affinities[0, 49], large.affinities[0, 50]
    np.testing.assert_array_equal(lowest, highest)


def test_real_files_that_are_absent_are_a_reason(monkeypatch, tmp_path):
    monkeypatch.setattr(real_volumes, "_BOUNDARIES", tmp_path / "nowhere.h5")
    assert "../shared/data/em" in reason_family_is_missing(REAL[0])
    with pytest.raises(ValueError, match="no real volumes are beside the clone"):
        graph_of_family(REAL[0], 1000)
    assert reason_family_is_missing(SEEDED[0]) == ""
