"""The table of a study of images and fields: what each method finds on each kind of problems."""

from collections.abc import Iterable
from dataclasses import replace
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from bench.report.tables.field_measurements import agreement_columns, round_seconds_to_compare
from bench.report.tables.image_merge_times import identity_verdict
from bench.report.tables.image_study import number_or_nan
from bench.report.tables.speed_by_method import MIB
from bench.runner.record import MeasuredProblem, Record, latest_record_of_each_cell


def exactness_table(records: Iterable[Record]) -> pd.DataFrame:
    """One row for each method, row of the study and kind of problems; of fields, the largest. Columns:

    - ``machine``: only if there are several. ``data``: the images, or the noise or family of the field.
    - ``method``: the backend; ``row``: of the study's table, "" for fields. ``linkage``.
    - ``identical``, ``identical_to``: whether the results equal those of the reference, or are approximate.
    - ``AP``: nan for fields.
    - ``adjusted_rand``, ``split_bits``, ``merge_bits``, ``agreement``: see ``agreement_columns``; nan for
      an exact method.
    - ``peak_mib``: the largest peak memory of a merge beyond its input, conversions included, in MiB.
    - ``milliseconds``: the median over images and rounds of the time of a merge; nan for a wrong result.
    - ``computes``: what an approximate method computes. ``note``: why there are no results.
    """
    maps = [each for each in latest_record_of_each_cell(records) if each.cell.scope == "maps"]
    return pd.DataFrame([_row(record) for record in maps])


def _row(record: Record) -> dict[str, Any]:
    cell, problems = record.cell, _shown_problems(record)
    field = " ".join([cell.split, *(each.name for each in problems if record.is_of_fields)])
    peaks = [each.peak_bytes for each in problems if each.peak_bytes is not None]
    seconds = [time for each in problems for time in round_seconds_to_compare(record, each)]
    return {
        **({"machine": cell.machine} if cell.machine else {}),
        "data": field if record.is_of_fields else cell.dataset,
        "method": cell.backend,
        "row": cell.row or "",
        "linkage": cell.linkage,
        "identical": identity_verdict(replace(record, images=problems)),
        "identical_to": record.identical_to,
        "AP": number_or_nan((record.scores or {}).get("ap")),
        **agreement_columns(problems),
        "peak_mib": max(peaks) / MIB if peaks else np.nan,
        "milliseconds": 1000 * median(seconds) if seconds else np.nan,
        "images": len(problems),
        "computes": record.computes,
        "note": "" if record.state == "done" else f"{record.state}: {record.reason}",
    }


def _shown_problems(record: Record) -> list[MeasuredProblem]:
    """All images, or the largest field; [] if the method has no results."""
    if record.state != "done":
        return []
    return record.images[-1:] if record.is_of_fields else record.images
