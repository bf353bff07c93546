"""Merge times and speedups from the records of a study of images. Wrong results have no times."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from bench.report.tables.field_measurements import round_seconds_to_compare
from bench.runner.record import Cell, Record

SETTING_COLUMNS = ["dataset", "split", "model", "linkage"]
"""The columns in which two rows must agree so that their times can be compared."""

APPROXIMATE = "approximate"
"""The verdict on a method whose results may differ from the contract's."""

_COLUMNS = [*SETTING_COLUMNS, "backend", "threads", "scope", "row", "image", "ms"]


def identity_verdict(record: Record) -> str:
    """Whether the results of all images equal those of the reference: "yes", "NO" or "not checked".

    "approximate" for a method whose results may differ from the contract's, and for results of forced local
    merge that equal those of the reference.
    """
    if record.computes and record.state == "done":
        return APPROXIMATE
    answers = [image.identical for image in record.images]
    if record.state == "disagreed" or False in answers:
        return "NO"
    if not answers or not all(answers):
        return "not checked"
    return APPROXIMATE if record.strategy.get("flm", 1) > 1 else "yes"


def merge_times(records: Iterable[Record]) -> pd.DataFrame:
    """One row for each cell and image. ``ms`` is the median over the rounds, in milliseconds.

    Cells that failed, or whose results differ from those of the reference, have no rows.
    """
    rows = [
        {**vars(record.cell), "image": image.name, "ms": 1000 * np.median(seconds)}
        for record in records
        if identity_verdict(record) in ("yes", APPROXIMATE)
        for image in record.images
        if (seconds := round_seconds_to_compare(record, image))
    ]
    return pd.DataFrame(rows, columns=_COLUMNS)


def times_of_cell(times: pd.DataFrame, cell: Cell, names: Sequence[str]) -> pd.Series:
    """The times of the rows that agree with ``cell`` in the columns ``names``, by the name of the image."""
    wanted = np.ones(len(times), dtype=bool)
    for name in names:
        wanted &= (times[name] == getattr(cell, name)).to_numpy()
    return times[wanted].drop_duplicates("image").set_index("image")["ms"]


def quartile_columns(times: pd.Series) -> dict[str, float]:
    """The columns ``ms``, ``ms_q1`` and ``ms_q3``: the median and the quartiles of ``times``."""
    return {
        "ms": float(times.median()),
        "ms_q1": float(times.quantile(0.25)),
        "ms_q3": float(times.quantile(0.75)),
    }


def speedup_and_baseline_name(
    times: pd.DataFrame, cell: Cell, baselines: Sequence[str]
) -> tuple[float, str]:
    """The speedup of a cell over a baseline, and the name of the baseline.

    The speedup is the median of ``baseline time / cell time`` over the images that both merged. The baseline
    is the first of ``baselines`` that merged any of the images, if possible in the same scope (whole images
    or crops). If there is no such baseline, the result is (nan, "").
    """
    for backend in baselines:
        for scope in dict.fromkeys([cell.scope, "maps", "crops"]):
            here = replace(cell, scope=scope)
            own = times_of_cell(times, here, [*SETTING_COLUMNS, "backend", "threads", "scope"])
            base = times_of_cell(
                times, replace(here, backend=backend), [*SETTING_COLUMNS, "backend", "scope"]
            )
            ratios = (base / own).dropna()
            if len(ratios):
                return float(ratios.median()), f"{backend} on {scope}"
    return np.nan, ""
