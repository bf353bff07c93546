"""Tables of a study of fields, as pandas frames made from its records: who is right, and how fast."""

from collections.abc import Iterable, Mapping

import numpy as np
import pandas as pd

from bench.report.tables.merge_times import identity

MIB = 2**20


def common_size(records: Iterable[Mapping]) -> str:
    """The size that all merged: the last one that every record of a run has; "" if there is none."""
    names = [
        [image["name"] for image in record["images"]] for record in records if record["images"]
    ]
    shared = [name for name in (names or [[]])[0] if all(name in others for others in names)]
    return shared[-1] if shared else ""


def image_of(record: Mapping, size: str) -> Mapping | None:
    """What a record says of the field of a size."""
    return next((image for image in record["images"] if image["name"] == size), None)


def own_seconds(record: Mapping, image: Mapping) -> list[float]:
    """The time that counts, one a round: all of ours, of a third-party method the library's call alone.

    Empty for what is not right: correct before fast.
    """
    if record["state"] != "done" or not (record["computes"] or image["identical"]):
        return []
    return image["call_seconds"] if record["computes"] else image["seconds"]


def ratio(seconds: list[float], others: list[float]) -> float:
    """Median over the rounds that both have of ``seconds`` by ``others``; nan if there is none."""
    ratios = [mine / other for mine, other in zip(seconds, others, strict=False)]
    return float(np.median(ratios)) if ratios else np.nan


def side_by_side(records: Iterable[Mapping], noise: str) -> pd.DataFrame:
    """One row a method and linkage, on the field of one noise that all merged. Columns:

    - ``round_ms``, ``round_ms_q1``, ``round_ms_q3``: median and quartiles over the rounds of the time that
      counts (see ``own_seconds``), in milliseconds; nan for what is not right.
    - ``all_ms``: with the conversions of a third-party method's input and output; ``first_ms``: the first
      merge of a process, a tiny one: imports, and compilation if there is any.
    - ``speedup``: how many times as fast as ``speedup_over``, the first record's backend: the median over the
      rounds, each divided by the same round's.
    - ``peak_mib``, ``peak_grids``: memory beyond what was held before, a third-party method's conversions
      included; the second in multiples of the uint16 grid.
    - ``identical``, ``identical_to``: of ours; ``agreement``, of a third-party method with ``speedup_over``.
    - ``segments``: nan for what merges nothing. ``computes``; ``note``: why there is nothing to show, if so.
    """
    here = [record for record in records if record["cell"]["split"] == noise]
    size = common_size(here)
    baselines = {
        record["cell"]["linkage"]: record for record in reversed(here) if not record["computes"]
    }
    rows = [_row(record, size, baselines[record["cell"]["linkage"]]) for record in here]
    return pd.DataFrame(rows)


def _row(record: Mapping, size: str, baseline: Mapping) -> dict:
    cell, image, base = record["cell"], image_of(record, size), image_of(baseline, size)
    done = image is not None and record["state"] == "done"
    seconds = own_seconds(record, image) if done else []
    low, middle, high = _milliseconds(seconds)
    over = own_seconds(baseline, base) if base else []
    third_party = bool(record["computes"])
    return {
        "backend": cell["backend"],
        "linkage": "" if third_party else cell["linkage"],
        "threads": cell["threads"],
        "round_ms": middle,
        "round_ms_q1": low,
        "round_ms_q3": high,
        "all_ms": _milliseconds(image["seconds"])[1] if seconds else np.nan,
        "first_ms": 1000 * (record["first_call_seconds"] or np.nan) if seconds else np.nan,
        "speedup": ratio(over, seconds),
        "speedup_over": baseline["cell"]["backend"] if over and seconds else "",
        "peak_mib": (image["peak_bytes"] or np.nan) / MIB if done else np.nan,
        "peak_grids": (image["peak_bytes"] or np.nan) / image["input_bytes"] if done else np.nan,
        "identical": "" if third_party else _identity(record, image),
        "identical_to": record["identical_to"],
        "agreement": image["agreement"] if done and third_party else None,
        "segments": float(image["segments"]) if done and image["merges"] else np.nan,
        "computes": record["computes"],
        "note": "" if record["state"] == "done" else f"{record['state']}: {record['reason']}",
    }


def _identity(record: Mapping, image: Mapping | None) -> str:
    """As ``timings.identity``, of one field: the baseline alone merges some, which nobody checks."""
    return identity({**record, "images": [image] if image else []})


def _milliseconds(seconds: list[float]) -> list[float]:
    """The quartiles, in milliseconds; nan of nothing."""
    if not seconds:
        return [np.nan] * 3
    return (1000 * np.quantile(seconds, [0.25, 0.5, 0.75])).tolist()
