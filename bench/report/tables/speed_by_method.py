"""The table of a study of fields: what each method computes, whether it is right, and how fast it is."""

from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pandas as pd

from bench.report.tables.image_merge_times import identity_verdict
from bench.runner.record import Measured, Record

MIB = 2**20


def common_size(records: Iterable[Record]) -> str:
    """The last size that all records with results have; "" if there is none."""
    names = [[image.name for image in record.images] for record in records if record.images]
    shared = [name for name in (names or [[]])[0] if all(name in others for others in names)]
    return shared[-1] if shared else ""


def find_measurement(record: Record, size: str) -> Measured | None:
    """The measurement of a record on the field of this size; None if it was not merged."""
    return next((image for image in record.images if image.name == size), None)


def seconds_to_compare(record: Record, image: Measured) -> list[float]:
    """The seconds of each round: a backend's whole merge, or only the library's call of a third-party method.

    Empty for a wrong result.
    """
    if record.state != "done" or not (record.computes or image.identical):
        return []
    return image.call_seconds if record.computes else image.seconds


def median_ratio(seconds: list[float], others: list[float]) -> float:
    """Median of ``seconds`` divided by ``others`` over the rounds that both have; nan if there are none."""
    ratios = [mine / other for mine, other in zip(seconds, others, strict=False)]
    return float(np.median(ratios)) if ratios else np.nan


def quartiles_ms(seconds: Sequence[float]) -> list[float]:
    """The quartiles in milliseconds; nan three times if there are no ``seconds``."""
    if len(seconds) == 0:
        return [np.nan] * 3
    quartiles: list[float] = (1000 * np.quantile(seconds, [0.25, 0.5, 0.75])).tolist()
    return quartiles


def speed_by_method_table(records: Iterable[Record], noise: str) -> pd.DataFrame:
    """One row for each method and linkage, on the largest field of a noise that all methods merged. Columns:

    - ``round_ms``, ``round_ms_q1``, ``round_ms_q3``: median and quartiles over the rounds of the time that
      counts (see ``seconds_to_compare``), in milliseconds; nan for a wrong result.
    - ``all_ms``: the same with the conversions of a third-party method's input and output.
    - ``first_ms``: the first merge of a process, a tiny one, with imports and compilation.
    - ``speedup``: how many times as fast as ``speedup_over``, the first record's backend: the median over the
      rounds of the ratios within a round.
    - ``peak_mib``, ``peak_grids``: peak memory of the merge beyond its input, with the conversions of a
      third-party method; in MiB, and divided by the size of the uint16 affinities.
    - ``identical``, ``identical_to``: of our backends; ``agreement``: of a third-party method with
      ``speedup_over``.
    - ``segments``: their number, nan for a method that merges nothing. ``computes``: what a third-party
      method computes. ``note``: why there are no results.
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
    """``identity_verdict`` of this field alone, as the other fields of the baseline are not checked."""
    return identity_verdict(replace(record, images=[image] if image else []))
