"""A verdict needs enough rounds, and a difference larger than that of two equal processes."""

import numpy as np
import pytest

from bench.report.tables.verdict_columns import verdict_columns
from merge_impls.measurement_statistics import (
    FASTER,
    INDISTINGUISHABLE,
    TOO_FEW_ROUNDS,
    compare_by_image,
    compare_by_round,
)


@pytest.mark.parametrize(
    ("speedups", "noise", "expected"),
    [
        ([2.0], (), TOO_FEW_ROUNDS),
        ([2.0, 2.1], (), TOO_FEW_ROUNDS),
        ([2.0, 2.1, 1.9], (), FASTER),
        ([2.0, 2.1, 1.9], (2.2, 2.2, 2.2), INDISTINGUISHABLE),
    ],
)
def test_a_verdict_needs_rounds_and_a_difference_beyond_the_noise(speedups, noise, expected):
    assert verdict_columns(compare_by_round(speedups, noise))["verdict"] == expected


def test_the_baseline_and_few_images_have_no_interval():
    columns = [
        verdict_columns(compare_by_round([1.0] * 5), is_baseline=True),
        verdict_columns(compare_by_image([[2.0]] * 3)),
    ]
    assert [each["verdict"] for each in columns] == ["", "too few images"]
    assert np.isnan([[each["speedup_low"], each["speedup_high"]] for each in columns]).all()
