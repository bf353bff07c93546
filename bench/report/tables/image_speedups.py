"""The speedup of a method over the baseline in a study of images, its interval, and the verdict on it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from bench.report.tables.image_merge_times import SETTING_COLUMNS, times_of_cell
from bench.report.tables.verdict_columns import NO_COMPARISON, verdict_columns
from bench.runner.record import Cell
from merge_impls.measurement_statistics import TimeComparison, compare_by_image, noise_floor

DEFAULT_BASELINES = ("heap", "networkx", "numba")
"""The methods that times are compared with: the first of them that has times."""


def speedup_columns(
    times: pd.DataFrame, cell: Cell, baselines: Sequence[str] = DEFAULT_BASELINES
) -> dict[str, Any]:
    """The columns that compare the times of a cell with those of the baseline.

    The baseline is the first of ``baselines`` that merged any of the images of the cell, if possible in the
    same scope (whole images or crops).

    - ``speedup``: the median of ``baseline time / cell time`` over all rounds of the images that both merged;
      nan without a baseline. ``speedup_over``: the baseline.
    - ``speedup_low``, ``speedup_high``: the bootstrap interval over the images; nan for the baseline itself,
      and for fewer than ``LEAST_IMAGES`` images.
    - ``noise_floor``: of the A/A measurement of the run in this scope; nan if there was none.
    - ``verdict``: ``TimeComparison.verdict``; "" for the baseline itself.
    """
    for backend in baselines:
        for scope in dict.fromkeys([cell.scope, "maps", "crops"]):
            here = replace(cell, scope=scope)
            own = times_of_cell(times, here, [*SETTING_COLUMNS, "backend", "threads", "scope"])
            base = times_of_cell(
                times, replace(here, backend=backend), [*SETTING_COLUMNS, "backend", "scope"]
            )
            if own.index.isin(base.index).any():
                floor = noise_floor(_noise_of_images(times, here))
                is_baseline = backend == cell.backend and cell.threads == base["threads"].iloc[0]
                return {
                    **NO_COMPARISON,
                    **verdict_columns(
                        _compare_images(base["seconds"], own["seconds"], floor), is_baseline
                    ),
                    "speedup_over": f"{backend} on {scope}",
                }
    return NO_COMPARISON


def _noise_of_images(times: pd.DataFrame, cell: Cell) -> list[list[float]]:
    """For each image, the ratios of the A/A measurement of any method in the scope of a cell."""
    measured = times[times["noise"].map(bool)]
    return times_of_cell(measured, cell, [*SETTING_COLUMNS, "scope"])["noise"].tolist()


def _compare_images(seconds: pd.Series, others: pd.Series, floor: float | None) -> TimeComparison:
    """Compare the seconds of all rounds, by the name of the image; see ``compare_by_image``."""
    common = [name for name in seconds.index if name in others.index]
    return compare_by_image(seconds[common].tolist(), others[common].tolist(), floor)
