"""Verdicts in a study of fields: on the time of a method, and whether goals are judged at all."""

from dataclasses import replace

import numpy as np
import pytest

from bench.report.pages.speed_notes import SPEED_OF_FIELDS
from bench.report.tables.field_measurements import reason_against_goals
from bench.report.tables.speed_by_method import speed_by_method_table
from bench.runner.study_file import read_study
from merge_impls.measurement_statistics import (
    LEAST_ROUNDS,
    LEAST_ROUNDS_OF_A_VERDICT,
    median_interval,
)
from tests.bench.report.tables.test_speed_study import image, record


@pytest.mark.parametrize(
    ("factor", "again", "words"),
    [
        (1.1, 1.02, "slower"),
        (0.9, 1.02, "faster"),
        (1.0, 1.02, "indistinguishable"),
        (1.1, 1.2, "indistinguishable"),
        (1.1, None, "slower"),
    ],
)
def test_a_verdict_needs_a_ratio_beyond_the_noise_floor(factor, again, words):
    rounds = [1.0, 3.0, 2.0, 1.5, 1.0]
    heap, c = record("heap", rounds), record("c", [factor * one for one in rounds])
    if again is not None:
        second = [again * one for one in rounds]
        heap = replace(heap, images=[replace(heap.images[0], seconds_again=second)])
    of_heap, of_c = (row for _, row in speed_by_method_table([heap, c], "mild").iterrows())
    assert (of_heap.verdict, of_c.verdict) == ("", words)
    assert of_c.speedup_low <= of_c.speedup <= of_c.speedup_high
    floor = np.nan if again is None else again - 1
    assert of_c.noise_floor == pytest.approx(floor, nan_ok=True)
    assert "few rounds" not in of_c.warnings and "wide spread" in of_c.warnings


@pytest.mark.parametrize("count", range(LEAST_ROUNDS_OF_A_VERDICT, LEAST_ROUNDS))
def test_the_interval_of_few_rounds_spans_all_of_them_as_the_note_says(count):
    ratios = [1.5, 0.5, 3.0, 2.0][:count]
    interval = median_interval(ratios)
    assert (interval.low, interval.high) == (min(ratios), max(ratios))
    # The median is below all independent values with the probability 1 / 2 ** count, and above them, too.
    assert f"{1 - 2 * 0.5**count} for {count}" in SPEED_OF_FIELDS


def test_a_method_that_merges_nothing_has_no_verdict():
    heap, merge = record("heap", [3.0] * 5), record("GASP", [1.0] * 5, computes="merges edges")
    sorted_only = replace(merge, images=[replace(merge.images[0], merges=0)])
    for method, words in ((merge, "faster"), (sorted_only, "")):
        row = speed_by_method_table([heap, method], "mild").iloc[-1]
        assert row["speedup"] > 1 and row["verdict"] == words


def test_goals_are_judged_for_the_noises_and_the_size_of_the_study_alone():
    study = read_study("speed")
    whole = [record(noise=noise) for noise in study.fields.noises]
    assert reason_against_goals(whole, study) == ""
    assert "noise mild instead of mild and strong" in reason_against_goals(whole[:1], study)
    small = [replace(each, images=[image("128x256")]) for each in whole]
    reason = reason_against_goals(small, study)
    assert reason.endswith("the study was changed (size 128x256 instead of 512x1024)")
