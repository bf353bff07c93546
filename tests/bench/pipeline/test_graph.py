"""The steps from a prediction to a graph, each compared with a plain loop over pixels."""

from math import exp

import numpy as np
import pytest

from bench.pipeline.graph import RegionGraph
from bench.pipeline.prediction import Prediction
from bench.pipeline.refinement import refine_affinities, sigma
from bench.pipeline.regions import whole_image_region
from bench.pipeline.super_classes import super_class_probabilities
from tests.bench.graph_helpers import GROUPS, OFFSETS, SIZE, graph_of, pairs


def test_equation_6_at_known_points():
    assert sigma(np.float64(0)) == 0
    assert sigma(np.float64(1)) == pytest.approx(0.9866143, abs=1e-7)
    assert sigma(np.float64(0.2)) == pytest.approx(0.4621172, abs=1e-7)
    assert sigma(np.float64(1), alpha=1.0) == pytest.approx(0.4621172, abs=1e-7)
    assert (np.diff(sigma(np.linspace(0, 1, 100))) > 0).all()


def test_the_paper_s_first_threshold_needs_an_inner_product_of_about_0_84():
    assert sigma(np.float64(0.83)) < 0.97 < sigma(np.float64(0.84))


def literal_refinement(affinity, semantic):
    """Equations 5 and 6 for one pixel pair at a time, in double precision."""
    refined = np.zeros(affinity.shape)
    sums = [sum(semantic[channel].astype(float) for channel in group) for group in GROUPS]
    for channel, offset in enumerate(OFFSETS):
        for x, y in pairs(SIZE, offset):
            classes = []
            for pixel in (x, y):
                chances = [float(semantic[0][pixel])] + [float(each[pixel]) for each in sums]
                classes.append(chances.index(max(chances)))
            if classes[0] == classes[1]:
                inner = sum(float(each[x]) * float(each[y]) for each in sums)
                factor = 2 * (1 / (1 + exp(-5 * inner)) - 1 / 2)
                refined[(channel, *x)] = factor * float(affinity[(channel, *x)])
    return refined


@pytest.mark.parametrize("seed", range(3))
def test_refinement_is_equations_5_and_6_for_every_pixel_pair(random_maps, seed):
    affinity, semantic = random_maps(seed, SIZE, len(OFFSETS))
    sums, super_class = super_class_probabilities(semantic, GROUPS)
    expected = literal_refinement(affinity, semantic)
    kept = affinity.copy()
    got = refine_affinities(affinity, OFFSETS, sums, super_class)
    assert np.array_equal(affinity, kept)
    assert np.array_equal(got > 0, expected > 0)
    assert 0.1 < (expected > 0).mean() < 0.9
    assert np.allclose(got, expected, atol=1e-6)


def refined_pair(left, right):
    """The affinity of two pixels with these class probabilities after refinement; before, it is 1."""
    semantic = np.stack([left, right], axis=1)[:, None].astype(np.float32)
    sums, super_class = super_class_probabilities(semantic, GROUPS)
    return refine_affinities(np.ones((1, 1, 2), np.float32), [(0, 1)], sums, super_class)[0, 0, 0]


def chances(**of_channels):
    values = np.zeros(9)
    for channel, chance in of_channels.items():
        values[int(channel[1:])] = chance
    return values


def test_only_classes_of_one_super_class_count_as_similar():
    person, rider, car = chances(c1=1), chances(c2=1), chances(c3=1)
    assert refined_pair(person, rider) == refined_pair(person, person) > 0.98
    assert refined_pair(person, car) == 0


def test_background_probability_does_not_make_pixels_similar():
    unsure = chances(c0=0.4, c1=0.6)
    assert refined_pair(unsure, unsure) == pytest.approx(sigma(np.float64(0.36)), abs=1e-6)


def test_a_sum_over_the_super_class_can_outweigh_the_likeliest_class():
    """Person is the most likely class, but all vehicle classes together are more likely."""
    mixed = chances(c1=0.4, c3=0.3, c4=0.3)
    inner = 0.4 * 0 + 0.6 * 1
    assert refined_pair(mixed, chances(c5=1)) == pytest.approx(sigma(np.float64(inner)), abs=1e-6)
    assert refined_pair(mixed, chances(c1=1)) == 0


def problem_of(random_maps, seed=0, linkage="average"):
    prediction = Prediction(*random_maps(seed, SIZE, len(OFFSETS)))
    return prediction, graph_of(prediction, linkage).problem


@pytest.mark.parametrize("linkage", ["average", "weighted"])
def test_the_problem_holds_the_refined_affinities_as_fixed_point(random_maps, linkage):
    prediction, problem = problem_of(random_maps, linkage=linkage)
    refined = refine_affinities(
        prediction.affinity, OFFSETS, *super_class_probabilities(prediction.semantic, GROUPS)
    )
    assert np.array_equal(problem.affinities, np.rint(refined.astype(np.float64) * 65535))
    assert problem.affinities.dtype == np.uint16
    assert problem.linkage == linkage
    assert problem.offsets.tolist() == [[*offset] for offset in OFFSETS]
    assert problem.stages.tolist() == [0] * 4 + [1] * 8
    assert problem.thresholds == pytest.approx([0.9, 0.4], abs=1e-5)


def test_the_mask_is_the_foreground_by_argmax_over_super_classes(random_maps):
    prediction, problem = problem_of(random_maps)
    sums = np.stack([prediction.semantic[group].sum(axis=0) for group in GROUPS])
    expected = sums.max(axis=0) > prediction.semantic[0]
    by_class = prediction.semantic.argmax(axis=0) > 0
    assert np.array_equal(problem.mask, expected)
    assert not np.array_equal(expected, by_class), "the maps must distinguish the two rules"


@pytest.mark.parametrize("seed", range(3))
def test_only_edges_between_foreground_pixels_are_counted(random_maps, seed):
    _, problem = problem_of(random_maps, seed)
    expected = sum(
        bool(problem.mask[here] and problem.mask[there])
        for offset in OFFSETS
        for here, there in pairs(SIZE, offset)
    )
    assert 0 < problem.count_edges() == expected


@pytest.mark.parametrize("flm", [1, 2])
def test_the_same_graph_with_another_linkage_and_thresholds(random_maps, flm):
    prediction = Prediction(*random_maps(2, SIZE, len(OFFSETS)))
    region = RegionGraph(whole_image_region(SIZE), prediction, graph_of(prediction, flm=flm))
    problem, other = (
        region.graph.problem,
        region.with_merge_settings("weighted", [0.5, 0.1]).graph.problem,
    )
    assert (problem.linkage, other.linkage) == ("average", "weighted")
    assert other.thresholds == pytest.approx([0.5, 0.1], abs=1e-5)
    assert np.array_equal(other.affinities, problem.affinities)
    assert np.array_equal(other.stages, problem.stages)


def test_par_by_classes_is_equation_5(random_maps):
    prediction = Prediction(*random_maps(3, SIZE, len(OFFSETS)))
    problem = graph_of(prediction, par="classes").problem
    for channel, offset in enumerate(OFFSETS):
        for x, y in pairs(SIZE, offset):
            inner = sum(
                float(prediction.semantic[i][x]) * float(prediction.semantic[i][y])
                for i in range(1, 9)
            )
            expected = (2 / (1 + exp(-5 * inner)) - 1) * float(prediction.affinity[(channel, *x)])
            assert problem.affinities[(channel, *x)] == pytest.approx(65535 * expected, abs=0.6)
