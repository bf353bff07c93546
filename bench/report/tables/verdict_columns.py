"""The columns that compare times with those of the baseline: the speedup, its interval, and the verdict."""

from collections.abc import Sequence
from typing import Any

import numpy as np

from merge_impls.measurement_statistics import median_interval_of_groups, noise_floor, verdict

TOO_FEW_ROUNDS = "too few rounds"
"""Stands in place of a verdict on fewer than ``LEAST_ROUNDS_OF_A_VERDICT`` rounds."""

LEAST_ROUNDS_OF_A_VERDICT = 3
"""The interval of one round or two says nothing about chance."""

NO_COMPARISON: dict[str, Any] = {
    "speedup": np.nan,
    "speedup_low": np.nan,
    "speedup_high": np.nan,
    "speedup_over": "",
    "noise_floor": np.nan,
    "verdict": "",
}
"""The columns of a row without a baseline."""


def verdict_columns(speedups: Sequence[Sequence[float]], noise: Sequence[float]) -> dict[str, Any]:
    """The columns of a row that is not the baseline, except ``speedup_over``.

    - ``speedup``: the median. ``speedup_low``, ``speedup_high``: its bootstrap interval.
    - ``noise_floor``: of the A/A measurement; nan without one.
    - ``verdict``: ``measurement_statistics.verdict`` on the ratio of times.

    speedups: baseline time / own time of each round, one list for each unit that the bootstrap draws:
        the rounds of an image, or one round of a field. At least one list; none is empty.
    noise: the ratios of an A/A measurement in the same run; [] if there was none.
    """
    interval = median_interval_of_groups(speedups)
    is_enough = sum(map(len, speedups)) >= LEAST_ROUNDS_OF_A_VERDICT
    return {
        "speedup": interval.value,
        "speedup_low": interval.low,
        "speedup_high": interval.high,
        "noise_floor": noise_floor_or_nan(noise),
        "verdict": verdict(interval.inverse(), noise_floor(noise)) if is_enough else TOO_FEW_ROUNDS,
    }


def noise_floor_or_nan(noise: Sequence[float]) -> float:
    """The noise floor of the ratios of an A/A measurement; nan if there are none."""
    return noise_floor(noise) if len(noise) else float("nan")
