"""The speedup of a method over the baseline in a study of images, its interval, and the verdict on it."""

from collections.abc import Sequence
from dataclasses import replace
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from bench.report.tables.field_measurements import median_ratio
from bench.report.tables.image_merge_times import SETTING_COLUMNS, times_of_cell
from bench.runner.record import Cell
from merge_impls.measurement_statistics import (
    LEAST_IMAGES,
    TOO_FEW_IMAGES,
    median_interval,
    noise_floor,
    verdict,
)

DEFAULT_BASELINES = ("heap", "networkx", "numba")
"""The methods that times are compared with: the first of them that has times."""

_NO_BASELINE = {
    "speedup": np.nan,
    "speedup_low": np.nan,
    "speedup_high": np.nan,
    "speedup_over": "",
    "noise_floor": np.nan,
    "verdict": "",
}


def speedup_columns(
    times: pd.DataFrame, cell: Cell, baselines: Sequence[str] = DEFAULT_BASELINES
) -> dict[str, Any]:
    """The columns that compare the times of a cell with those of the baseline.

    The baseline is the first of ``baselines`` that merged any of the images of the cell, if possible in the
    same scope (whole images or crops).

    - ``speedup``: the median over the images that both merged. The speedup on an image is the median over
      the rounds of ``baseline time / cell time``; nan without a baseline. ``speedup_over``: the baseline.
    - ``speedup_low``, ``speedup_high``: the bootstrap interval over the images; nan for the baseline itself,
      and for fewer than ``LEAST_IMAGES`` images.
    - ``noise_floor``: see ``noise_floor_of_rounds``.
    - ``verdict``: ``measurement_statistics.verdict``, or ``TOO_FEW_IMAGES``; "" for the baseline itself.
    """
    for backend in baselines:
        for scope in dict.fromkeys([cell.scope, "maps", "crops"]):
            here = replace(cell, scope=scope)
            own = times_of_cell(times, here, [*SETTING_COLUMNS, "backend", "threads", "scope"])
            base = times_of_cell(
                times, replace(here, backend=backend), [*SETTING_COLUMNS, "backend", "scope"]
            )
            if own.index.isin(base.index).any():
                is_baseline = backend == cell.backend and cell.threads == base["threads"].iloc[0]
                return {
                    **_NO_BASELINE,
                    **_comparison_columns(own["seconds"], base["seconds"], is_baseline),
                    "speedup_over": f"{backend} on {scope}",
                }
    return _NO_BASELINE


def _comparison_columns(own: pd.Series, base: pd.Series, is_baseline: bool) -> dict[str, Any]:
    """The columns that follow from the seconds of all rounds, by the name of the image."""
    speedups = [median_ratio(base[name], own[name]) for name in base.index if name in own.index]
    floor = noise_floor_of_rounds(base)
    if is_baseline or len(speedups) < LEAST_IMAGES:
        words = "" if is_baseline else TOO_FEW_IMAGES
        return {"speedup": float(np.median(speedups)), "noise_floor": floor, "verdict": words}
    interval = median_interval(speedups)
    return {
        "speedup": interval.value,
        "speedup_low": interval.low,
        "speedup_high": interval.high,
        "noise_floor": floor,
        "verdict": verdict(interval.inverse(), 0.0 if np.isnan(floor) else floor),
    }


def noise_floor_of_rounds(base: pd.Series) -> float:
    """The share by which the times of the baseline in two rounds differ: an A/A measurement.

    The second, fourth, ... rounds of each image are compared with those before and after them, so that a
    machine that slows down steadily adds little: it slows down the method and the baseline alike. Of an even
    number of rounds, the last is left out, except of two. nan if the images were merged in one round alone.

    base: the seconds of all rounds of the baseline, by the name of the image.
    """
    ratios = [_ratio_of_alternate_rounds(rounds) for rounds in base if len(rounds) > 1]
    return noise_floor(ratios) if ratios else float("nan")


def _ratio_of_alternate_rounds(rounds: Sequence[float]) -> float:
    """The median of the rounds with odd indices, divided by that of the others. rounds: two or more."""
    count = len(rounds) if len(rounds) == 2 else (len(rounds) - 1) // 2 * 2 + 1
    return median(rounds[1:count:2]) / median(rounds[:count:2])
