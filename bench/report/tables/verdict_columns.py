"""The columns that compare times with those of the baseline: the speedup, its interval, and the verdict."""

from typing import Any

import numpy as np

from merge_impls.measurement_statistics import TOO_FEW_IMAGES, TimeComparison

NO_COMPARISON: dict[str, Any] = {
    "speedup": np.nan,
    "speedup_low": np.nan,
    "speedup_high": np.nan,
    "speedup_over": "",
    "noise_floor": np.nan,
    "verdict": "",
}
"""The columns of a row without a baseline."""


def verdict_columns(speedups: TimeComparison, is_baseline: bool = False) -> dict[str, Any]:
    """The columns of a row, except ``speedup_over``.

    - ``speedup``: the median. ``speedup_low``, ``speedup_high``: its bootstrap interval; nan for the
      baseline, and for too few images.
    - ``noise_floor``: of the A/A measurement; nan without one.
    - ``verdict``: ``TimeComparison.verdict`` on the ratio of times; "" for the baseline.

    speedups: baseline time / own time.
    """
    interval, verdict = speedups.ratio, speedups.inverse().verdict
    has_interval = not is_baseline and verdict != TOO_FEW_IMAGES
    return {
        "speedup": interval.value,
        "speedup_low": interval.low if has_interval else np.nan,
        "speedup_high": interval.high if has_interval else np.nan,
        "noise_floor": np.nan if speedups.floor is None else speedups.floor,
        "verdict": "" if is_baseline else verdict,
    }
