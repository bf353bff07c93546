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
    ("speedups", "floor", "expected"),
    [
        ([2.0], None, TOO_FEW_ROUNDS),
        ([2.0, 2.1], None, TOO_FEW_ROUNDS),
        ([2.0, 2.1, 1.9], None, FASTER),
        ([2.0, 2.1, 1.9], 1.2, INDISTINGUISHABLE),
    ],
)
def test_a_verdict_needs_rounds_and_a_difference_beyond_the_noise(speedups, floor, expected):
    columns = verdict_columns(compare_by_round(speedups, [1.0] * len(speedups), floor))
    assert columns["verdict"] == expected


def test_the_baseline_and_few_images_have_no_interval():
    columns = [
        verdict_columns(compare_by_round([1.0] * 5, [1.0] * 5), is_baseline=True),
        verdict_columns(compare_by_image([[2.0]] * 3, [[1.0]] * 3)),
    ]
    assert [each["verdict"] for each in columns] == ["", "too few images"]
    assert np.isnan([[each["speedup_low"], each["speedup_high"]] for each in columns]).all()
