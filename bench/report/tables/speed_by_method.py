"""The table of speed in a study of generated fields, with a row for each method."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from bench.report.tables.image_merge_times import identity_verdict
from bench.runner.record import Measured, Record

MIB = 2**20


def common_size(records: Iterable[Record]) -> str:
    """The largest size of a field that all methods with results have merged; "" if there is none."""
    names = [[image.name for image in record.images] for record in records if record.images]
    shared = [name for name in (names or [[]])[0] if all(name in others for others in names)]
    return shared[-1] if shared else ""


def find_measurement(record: Record, size: str) -> Measured | None:
    """The measurement of a record on the field of this size; None if the field was not merged."""
    return next((image for image in record.images if image.name == size), None)


def seconds_to_compare(record: Record, image: Measured) -> list[float]:
    """The seconds of each round that count in comparisons; empty for a wrong result.

    For a backend they are those of the whole merge, for a third-party method those of the library's call.
    """
    if record.state != "done" or not (record.computes or image.identical):
        return []
    return image.call_seconds if record.computes else image.seconds


def median_ratio(seconds: list[float], others: list[float]) -> float:
    """The median of ``seconds[i] / others[i]`` over the rounds i that both have; nan if there are none."""
    ratios = [own / other for own, other in zip(seconds, others, strict=False)]
    return float(np.median(ratios)) if ratios else np.nan


def quartiles_ms(seconds: Sequence[float]) -> list[float]:
    """The three quartiles in milliseconds; three times nan if there are no ``seconds``."""
    if len(seconds) == 0:
        return [np.nan] * 3
    quartiles: list[float] = (1000 * np.quantile(seconds, [0.25, 0.5, 0.75])).tolist()
    return quartiles


def speed_by_method_table(records: Iterable[Record], noise: str) -> pd.DataFrame:
    """One row for each method and linkage, on the largest field of a noise that all methods merged. Columns:

    - ``round_ms``, ``round_ms_q1``, ``round_ms_q3``: median and quartiles over the rounds of
      ``seconds_to_compare``, in milliseconds; nan for a wrong result.
    - ``all_ms``: the median time with the conversions of input and output of a third-party method.
    - ``first_ms``: the time of the first merge in a process, of a tiny field, with imports and compilation.
    - ``speedup``: how many times as fast as the baseline ``speedup_over``: the median over the rounds.
    - ``peak_mib``, ``peak_grids``: the peak memory of the merge (with conversions) beyond its input, in MiB
      and divided by the size of the uint16 affinities.
    - ``identical``, ``identical_to``: whether a backend's results equal those of the baseline.
    - ``agreement``: the F-score of a third-party method against the baseline.
    - ``segments``: the number of segments; nan for a method that does not merge.
    - ``computes``: what a third-party method computes. ``note``: why there are no results.
    """
    here = [record for record in records if record.cell.split == noise]
    size = common_size(here)
    baselines = {record.cell.linkage: record for record in reversed(here) if not record.computes}
    rows = [_speed_row(record, size, baselines[record.cell.linkage]) for record in here]
    return pd.DataFrame(rows)


def _speed_row(record: Record, size: str, baseline: Record) -> dict[str, Any]:
    cell, image, base = (
        record.cell,
        find_measurement(record, size),
        find_measurement(baseline, size),
    )
    done = image if record.state == "done" else None
    seconds = seconds_to_compare(record, done) if done else []
    low, middle, high = quartiles_ms(seconds)
    over = seconds_to_compare(baseline, base) if base else []
    third_party = bool(record.computes)
    return {
        "backend": cell.backend,
        "linkage": "" if third_party else cell.linkage,
        "threads": cell.threads,
        "round_ms": middle,
        "round_ms_q1": low,
        "round_ms_q3": high,
        "all_ms": quartiles_ms(done.seconds)[1] if done and seconds else np.nan,
        "first_ms": 1000 * (record.first_call_seconds or np.nan) if seconds else np.nan,
        "speedup": median_ratio(over, seconds),
        "speedup_over": baseline.cell.backend if over and seconds else "",
        "peak_mib": (done.peak_bytes or np.nan) / MIB if done else np.nan,
        "peak_grids": (done.peak_bytes or np.nan) / (done.input_bytes or np.nan)
        if done
        else np.nan,
        "identical": "" if third_party else _field_identity_verdict(record, image),
        "identical_to": record.identical_to,
        "agreement": done.agreement if done and third_party else None,
        "segments": float(done.segments) if done and done.merges else np.nan,
        "computes": record.computes,
        "note": "" if record.state == "done" else f"{record.state}: {record.reason}",
    }


def _field_identity_verdict(record: Record, image: Measured | None) -> str:
    """``identity_verdict`` for one field alone, because other fields of the baseline are not checked."""
    return identity_verdict(replace(record, images=[image] if image else []))
