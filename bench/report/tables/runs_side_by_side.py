"""The table of several runs: the data, the best AP and the lowest time of each."""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from bench.report.tables.method_names import row_name
from bench.runner.record import Record

ORACLE = "truth"
"""The names of all methods that read the annotation start with this word."""


def runs_table(
    runs: Mapping[str, Sequence[Record]], tables: Sequence[Mapping[str, pd.DataFrame]]
) -> pd.DataFrame:
    """One row for each run: name, data, machine, number of images, best AP, and lowest time. Columns:

    - ``best``, ``AP``: the row or method with the highest AP; "" and nan without scores. Methods that read
      the annotation are left out.
    - ``fastest``, ``ms``: the exact method with the lowest median time, and its linkage; "" and nan.

    tables: the ``study_tables`` of each run, in the same order.
    """
    rows = [
        _row_of_run(name, found, own)
        for (name, found), own in zip(runs.items(), tables, strict=True)
    ]
    return pd.DataFrame(rows)


def best_ap_row(
    found: Sequence[Record], tables: Mapping[str, pd.DataFrame], oracle: bool = False
) -> pd.Series | None:
    """The row with the highest AP; its entry ``best`` is its name. None without scores.

    oracle: choose among the rows with the annotation in place of networks, instead of among all others.
    """
    table = tables.get("ablation", tables.get("accuracy"))
    if table is None:
        return None
    names = table["row" if "ablation" in tables else "method"]
    with_annotation = {record.cell.row for record in found if record.truth}
    is_oracle = names.isin(with_annotation) | names.str.startswith(ORACLE)
    if "ablation" in tables:
        names = table.apply(row_name, axis=1)
    rows = table.assign(best=names)[table["AP"].notna() & (is_oracle == oracle)]
    if rows.empty:
        return None
    best: pd.Series = rows.sort_values("AP", ascending=False, kind="stable").iloc[0]
    return best


def _row_of_run(
    name: str, found: Sequence[Record], tables: Mapping[str, pd.DataFrame]
) -> dict[str, Any]:
    cells, best = [record.cell for record in found], best_ap_row(found, tables)
    fastest, ms = _fastest_exact_method(tables)
    scored = max((record.scores or {}).get("num_images", 0) for record in found)
    return {
        "run": name,
        "data": _joined(f"{cell.dataset} {cell.split}" for cell in cells),
        "model": _joined(cell.model or "" for cell in cells),
        "machine": _joined(_short_machine(record.machine) for record in found),
        "images": max(scored, *(len(record.images) for record in found), 0),
        "best": "" if best is None else best["best"],
        "AP": np.nan if best is None else best["AP"],
        "fastest": fastest,
        "ms": ms,
    }


def _short_machine(machine: Mapping[str, Any]) -> str:
    """The processor and the number of cores; all entries if one of the two is missing."""
    if not {"processor", "cores"} <= machine.keys():
        return ", ".join(f"{name} {value}" for name, value in machine.items())
    return f"{machine['processor']}, {machine['cores']} cores"


def _joined(values: Any) -> str:
    return ", ".join(filter(None, dict.fromkeys(values)))


def _fastest_exact_method(tables: Mapping[str, pd.DataFrame]) -> tuple[str, float]:
    """The name of the method or row with the lowest median time, with its linkage, and the time in ms."""
    times = [
        (row[time], f"{row['row'] if 'row' in row else row['backend']}, {row['linkage']}")
        for name, table in tables.items()
        for time in (_time_column(name),)
        if time
        for row in table[table["identical"] == "yes"].to_dict("records")
        if not np.isnan(row[time]) and row.get("scope", "maps") == "maps"
    ]
    ms, name = min(times, default=(np.nan, ""))
    return name, ms


def _time_column(table: str) -> str:
    """The column with the median time in the table of this name; "" if the table compares no methods."""
    if table in ("speed_accuracy", "ablation"):
        return "ms"
    return "round_ms" if table.startswith("speed_") else ""
