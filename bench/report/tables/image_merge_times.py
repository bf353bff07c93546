"""Merge times from the records of a study of images. Wrong results have no times."""

from collections.abc import Iterable, Sequence
from statistics import median

import numpy as np
import pandas as pd

from bench.report.tables.field_measurements import round_seconds_to_compare
from bench.runner.record import Cell, Record
from merge_impls.measurement_statistics import disturbance_warnings

SHARED_COLUMNS = ["dataset", "split", "model", "machine"]
"""The columns that a table leaves out if all its rows agree in them."""

SETTING_COLUMNS = [*SHARED_COLUMNS, "linkage"]
"""The columns in which two rows must agree so that their times can be compared."""

APPROXIMATE = "approximate"
"""The verdict on a method whose results may differ from the contract's."""

_COLUMNS = [*SETTING_COLUMNS, "backend", "threads", "scope", "row"]
_COLUMNS += ["conditions", "image", "ms", "seconds", "noise", "has_noise"]

_CATEGORIES = [*SETTING_COLUMNS, "backend", "scope", "conditions"]
"""The columns with few different texts, which are compared fast as categories."""


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
    """One row for each record and image. ``ms`` is the median over the rounds, in milliseconds; ``seconds``
    is the list of the seconds of each round. ``noise`` is the list of the ratios of an A/A measurement, one
    for each round; [] without one. ``has_noise``: whether there is one.
    ``conditions`` is that of the record, or "".

    Cells that failed, or whose results differ from those of the reference, have no rows.
    """
    rows = [
        {
            **vars(record.cell),
            "conditions": record.conditions or "",
            "image": image.name,
            "ms": 1000 * median(seconds),
            "seconds": seconds,
            "noise": image.noise_ratios,
            "has_noise": bool(image.seconds_again),
        }
        for record in records
        if identity_verdict(record) in ("yes", APPROXIMATE)
        for image in record.images
        if (seconds := round_seconds_to_compare(record, image))
    ]
    frame = pd.DataFrame(rows, columns=_COLUMNS).astype({"has_noise": bool})
    return frame.astype(dict.fromkeys(_CATEGORIES, "category"))


def times_of_cell(times: pd.DataFrame, cell: Cell, names: Sequence[str]) -> pd.DataFrame:
    """The ``merge_times`` that agree with ``cell`` in the columns ``names``, by the name of the image."""
    found = _agreeing_times(times, cell, names)
    return found.drop_duplicates("image", keep="last").set_index("image")


def first_row_of_method(times: pd.DataFrame, cell: Cell) -> str | None:
    """The first row of the study in which the backend of ``cell`` has times with its linkage and scope.

    None for a study without rows, and without such times.
    """
    rows = _agreeing_times(times, cell, [*SETTING_COLUMNS, "backend", "scope"])["row"]
    return None if rows.empty else rows.iloc[0]


def _agreeing_times(times: pd.DataFrame, cell: Cell, names: Sequence[str]) -> pd.DataFrame:
    agree = [(times[name] == getattr(cell, name)).to_numpy() for name in names]
    return times[np.logical_and.reduce(agree)]


def quartile_columns(times: pd.Series) -> dict[str, float]:
    """The columns ``ms``, ``ms_q1`` and ``ms_q3``: the median and the quartiles of ``times``."""
    return {
        "ms": float(times.median()),
        "ms_q1": float(times.quantile(0.25)),
        "ms_q3": float(times.quantile(0.75)),
    }


def warnings_on_times(record: Record) -> str:
    """What makes the times of a record doubtful, in words; "" if there is nothing, or if it has no times.

    Each time is divided by the median time of its image, so that images of all sizes are judged together.
    """
    seconds: list[float] = []
    cpu_seconds: list[float] = []
    for image in record.images:
        middle = median(image.seconds) if round_seconds_to_compare(record, image) else np.nan
        if middle > 0:
            seconds += [each / middle for each in image.seconds]
            cpu_seconds += [each / middle for each in image.cpu_seconds]
    if not seconds:
        return ""
    return "; ".join(disturbance_warnings(seconds, cpu_seconds, record.cell.threads))
