"""The tables of a study of images: AP and speed of each backend, and AP by class of each method.

If several records have the same cell, the last one is shown.
"""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from bench.methods.method import shown_reason
from bench.report.tables.baselines import baselines_of_images
from bench.report.tables.field_measurements import agreement_columns
from bench.report.tables.image_merge_times import (
    SETTING_COLUMNS,
    SHARED_COLUMNS,
    identity_verdict,
    merge_times,
    quartile_columns,
    times_of_cell,
    warnings_on_times,
)
from bench.report.tables.image_speedups import speedup_columns
from bench.report.tables.method_names import method_name, names_of_compared
from bench.report.tables.pareto import front_column
from bench.runner.record import (
    Cell,
    Record,
    latest_record_of_each_cell,
    latest_record_of_each_key,
)


def speed_accuracy_table(records: Iterable[Record], baseline: str | None = None) -> pd.DataFrame:
    """One row for each backend, linkage and number of threads: AP, speed, and whether the results are right.

    A row shows the results on whole images, or those on crops if only those are wrong. Columns:

    - ``dataset``, ``split``, ``model``, ``machine``: only if they are not the same in all rows.
    - ``AP``, ``AP50``: nan if the predictions were not scored.
    - ``ms``, ``ms_q1``, ``ms_q3``: the median and quartiles over the images of the merge time in milliseconds
      (the median over the rounds); nan without times, and unless the results of all images equal those of
      the reference, or are approximate.
    - ``speedup``, ``speedup_low``, ``speedup_high``, ``speedup_over``, ``noise_floor``, ``verdict``: see
      ``speedup_columns``. ``warnings``: see ``warnings_on_times``.
    - ``identical``: see ``identity_verdict``. ``identical_to``: the backends with the same results.
    - ``agreement`` and more: see ``agreement_columns``. ``front``: see ``front_column``.
    - ``scope``: what was merged, whole images ("maps") or one crop of each ("crops").
    - ``images``, ``threads``: the number of images and of threads. ``note``: why there are no results.

    Methods that do not merge are left out; ``accuracy_table`` shows them.

    baseline: the method that times are divided by; None for that of ``baselines_of_images``.
    """
    merges = [
        record for record in latest_record_of_each_key(records) if _merges_or_has_no_results(record)
    ]
    rows: dict[tuple[Any, ...], Record] = {}
    for record in merges:
        row = _speed_row_key(record)
        if row not in rows or _row_precedence(record) <= _row_precedence(rows[row]):
            rows[row] = record
    # A backend that is wrong on crops has no times on maps either.
    times = merge_times(
        each for each in merges if identity_verdict(rows[_speed_row_key(each)]) != "NO"
    )
    frame = pd.DataFrame(_speed_rows(list(rows.values()), times, merges, baseline))
    if len(frame):
        frame.insert(len(frame.columns) - 1, "front", front_column(frame))
    return _drop_common_columns(frame)


IOU_INDEX_OF_SCORE = {"score at 0.5": 0, "at 0.6": 2, "at 0.7": 4, "at 0.8": 6, "at 0.9": 8}
"""The columns with TP / (TP + FP + FN), the score of microscopy. Values are indices of the IoU thresholds.

The ten IoU thresholds are 0.5, 0.55, ..., 0.95.
"""


def accuracy_table(records: Iterable[Record]) -> pd.DataFrame:
    """One row for each method with scores, oracles and components included: AP, AP50, then AP by class.

    If the scores have TP / (TP + FP + FN), columns with it at five IoU thresholds come after AP50. Backends
    with the same scores share a row: identical results have identical scores.
    """
    rows = [
        _accuracy_row(record)
        for record in latest_record_of_each_cell(records)
        if record.scores is not None
    ]
    if not rows:
        return pd.DataFrame()
    frame = pd.DataFrame(rows)
    alike = [name for name in frame.columns if name != "method"]
    together = frame.groupby(alike, dropna=False, sort=False)["method"]
    joined = together.agg(lambda names: ", ".join(dict.fromkeys(names))).reset_index()
    joined = joined[frame.columns]
    return _drop_common_columns(joined if joined["row"].any() else joined.drop(columns="row"))


def _accuracy_row(record: Record) -> dict[str, Any]:
    cell, scores = record.cell, record.scores or {}
    row = {**_shared_columns(cell), "row": cell.row or "", "method": method_name(record)}
    row["linkage"] = cell.linkage or ""
    row |= {"AP": number_or_nan(scores["ap"]), "AP50": number_or_nan(scores["ap50"])}
    if "object_accuracy" in scores:
        row |= {
            name: scores["object_accuracy"][index] for name, index in IOU_INDEX_OF_SCORE.items()
        }
    return row | ap_by_class(scores) | {"images": scores["num_images"]}


def ap_by_class(scores: Mapping[str, Any]) -> dict[str, float]:
    """AP by class. scores: the scores of a record."""
    return {name: number_or_nan(ap) for name, (ap, _) in scores.get("per_class", {}).items()}


def _merges_or_has_no_results(record: Record) -> bool:
    """False for components and oracles, which have scores but no merged images.

    Records without results are kept, because the table shows why they have none.
    """
    return record.state != "done" or bool(record.images and record.cell.linkage)


def _speed_row_key(record: Record) -> tuple[Any, ...]:
    return tuple(getattr(record.cell, name) for name in [*SETTING_COLUMNS, "backend", "threads"])


def _row_precedence(record: Record) -> tuple[bool, bool]:
    return identity_verdict(record) != "NO", record.cell.scope != "maps"


def _shared_columns(cell: Cell) -> dict[str, Any]:
    return {name: getattr(cell, name) for name in SHARED_COLUMNS}


def _drop_common_columns(frame: pd.DataFrame) -> pd.DataFrame:
    setting = frame.columns.intersection(SHARED_COLUMNS)
    return frame.drop(columns=[name for name in setting if frame[name].nunique() == 1])


def _speed_rows(
    shown: Sequence[Record], times: pd.DataFrame, records: Sequence[Record], baseline: str | None
) -> list[dict[str, Any]]:
    """The rows of records. A record is compared with the ``merge_times`` that have its conditions."""
    alike = {str(name): rows for name, rows in times.groupby("conditions", observed=True)}
    return [
        _speed_row(record, alike.get(record.conditions or "", times[:0]), records, baseline)
        for record in shown
    ]


def _speed_row(
    record: Record, times: pd.DataFrame, records: Sequence[Record], baseline: str | None
) -> dict[str, Any]:
    cell, scores = record.cell, record.scores or {}
    own = times_of_cell(times, cell, [*SETTING_COLUMNS, "backend", "threads", "scope"])
    return {
        **_shared_columns(cell),
        "backend": cell.backend,
        "linkage": cell.linkage,
        "AP": number_or_nan(scores.get("ap")),
        "AP50": number_or_nan(scores.get("ap50")),
        **quartile_columns(own["ms"]),
        **speedup_columns(times, cell, baselines_of_images(record, records, baseline)),
        "warnings": warnings_on_times(record) if len(own) else "",
        "identical": identity_verdict(record),
        "identical_to": names_of_compared(record),
        "scope": cell.scope,
        "images": len(record.images),
        "threads": cell.threads,
        **agreement_columns(record.images),
        "note": "" if record.state == "done" else f"{record.state}: {shown_reason(record.reason)}",
    }


def number_or_nan(value: float | None) -> float:
    """A score as float; nan for None."""
    return np.nan if value is None else float(value)
