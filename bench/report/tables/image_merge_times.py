"""Merge times and speedups from records. Wrong results have no time; speedups use common images only."""

from collections.abc import Iterable, Sequence
from dataclasses import replace

import numpy as np
import pandas as pd

from bench.runner.record import Cell, Record

SETTING_COLUMNS = ["dataset", "split", "model", "linkage"]
"""Two records are comparable if these entries of their cells are equal."""

_COLUMNS = [*SETTING_COLUMNS, "backend", "threads", "scope", "row", "image", "ms"]


def identity_verdict(record: Record) -> str:
    """Whether the result of every image equals the reference's: yes, NO (one differs) or not checked."""
    answers = [image.identical for image in record.images]
    if record.state == "disagreed" or False in answers:
        return "NO"
    return "yes" if answers and all(answers) else "not checked"


def merge_times(records: Iterable[Record]) -> pd.DataFrame:
    """One row for each cell and image; ``ms`` is the median of its rounds in milliseconds.

    Records that are not done or not identical to the reference have no rows: a wrong result has no time.
    """
    rows = [
        {**vars(record.cell), "image": image.name, "ms": 1000 * np.median(image.seconds)}
        for record in records
        if record.state == "done" and identity_verdict(record) == "yes"
        for image in record.images
        if image.seconds
    ]
    return pd.DataFrame(rows, columns=_COLUMNS)


def times_of_cell(times: pd.DataFrame, cell: Cell, names: Sequence[str]) -> pd.Series:
    """The times of the rows that agree with ``cell`` on the columns ``names``, indexed by image."""
    wanted = np.ones(len(times), dtype=bool)
    for name in names:
        wanted &= (times[name] == getattr(cell, name)).to_numpy()
    return times[wanted].drop_duplicates("image").set_index("image")["ms"]


def quartile_columns(times: pd.Series) -> dict[str, float]:
    """The columns ``ms``, ``ms_q1`` and ``ms_q3``: median and quartiles."""
    return {
        "ms": float(times.median()),
        "ms_q1": float(times.quantile(0.25)),
        "ms_q3": float(times.quantile(0.75)),
    }


def speedup_over_baseline(
    times: pd.DataFrame, cell: Cell, baselines: Sequence[str]
) -> tuple[float, str]:
    """How many times as fast as a baseline ``cell`` is, the median over the common images; and that baseline.

    The baseline is the first of ``baselines`` with images in common, on the cell's own scope if it can be.
    (nan, "") if there is none.
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
