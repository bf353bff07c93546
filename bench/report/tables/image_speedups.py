"""The speedup of a method over the baseline in a study of images, its interval, and the verdict on it."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import pandas as pd

from bench.report.tables.image_merge_times import (
    SETTING_COLUMNS,
    first_row_of_method,
    times_of_cell,
)
from bench.report.tables.verdict_columns import NO_COMPARISON, verdict_columns
from bench.runner.record import Cell
from merge_impls.measurement_statistics import TimeComparison, compare_by_image, noise_floor


def speedup_columns(times: pd.DataFrame, cell: Cell, baselines: Sequence[str]) -> dict[str, Any]:
    """The columns that compare the times of a cell with those of the baseline.

    The baseline is the first of ``baselines`` that merged any of the images of the cell, if possible in the
    same scope (whole images or crops). In a study with rows, its times are those of the first row in which it
    merged with the linkage of the cell, such as the row of the exact merge.

    - ``speedup``: the median of ``baseline time / cell time`` over all rounds of the images that both merged;
      nan without a baseline. ``speedup_over``: the baseline.
    - ``speedup_low``, ``speedup_high``: the bootstrap interval over the images; nan for the baseline itself,
      and for fewer than ``LEAST_IMAGES`` images.
    - ``noise_floor``: of the A/A measurement of the run in the scope and the row of the baseline; nan without
      one.
    - ``verdict``: ``TimeComparison.verdict``; "" for the baseline itself.
    """
    for backend in baselines:
        for scope in dict.fromkeys([cell.scope, "maps", "crops"]):
            here = replace(cell, scope=scope)
            of_baseline = replace(here, backend=backend)
            of_baseline = replace(of_baseline, row=first_row_of_method(times, of_baseline))
            own = times_of_cell(times, here, [*_columns_of(here), "backend", "threads"])
            base = times_of_cell(times, of_baseline, [*_columns_of(of_baseline), "backend"])
            if own.index.isin(base.index).any():
                floor = noise_floor(_noise_of_images(times, of_baseline))
                is_baseline = (backend, of_baseline.row) == (cell.backend, cell.row)
                is_baseline &= cell.threads == base["threads"].iloc[0]
                return {
                    **NO_COMPARISON,
                    **verdict_columns(
                        _compare_images(base["seconds"], own["seconds"], floor), is_baseline
                    ),
                    "speedup_over": f"{backend} on {scope}",
                }
    return NO_COMPARISON


def _columns_of(cell: Cell) -> list[str]:
    """The columns that tell apart the problems of a study: with its rows, if it has some."""
    return [*SETTING_COLUMNS, "scope", *(["row"] if cell.row is not None else [])]


def _noise_of_images(times: pd.DataFrame, cell: Cell) -> list[list[float]]:
    """For each image, the ratios of the A/A measurement of any method on the problems of a cell."""
    measured = times[times["has_noise"]]
    return times_of_cell(measured, cell, _columns_of(cell))["noise"].tolist()


def _compare_images(seconds: pd.Series, others: pd.Series, floor: float | None) -> TimeComparison:
    """Compare the seconds of all rounds, by the name of the image; see ``compare_by_image``."""
    common = [name for name in seconds.index if name in others.index]
    return compare_by_image(seconds[common].tolist(), others[common].tolist(), floor)
