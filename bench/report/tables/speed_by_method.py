"""The table of speed in a study of generated fields, with a row for each method."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from bench.methods.method import shown_reason
from bench.report.tables.baselines import baselines_of_fields
from bench.report.tables.field_measurements import (
    agreement_columns,
    find_measurement_at_size,
    largest_common_size,
    quartiles_ms,
    round_seconds_to_compare,
    warnings_on_rounds,
)
from bench.report.tables.field_speedups import field_speedup_columns, noise_by_turns
from bench.report.tables.image_merge_times import identity_verdict
from bench.report.tables.method_names import MERGES_NOTHING
from bench.runner.approximate_merges import merges_nothing
from bench.runner.record import MeasuredProblem, Record, latest_record_of_each_cell

MIB = 2**20


def speed_by_method_table(
    records: Iterable[Record], noise: str, baseline: str | None = None
) -> pd.DataFrame:
    """One row for each method and linkage, on the largest field of a noise that all methods merged.

    The baseline of a method is the one that took turns with it; see ``baselines_of_fields``. Columns:

    - ``machine``: only if there are several.
    - ``edges``: the number of edges of the field; 0 for a method that did not merge it.
    - ``round_ms``, ``round_ms_q1``, ``round_ms_q3``: median and quartiles over the rounds of
      ``round_seconds_to_compare``, in milliseconds; nan for a wrong result.
    - ``all_ms``: the median time with the conversions of input and output of an approximate method.
    - ``first_ms``: the time of the first merge in a process, of a tiny field, with imports and compilation.
    - ``speedup``, ``speedup_over``, ``speedup_low``, ``speedup_high``, ``noise_floor``, ``verdict``: see
      ``field_speedup_columns``; ``verdict`` is "" for a method that merges nothing.
    - ``warnings``: what makes the times doubtful, see ``timing_warnings``.
    - ``peak_mib``, ``peak_grids``: the peak memory of the merge (with conversions) beyond its input, in MiB
      and divided by the size of the uint16 affinities.
    - ``identical``, ``identical_to``: whether the results equal those of the reference, or are approximate,
      or ``MERGES_NOTHING``.
    - ``agreement`` and more: of an approximate result with the reference's, see ``agreement_columns``.
    - ``segments``: the number of segments; nan for a method that does not merge.
    - ``computes``: what an approximate method computes. ``note``: why there are no results.
    """
    here = [record for record in records if record.cell.split == noise]
    shown = latest_record_of_each_cell(here)
    size = largest_common_size(shown)
    baselines, noises = baselines_of_fields(here, baseline), noise_by_turns(here, size)
    speeds = [field_speedup_columns(record, size, baselines, noises) for record in shown]
    rows = [_speed_row(record, size, own) for record, own in zip(shown, speeds, strict=True)]
    return pd.DataFrame(rows)


def _speed_row(record: Record, size: str, speed: dict[str, Any]) -> dict[str, Any]:
    cell, image = record.cell, find_measurement_at_size(record, size)
    done = image if record.state == "done" else None
    seconds = round_seconds_to_compare(record, done) if done else []
    low, middle, high = quartiles_ms(seconds)
    approximate, identical = bool(record.computes), _identity_verdict_on_field(record, image)
    return {
        **({"machine": cell.machine} if cell.machine else {}),
        "backend": cell.backend,
        "linkage": cell.linkage,
        "threads": cell.threads,
        "edges": image.edges if image else 0,
        "round_ms": middle,
        "round_ms_q1": low,
        "round_ms_q3": high,
        "all_ms": quartiles_ms(done.seconds)[1] if done and seconds else np.nan,
        "first_ms": 1000 * (record.first_call_seconds or np.nan) if seconds else np.nan,
        **({**speed, "verdict": ""} if identical == MERGES_NOTHING else speed),
        "warnings": warnings_on_rounds(record, done) if done and seconds else "",
        "peak_mib": (done.peak_bytes or np.nan) / MIB if done else np.nan,
        "peak_grids": (done.peak_bytes or np.nan) / (done.input_bytes or np.nan)
        if done
        else np.nan,
        "identical": identical,
        "identical_to": record.identical_to,
        **agreement_columns([done] if done and approximate else []),
        "segments": float(done.segments) if done and done.merges else np.nan,
        "computes": record.computes,
        "note": "" if record.state == "done" else f"{record.state}: {shown_reason(record.reason)}",
    }


def _identity_verdict_on_field(record: Record, image: MeasuredProblem | None) -> str:
    """``identity_verdict`` for one field alone. Other fields may be unchecked for the baseline.

    ``MERGES_NOTHING`` for a method that makes no segments, such as the sorting of all edges.
    """
    if image and merges_nothing(record):
        return MERGES_NOTHING
    return identity_verdict(replace(record, images=[image] if image else []))
