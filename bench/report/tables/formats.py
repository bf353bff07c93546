"""The two formats of a table: CSV with all digits, and Markdown with rounded numbers.

In Markdown several columns, such as a median and its quartiles, share a cell.
"""

from collections.abc import Callable, Hashable, Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from merge_impls.files import atomic_write
from merge_impls.text import format_three_digits

_MISSING = "–"

_Row = Mapping[Hashable, Any]
"""A row of a frame, by column."""


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write ``frame`` with all digits; a missing value is an empty field."""
    with atomic_write(Path(path)) as unfinished:
        frame.to_csv(unfinished, index=False, lineterminator="\n")


def to_markdown(frame: pd.DataFrame) -> str:
    """A table of this package as Markdown.

    Empty columns are left out, and so are `threads` where all are 1, columns shown in another's cell
    (quartiles, intervals, what a value is compared with), and `images` beside `scope`.

    Raises ValueError if the frame has no rows.
    """
    if frame.empty:
        raise ValueError("the table has no rows: there is no record to report on")
    shown, alignment = {}, []
    for column in frame.columns:
        values = frame[column]
        is_in_scope = column == "images" and "scope" in frame
        if is_in_scope or column in _SHOWN_IN_ANOTHER_CELL or _is_left_out(column, values):
            continue
        heading, text = _COLUMNS.get(column, (column, None))
        rows = frame.to_dict("records")
        shown[heading] = [text(row) if text else _cell_text(row[column]) for row in rows]
        alignment.append("right" if pd.api.types.is_numeric_dtype(values) else "left")
    return pd.DataFrame(shown).to_markdown(index=False, disable_numparse=True, colalign=alignment)


def _is_left_out(column: str, values: pd.Series) -> bool:
    is_single_thread = column == "threads" and bool((values == 1).all())
    return bool((values.isna() | (values == "")).all()) or is_single_thread


def _median_and_quartiles_text(name: str) -> Callable[[_Row], str]:
    def with_quartiles(row: _Row) -> str:
        if pd.isna(row[name]):
            return _MISSING
        low, high = format_three_digits(row[f"{name}_q1"]), format_three_digits(row[f"{name}_q3"])
        return f"{format_three_digits(row[name])} ({low} to {high})"

    return with_quartiles


def _rounded_text(name: str) -> Callable[[_Row], str]:
    return lambda row: _MISSING if pd.isna(row[name]) else format_three_digits(row[name])


def _whole_number_text(name: str) -> Callable[[_Row], str]:
    return lambda row: _MISSING if pd.isna(row[name]) else f"{int(row[name]):,}"


def _speedup_text(row: _Row) -> str:
    if pd.isna(row["speedup"]):
        return _MISSING
    return f"{format_three_digits(row['speedup'])} × {row['speedup_over']}"


def _change_text(row: _Row) -> str:
    if pd.isna(row["change"]):
        return _MISSING
    return f"{row['change']:+.3f} ({row['change_low']:+.3f} to {row['change_high']:+.3f})"


def _identity_text(row: _Row) -> str:
    to = row["identical_to"]
    if pd.isna(row["identical"]) or not row["identical"]:
        return _MISSING
    return row["identical"] if pd.isna(to) or not to else f"{row['identical']}: {to}"


_COLUMNS: dict[str, tuple[str, Callable[[_Row], str]]] = {
    "ms": ("ms an image (quartiles)", _median_and_quartiles_text("ms")),
    "round_ms": ("ms (quartiles)", _median_and_quartiles_text("round_ms")),
    "all_ms": ("ms with conversions", _rounded_text("all_ms")),
    "first_ms": ("first call ms", _rounded_text("first_ms")),
    "ns_an_edge": ("ns per edge", _rounded_text("ns_an_edge")),
    "speedup": ("speedup", _speedup_text),
    "peak_mib": ("peak MiB", _rounded_text("peak_mib")),
    "peak_grids": ("peak / input size", _rounded_text("peak_grids")),
    "agreement": ("pair F-score", lambda row: _cell_text(row["agreement"])),
    "segments": ("segments", _whole_number_text("segments")),
    "edges": ("edges", _whole_number_text("edges")),
    "merges": ("merges", _whole_number_text("merges")),
    "vertices": ("vertices", _whole_number_text("vertices")),
    "regions": ("regions", _rounded_text("regions")),
    "change": ("change (95% interval)", _change_text),
    "mild": ("mild noise", _rounded_text("mild")),
    "strong": ("strong noise", _rounded_text("strong")),
    "identical": ("identical to", _identity_text),
    "scope": ("scope", lambda row: f"{row['images']} {row['scope']}"),
}
_SHOWN_IN_ANOTHER_CELL = {
    "ms_q1",
    "ms_q3",
    "change_low",
    "change_high",
    "round_ms_q1",
    "round_ms_q3",
    "speedup_over",
    "identical_to",
}


def _cell_text(value: Any) -> str:
    if pd.isna(value) or value == "":
        return _MISSING
    return f"{value:.3f}" if isinstance(value, float) else str(value)
