"""The table of every method, exact or not: what it finds, how fast, in each row and on each field."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from statistics import median
from typing import Any

import numpy as np
import pandas as pd

from bench.methods.method import shown_reason
from bench.report.tables.baselines import baselines_of_fields, baselines_of_images
from bench.report.tables.field_measurements import (
    agreement_columns,
    fields_and_images,
    round_seconds_to_compare,
    warnings_on_rounds,
)
from bench.report.tables.field_speedups import field_speedup_columns, noise_by_turns
from bench.report.tables.image_merge_times import (
    identity_verdict,
    merge_times,
    warnings_on_times,
)
from bench.report.tables.image_speedups import speedup_columns
from bench.report.tables.image_study import number_or_nan
from bench.report.tables.method_names import names_of_compared
from bench.report.tables.speed_by_method import MIB
from bench.runner.record import MeasuredProblem, Record, latest_record_of_each_cell


def exactness_table(records: Iterable[Record], baseline: str | None = None) -> pd.DataFrame:
    """One row for each method, row of the study and kind of problems; of fields, the largest. Columns:

    - ``machine``: only if there are several. ``data``: the images, or the noise or family of the field.
    - ``method``: the backend; ``row``: of the study's table, "" for fields. ``linkage``.
    - ``identical``, ``identical_to``: whether the results equal those of the reference, or are approximate.
    - ``AP``: nan for fields.
    - ``adjusted_rand``, ``split_bits``, ``merge_bits``, ``agreement``: see ``agreement_columns``; nan for
      an exact method.
    - ``peak_mib``: the largest peak memory of a merge beyond its input, conversions included, in MiB.
    - ``milliseconds``: the median over images and rounds of the time of a merge; nan for a wrong result.
    - ``speedup`` and more: see ``speedup_columns`` for images, ``field_speedup_columns`` for fields.
    - ``warnings``: what makes the times doubtful; see ``warnings_on_times`` and ``timing_warnings``.
    - ``computes``: what an approximate method computes. ``note``: why there are no results.

    baseline: the method that times are divided by; None for the one that the records name.
    """
    records = list(records)
    shown = [each for each in latest_record_of_each_cell(records) if each.cell.scope == "maps"]
    of_fields, of_images = fields_and_images(shown)
    _, all_of_images = fields_and_images(records)
    times = merge_times(all_of_images)
    rows = [
        _row(
            record, _image_speed(record, times, all_of_images, baseline), warnings_on_times(record)
        )
        for record in of_images
    ]
    rows += [_field_row(record, of_fields, baseline) for record in of_fields]
    return pd.DataFrame(rows)


def _image_speed(
    record: Record, times: pd.DataFrame, records: Sequence[Record], baseline: str | None
) -> dict[str, Any]:
    together = times[times["conditions"] == (record.conditions or "")]
    return speedup_columns(together, record.cell, baselines_of_images(record, records, baseline))


def _field_row(record: Record, records: Sequence[Record], baseline: str | None) -> dict[str, Any]:
    problems = _shown_problems(record)
    size = problems[0].name if problems else ""
    baselines, noises = baselines_of_fields(records, baseline), noise_by_turns(records, size)
    speed = field_speedup_columns(record, size, baselines, noises)
    is_timed = bool(problems) and bool(round_seconds_to_compare(record, problems[0]))
    warnings = warnings_on_rounds(record, problems[0]) if is_timed else ""
    return _row(record, speed, warnings)


def _row(record: Record, speed: dict[str, Any], warnings: str) -> dict[str, Any]:
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
        "identical_to": names_of_compared(record),
        "AP": number_or_nan((record.scores or {}).get("ap")),
        **agreement_columns(problems),
        "peak_mib": max(peaks) / MIB if peaks else np.nan,
        "milliseconds": 1000 * median(seconds) if seconds else np.nan,
        **speed,
        "warnings": warnings,
        "images": len(problems),
        "computes": record.computes,
        "note": "" if record.state == "done" else f"{record.state}: {shown_reason(record.reason)}",
    }


def _shown_problems(record: Record) -> list[MeasuredProblem]:
    """All images, or the largest field; [] if the method has no results."""
    if record.state != "done":
        return []
    return record.images[-1:] if record.is_of_fields else record.images
