"""Tables of a study, as pandas frames made from its records.

A record is the dictionary of one line of a records file, see :mod:`bench.runner.records`. Where several
records have one key, the last one counts.
"""

from collections.abc import Iterable, Mapping, Sequence

import numpy as np
import pandas as pd

from bench.report.tables.merge_times import SETTING, identity, merge_times, select, speedup


def speed_accuracy(
    records: Iterable[Mapping], baselines: Sequence[str] = ("heap", "networkx", "numba")
) -> pd.DataFrame:
    """One row a backend and linkage (and number of threads): how good, how fast, and is it right.

    A backend that was run on whole maps and on crops has one row, that of the maps, unless its
    results differ from the reference's on the crops. Columns:

    - ``AP``, ``AP50``: nan where the predictions were not scored.
    - ``ms``, ``ms_q1``, ``ms_q3``: median and quartiles over the images of the merge time in
      milliseconds, an image's time being the median of its rounds. nan unless every image's result
      is identical to the reference's: what is not correct has no speed.
    - ``speedup``: how many times as fast as ``speedup_over``, the median over the images that both
      merged: the first of ``baselines`` which has any, on the row's scope or else on another.
    - ``identical``: yes, NO or not checked, and ``identical_to`` what.
    - ``scope``, ``images``, ``threads``; ``note``: why there is nothing to show, if so.

    Records of cells that merge nothing (the baselines of :func:`accuracy`) are left out.
    ``dataset``, ``split`` and ``model`` come first where they are not the same in all rows.
    """
    merges = [record for record in latest(records) if _merges(record)]
    rows: dict[tuple, Mapping] = {}
    for record in merges:
        row = _row_key(record)
        if row not in rows or _precedence(record) < _precedence(rows[row]):
            rows[row] = record
    # wrong on crops is wrong: such a backend's times on maps do not count either
    times = merge_times(each for each in merges if identity(rows[_row_key(each)]) != "NO")
    frame = pd.DataFrame([_speed_row(record, times, baselines) for record in rows.values()])
    return _without_common_setting(frame)


OBJECT_ACCURACY = {"score at 0.5": 0, "at 0.6": 2, "at 0.7": 4, "at 0.8": 6, "at 0.9": 8}
"""Columns of the microscopy score, and their places among the ten overlaps."""


def accuracy(records: Iterable[Mapping]) -> pd.DataFrame:
    """One row a method with scores, baselines and ceilings included: AP, AP50, then AP by class.

    Where the scores have it, TP / (TP + FP + FN) at some overlaps stands between them.

    Backends whose scores are the same (on the same maps they have to be) share a row.
    """
    rows = []
    for record in latest(records):
        cell, scores = record["cell"], record.get("scores")
        if scores is not None:
            row = {**_setting(cell), "row": cell.get("row", ""), "method": cell["backend"]}
            row["linkage"] = cell["linkage"] or ""
            row |= {"AP": number(scores["ap"]), "AP50": number(scores["ap50"])}
            for where, place in OBJECT_ACCURACY.items():
                if "object_accuracy" in scores:
                    row[where] = scores["object_accuracy"][place]
            row |= by_class(scores)
            rows.append(row | {"images": scores["num_images"]})
    if not rows:
        return pd.DataFrame()
    frame = pd.DataFrame(rows)
    alike = [name for name in frame.columns if name != "method"]
    together = frame.groupby(alike, dropna=False, sort=False)["method"]
    joined = together.agg(lambda names: ", ".join(dict.fromkeys(names))).reset_index()
    joined = joined[frame.columns]
    return _without_common_setting(joined if joined["row"].any() else joined.drop(columns="row"))


def by_class(scores: Mapping) -> dict[str, float]:
    """AP of each class that a record's scores name."""
    return {name: number(ap) for name, (ap, _) in scores.get("per_class", {}).items()}


def latest(records: Iterable[Mapping]) -> list[Mapping]:
    """Of records with the same key the last one."""
    return list({record["key"]: record for record in records}.values())


def _merges(record: Mapping) -> bool:
    # a baseline is done without having timed anything
    return record["state"] != "done" or any(image["seconds"] for image in record["images"])


def _row_key(record: Mapping) -> tuple:
    return tuple(record["cell"][name] for name in [*SETTING, "backend", "threads"])


def _precedence(record: Mapping) -> tuple[bool, bool]:
    return identity(record) != "NO", record["cell"]["scope"] != "maps"


def _setting(cell: Mapping) -> dict:
    return {name: cell[name] for name in ("dataset", "split", "model")}


def _without_common_setting(frame: pd.DataFrame) -> pd.DataFrame:
    setting = frame.columns.intersection(["dataset", "split", "model"])
    return frame.drop(columns=[name for name in setting if frame[name].nunique() == 1])


def _speed_row(record: Mapping, times: pd.DataFrame, baselines: Sequence[str]) -> dict:
    cell, scores = record["cell"], record.get("scores") or {}
    own = select(times, cell, [*SETTING, "backend", "threads", "scope"])
    ratio, over = speedup(times, cell, baselines) if len(own) else (np.nan, "")
    return {
        **_setting(cell),
        "backend": cell["backend"],
        "linkage": cell["linkage"],
        "AP": number(scores.get("ap")),
        "AP50": number(scores.get("ap50")),
        "ms": own.median(),
        "ms_q1": own.quantile(0.25),
        "ms_q3": own.quantile(0.75),
        "speedup": ratio,
        "speedup_over": over,
        "identical": identity(record),
        "identical_to": record.get("identical_to") or "",
        "scope": cell["scope"],
        "images": len(record["images"]),
        "threads": cell["threads"],
        "note": "" if record["state"] == "done" else f"{record['state']}: {record['reason']}",
    }


def number(value: float | None) -> float:
    """A score as a column has it: nan for none."""
    return np.nan if value is None else float(value)
