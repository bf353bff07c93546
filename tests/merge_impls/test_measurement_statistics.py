"""Bootstrap intervals, the noise floor, and verdicts on ratios of times."""

import numpy as np
import pytest

from merge_impls.measurement_statistics import (
    LEAST_IMAGES,
    LEAST_ROUNDS,
    LEAST_ROUNDS_OF_A_VERDICT,
    SHORT_FLOOR,
    SHORT_SECONDS,
    TOO_FEW_IMAGES,
    TOO_FEW_ROUNDS,
    TOO_SHORT,
    Interval,
    bootstrap_weights,
    compare_apart,
    compare_by_image,
    compare_by_round,
    draw_weights,
    each_alone,
    median_interval,
    median_interval_of_groups,
    noise_floor,
    percentile_bounds,
    ratio_of_medians,
    timing_warnings,
    verdict,
)


def test_every_draw_has_as_many_items_as_there_are():
    weights = bootstrap_weights(7, draws=50)
    assert weights.shape == (50, 7) and (weights.sum(axis=1) == 7).all() and (weights >= 0).all()
    assert np.array_equal(weights, bootstrap_weights(7, draws=50))


@pytest.mark.parametrize(("count", "bytes_of_weight"), [(255, 1), (256, 2), (5000, 2)])
def test_weights_of_draws_made_in_parts_are_those_of_all_draws(count, bytes_of_weight):
    weights = draw_weights(count, draws=120, seed=3)
    at_once = np.random.default_rng(3).multinomial(count, np.full(count, 1 / count), 120)
    assert np.array_equal(weights, at_once) and weights.itemsize == bytes_of_weight


def test_the_interval_of_a_median_has_the_stated_coverage():
    rng = np.random.default_rng(0)
    found = [median_interval(rng.normal(size=25)) for _ in range(200)]
    assert 0.85 < np.mean([each.low <= 0 <= each.high for each in found]) <= 1


def test_an_interval_contains_its_value_and_lies_within_the_values():
    for values in ([3.0], [1.0, 9.0], [2.0, 1.0, 5.0, 4.0]):
        found = median_interval(values)
        assert min(values) <= found.low <= found.value <= found.high <= max(values)


def test_groups_of_one_value_have_the_interval_of_the_values():
    values = np.random.default_rng(0).uniform(1, 2, 12)
    assert median_interval_of_groups([[each] for each in values]) == median_interval(values)


@pytest.mark.parametrize("sizes", [[1] * 6, [1] * 7, [3, 1, 2, 2], [4]])
def test_bounds_are_those_of_the_medians_of_the_drawn_values(sizes):
    rng = np.random.default_rng(5)
    groups = [rng.integers(1, 9, size) / 7 for size in sizes]
    draws = [np.repeat(np.arange(len(groups)), each) for each in bootstrap_weights(len(groups))]
    medians = [np.median(np.concatenate([groups[at] for at in draw])) for draw in draws]
    found = median_interval_of_groups(groups)
    assert (found.low, found.high) == percentile_bounds(np.array(medians))


def test_equal_values_in_a_group_do_not_narrow_an_interval():
    values = np.random.default_rng(0).uniform(1, 2, 11)
    one, many = median_interval(values), median_interval_of_groups([[each] * 9 for each in values])
    assert (many.low, many.value, many.high) == (one.low, one.value, one.high)


def test_more_rounds_with_independent_noise_narrow_an_interval():
    rng = np.random.default_rng(0)
    few, many = (median_interval_of_groups(rng.normal(1, 0.1, (12, n))) for n in (1, 25))
    assert many.high - many.low < 0.5 * (few.high - few.low)


def test_the_ratio_of_a_measurement_scales_with_it():
    rng = np.random.default_rng(0)
    values, others = rng.uniform(1, 2, (2, 15))
    one, twice = ratio_of_medians(values, others), ratio_of_medians(2 * values, others)
    assert (twice.value, twice.low, twice.high) == pytest.approx(
        (2 * one.value, 2 * one.low, 2 * one.high)
    )
    assert one.low <= one.value <= one.high


@pytest.mark.parametrize(
    ("bounds", "floor", "expected"),
    [
        ((1.1, 1.3), 0, "slower"),
        ((1.1, 1.3), 0.2, "indistinguishable"),
        ((0.7, 0.9), 0.05, "faster"),
        ((0.7, 0.9), 0.1, "indistinguishable"),
        ((0.9, 1.1), 0, "indistinguishable"),
    ],
)
def test_a_difference_counts_if_its_interval_is_above_the_floor(bounds, floor, expected):
    assert verdict(Interval(sum(bounds) / 2, *bounds), floor) == expected


def test_equal_measurements_are_indistinguishable_by_their_own_floor():
    rng = np.random.default_rng(0)
    for _ in range(20):
        ratios = rng.normal(1, 0.05, 9)
        floor = noise_floor(each_alone(ratios))
        assert verdict(median_interval(ratios), floor) == "indistinguishable"
    assert noise_floor([]) is None


def test_the_noise_floor_is_the_farther_bound_of_the_median_ratio():
    ratios = np.random.default_rng(0).normal(1, 0.05, (12, 3)).tolist()
    found, floor = median_interval_of_groups(ratios), noise_floor(ratios)
    assert floor == max(abs(found.low - 1), abs(found.high - 1)) >= abs(found.value - 1)
    assert noise_floor([[1 / each for each in group] for group in ratios]) > 0
    assert noise_floor(each_alone([1.02] * 5)) == pytest.approx(0.02)


def test_the_median_of_a_draw_is_that_of_its_values():
    groups = [[3.0, 1.0], [2.0], [7.0, 7.0, 4.0]]
    values, weights = np.concatenate(groups), bootstrap_weights(3).repeat([2, 1, 3], axis=1)
    medians = [np.median(values.repeat(each)) for each in weights]
    found = median_interval_of_groups(groups)
    assert [found.low, found.high] == np.quantile(medians, [0.025, 0.975]).tolist()


def test_a_verdict_needs_rounds_and_images():
    rounds, images = LEAST_ROUNDS_OF_A_VERDICT, LEAST_IMAGES
    compared = {
        compare_by_round([2.0] * (rounds - 1), [1.0] * rounds): TOO_FEW_ROUNDS,
        compare_by_round([2.0] * rounds, [1.0] * rounds): "slower",
        compare_apart([2.0] * (rounds - 1), [1.0] * rounds): TOO_FEW_ROUNDS,
        compare_apart([2.0] * rounds, [1.0] * rounds): "slower",
        compare_by_image([[2.0] * rounds] * (images - 1), [[1.0]] * (images - 1)): TOO_FEW_IMAGES,
        compare_by_image([[2.0]] * images, [[1.0]] * images): "slower",
        compare_by_image([[2.0]] * images, [[1.0]] * images).inverse(): "faster",
        compare_by_image([[2.0]] * images, [[1.0]] * images, floor=1.5): "indistinguishable",
    }
    assert {each: each.verdict for each in compared} == compared


@pytest.mark.parametrize("factor", [1 + SHORT_FLOOR / 2, 1 - SHORT_FLOOR / 2])
def test_a_small_difference_of_short_merges_has_no_verdict(factor):
    base = np.full(5, SHORT_SECONDS * 1.5)
    expected = "slower" if factor > 1 else "faster"
    assert compare_by_round(factor * base, base).verdict == expected
    short = compare_by_round(factor * base / 2, base / 2)
    assert short.verdict == TOO_SHORT == short.inverse().verdict
    assert compare_by_round(factor * base / 2, base / 2, floor=1.0).verdict == "indistinguishable"
    large = 2 if factor > 1 else 0.5
    assert compare_by_round(large * base / 2, base / 2).verdict == expected


def test_warnings_say_what_was_seen():
    steady = [1.0] * LEAST_ROUNDS
    assert timing_warnings(steady, steady) == []
    assert timing_warnings(steady[1:], steady[1:]) == [
        f"few rounds: {LEAST_ROUNDS - 1}, an interval needs {LEAST_ROUNDS}"
    ]
    assert timing_warnings([1, 1, 2, 2, 2], [1, 1, 2, 2, 2]) == [
        "wide spread: the quartiles differ by 50%"
    ]
    busy = [0.5 * each for each in steady]
    assert timing_warnings(steady, busy) == ["busy machine: 100% more wall time than CPU time"]
    assert timing_warnings(steady, busy, threads=2) == []
