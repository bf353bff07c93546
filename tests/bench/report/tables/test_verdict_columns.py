"""A verdict needs enough rounds, and a difference larger than that of two equal processes."""

import pytest

from bench.report.tables.verdict_columns import TOO_FEW_ROUNDS, verdict_columns
from merge_impls.measurement_statistics import FASTER, INDISTINGUISHABLE


@pytest.mark.parametrize(
    ("speedups", "noise", "expected"),
    [
        ([[2.0]], [], TOO_FEW_ROUNDS),
        ([[2.0], [2.1]], [], TOO_FEW_ROUNDS),
        ([[2.0], [2.1], [1.9]], [], FASTER),
        ([[2.0], [2.1], [1.9]], [2.2, 2.2, 2.2], INDISTINGUISHABLE),
    ],
)
def test_a_verdict_needs_rounds_and_a_difference_beyond_the_noise(speedups, noise, expected):
    assert verdict_columns(speedups, noise)["verdict"] == expected
