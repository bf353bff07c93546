"""Sentences about the times of a table that are doubtful, by the reason why they are."""

import re
from collections.abc import Hashable, Iterable, Mapping, Sequence
from typing import Any

import pandas as pd

_Row = Mapping[Hashable, Any]


def list_doubtful_times(table: pd.DataFrame) -> list[str]:
    """A bullet in Markdown for each reason, with the rows of a table of speeds that have it."""
    rows = table.to_dict("records")
    timed = int(table["speedup"].notna().sum())
    bullets = []
    for reason, found in _rows_by_reason(rows).items():
        words = f"{reason}: {_merge_texts([text for _, text in found])}"
        if len(found) == timed > 1:
            bullets.append(f"- All times are doubtful: {words}")
        else:
            names = "; ".join(f"`{_row_name(row)}`" for row, _ in found)
            bullets.append(f"- Doubtful times: {words}: {names}")
    return bullets


def describe_doubt_of_all_times(tables: Mapping[str, pd.DataFrame]) -> list[str]:
    """One sentence if every time of the tables is doubtful, with the reasons; [] otherwise."""
    rows = [row for table in _tables_of_times(tables) for row in table.to_dict("records")]
    rows = [row for row in rows if pd.notna(row["speedup"])]
    if not rows or not all(map(_warnings_of, rows)):
        return []
    reasons = [
        f"{reason} ({len(found)} of {len(rows)} times: {_merge_texts([text for _, text in found])})"
        for reason, found in _rows_by_reason(rows).items()
    ]
    if all(pd.isna(row["noise_floor"]) for row in rows):
        reasons.append("no A/A measurement")
    return [f"All {len(rows)} times are doubtful: {', '.join(reasons)}."]


def warnings_of_all_rows(table: pd.DataFrame) -> list[str]:
    """The warnings that every row of a table with a speed has, if there are two such rows or more."""
    rows = [_warnings_of(row) for row in table[table["speedup"].notna()].to_dict("records")]
    return [each for each in rows[0] if all(each in row for row in rows)] if len(rows) > 1 else []


def _tables_of_times(tables: Mapping[str, pd.DataFrame]) -> list[pd.DataFrame]:
    """The tables with warnings. The table ``exactness`` has the rows of all others."""
    if "exactness" in tables:
        return [tables["exactness"]]
    return [table for table in tables.values() if {"warnings", "speedup"} <= {*table}]


def _rows_by_reason(rows: Iterable[_Row]) -> dict[str, list[tuple[_Row, str]]]:
    """For each reason, such as "busy machine", the rows with it, and the details of each."""
    found: dict[str, list[tuple[_Row, str]]] = {}
    for row in rows:
        for warning in _warnings_of(row):
            reason, _, details = warning.partition(": ")
            found.setdefault(reason, []).append((row, details))
    return found


def _merge_texts(texts: Sequence[str]) -> str:
    """One text for texts that differ only in a percentage, with its range; else the texts side by side."""
    shares = sorted(int(found[1]) for each in texts if (found := re.search(r"(\d+)%", each)))
    patterns = {re.sub(r"\d+%", "{share}", each, count=1) for each in texts}
    if len(patterns) > 1 or not shares:
        return ", or ".join(dict.fromkeys(texts))
    low, high = f"{shares[0]}%", f"{shares[-1]}%"
    return patterns.pop().format(share=low if low == high else f"{low} to {high}")


def _warnings_of(row: _Row) -> list[str]:
    text = row["warnings"]
    return [] if pd.isna(text) or not text else str(text).split("; ")


def _row_name(row: _Row) -> str:
    """What distinguishes a row of a table of speeds from the others, in words."""
    threads = row.get("threads", 1)
    method = row["backend"] if "backend" in row else row["method"]
    words = [row.get("family"), method, f"{threads} threads" if threads > 1 else None]
    where = [row.get("row"), row.get("data"), row.get("scope")]
    return " / ".join(filter(None, [*words, row["linkage"], *where]))
