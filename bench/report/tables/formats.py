"""A table as a page shows it: rounded numbers, also in Markdown.

On a page, one cell may show several columns, such as a median and its quartiles.
"""

from collections.abc import Callable, Hashable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

import pandas as pd

from bench.report.tables.method_names import MERGES_NOTHING, forced_row_name, row_name
from bench.report.tables.result_text import compared_name_without_scope, result_text
from merge_impls.measurement_statistics import LEAST_IMAGES
from merge_impls.text_formats import format_three_digits

MISSING = "–"
"""The text of a cell without a value."""

_Row = Mapping[Hashable, Any]
"""A row of a frame, by column."""

CellFormat: TypeAlias = tuple[str, Callable[[_Row], str]]
"""The heading of a column, and the function that returns the text of a row's cell."""


@dataclass(frozen=True)
class ShownColumn:
    """A column as a page shows it: the column of the frame, the heading, and the text of each row."""

    name: str
    heading: str
    cells: list[str]
    is_number: bool


def shown_cells(
    frame: pd.DataFrame,
    columns: Sequence[str] | None = None,
    formats: Mapping[str, CellFormat] | None = None,
) -> list[ShownColumn]:
    """The columns of a table of this package as a page shows them. Raises ValueError without rows.

    columns: the columns to show, in this order; None for all. Columns without values are left out. So are
        columns that are shown in the cell of another column, such as quartiles.
    formats: the heading and the text of some columns, in place of those of a page.
    """
    known = _COLUMNS | dict(formats or {})
    hidden = _SHOWN_IN_ANOTHER_CELL - set(formats or ())
    if frame.empty:
        raise ValueError("the table has no rows, because there are no records to report on")
    rows = frame.to_dict("records")
    shown = []
    for column in frame.columns if columns is None else columns:
        if column not in frame or column in hidden:
            continue
        heading, text = known.get(column, (column, _plain_formatter(column)))
        cells = [text(row) for row in rows]
        if set(cells) != {MISSING}:
            is_number = pd.api.types.is_numeric_dtype(frame[column])
            shown.append(ShownColumn(column, heading, cells, is_number))
    return shown


def to_markdown(frame: pd.DataFrame, columns: Sequence[str] | None = None) -> str:
    """``shown_cells`` in Markdown; numbers stand at the right."""
    shown = shown_cells(frame, columns)
    alignment = ["right" if each.is_number else "left" for each in shown]
    table = shown_cells_frame(shown)
    return table.to_markdown(index=False, disable_numparse=True, colalign=alignment)


def shown_cells_frame(shown: Sequence[ShownColumn]) -> pd.DataFrame:
    """The texts of the cells as a frame, with the headings as names of its columns."""
    return pd.DataFrame({column.heading: column.cells for column in shown})


def _plain_formatter(name: str) -> Callable[[_Row], str]:
    """A function that returns the text of the column ``name`` of a row."""
    return lambda row: _value_text(row[name])


def _median_and_quartiles_formatter(name: str) -> Callable[[_Row], str]:
    """The median with its quartiles; the median alone if both quartiles are equal: those of one round."""

    def with_quartiles(row: _Row) -> str:
        if pd.isna(row[name]):
            return MISSING
        if row[f"{name}_q1"] == row[f"{name}_q3"]:
            return format_three_digits(row[name])
        low, high = format_three_digits(row[f"{name}_q1"]), format_three_digits(row[f"{name}_q3"])
        return f"{format_three_digits(row[name])} ({low} to {high})"

    return with_quartiles


def _rounded_number_formatter(name: str) -> Callable[[_Row], str]:
    return lambda row: MISSING if pd.isna(row[name]) else format_three_digits(row[name])


def _whole_number_formatter(name: str) -> Callable[[_Row], str]:
    return lambda row: MISSING if pd.isna(row[name]) else f"{int(row[name]):,}"


def name_with_threads(row: _Row) -> str:
    """The backend of a row, with its threads if it has more than 1."""
    threads = row.get("threads", 1)
    return f"{row['backend']} ({threads} threads)" if threads > 1 else str(row["backend"])


def _linkage_text(row: _Row) -> str:
    is_merge = row.get("identical") != MERGES_NOTHING
    return _value_text(row["linkage"]) if is_merge else MISSING


def _merge_time_text(row: _Row) -> str:
    if "ms_q1" not in row:
        return _rounded_number_formatter("ms")(row)
    text = _median_and_quartiles_formatter("ms")(row)
    return f"{text} on crops" if text != MISSING and row.get("scope") == "crops" else text


def _speedup_text(row: _Row) -> str:
    if pd.isna(row["speedup"]):
        return MISSING
    words = row.get("verdict")
    verdict = "" if pd.isna(words) or not words else f": {words}"
    on_crops = row.get("scope") == "crops" and str(row["speedup_over"]).endswith(" on crops")
    baseline = f"{speed_baseline(row)}{' on crops' if on_crops else ''}"
    return f"{format_speed(row['speedup'])} × {baseline}{verdict}"


def speed_baseline(row: _Row) -> str:
    """The method that the speed of a row is relative to, with its scope if it is not that of the row."""
    return compared_name_without_scope(row["speedup_over"], str(row.get("scope", "")))


def _lowest_speed_text(row: _Row) -> str:
    if pd.isna(row["lowest_speed"]):
        return MISSING
    return f"{format_speed(row['lowest_speed'])} × {row['speedup_over']}"


def format_speed(speedup: float) -> str:
    """A speedup with three digits; one below 0.1 as a fraction, such as "1/227"."""
    if 0 < speedup < 0.1:
        return f"1/{format_three_digits(1 / speedup)}"
    return format_three_digits(speedup)


def _change_text(row: _Row) -> str:
    if pd.isna(row["change"]):
        return MISSING
    if row["images"] < LEAST_IMAGES:
        return f"{row['change']:+.3f} ({MISSING})"
    return f"{row['change']:+.3f} ({row['change_low']:+.3f} to {row['change_high']:+.3f})"


def _mean_change_text(row: _Row) -> str:
    if pd.isna(row["mean_change"]):
        return MISSING
    if row["runs"] == 1:
        return f"{row['mean_change']:+.3f}"
    return (
        f"{row['mean_change']:+.3f} ({row['lowest_change']:+.3f} to {row['highest_change']:+.3f})"
    )


def _mean_adjusted_rand_text(row: _Row) -> str:
    if pd.isna(row["mean_adjusted_rand"]):
        return MISSING
    lowest = "" if row["runs"] == 1 else f" ({row['lowest_adjusted_rand']:.3f})"
    return f"{row['mean_adjusted_rand']:.3f}{lowest}"


def _percent_formatter(name: str) -> Callable[[_Row], str]:
    return lambda row: MISSING if pd.isna(row[name]) else f"{100 * row[name]:.1f}%"


def _time_ratio_text(row: _Row) -> str:
    if pd.isna(row["time_ratio"]):
        return MISSING
    names = ("time_ratio", "time_low", "time_high")
    value, low, high = (format_three_digits(row[name]) for name in names)
    return f"{value} ({low} to {high})"


def _ap_change_text(row: _Row) -> str:
    return MISSING if pd.isna(row["ap_change"]) else f"{row['ap_change']:+.4f}"


def _reached_level_text(row: _Row) -> str:
    return "limit, not aim" if row["reached"] == "must" else str(row["reached"])


def _data_and_row_text(row: _Row) -> str:
    """The data, and the row of the study if it has rows: "scenes: exact"."""
    name = row.get("row")
    return f"{row['data']}: {name}" if isinstance(name, str) and name else str(row["data"])


def _state_in_note(note: Any) -> Any:
    """The state of a cell without results, such as "failed". The CSV, or a click, shows the reason."""
    return note.partition(":")[0] if isinstance(note, str) else note


def _row_text(row: _Row) -> str:
    """The row of the study, with a remark if it is approximate and no column names the method."""
    if pd.isna(row["row"]) or not row["row"]:
        return MISSING
    return forced_row_name(row) if "method" in row else row_name(row)


_COLUMNS: dict[str, CellFormat] = {
    "backend": ("backend", name_with_threads),
    "row": ("row", _row_text),
    "linkage": ("linkage", _linkage_text),
    "data": ("data", _data_and_row_text),
    "paper": ("AP in the paper", _plain_formatter("paper")),
    "score at 0.5": ("score at IoU 0.5", _plain_formatter("score at 0.5")),
    "ms": ("ms to merge one image: median (quartiles)", _merge_time_text),
    "milliseconds": ("ms to merge", _rounded_number_formatter("milliseconds")),
    "best": ("best AP", _plain_formatter("best")),
    "round_ms": ("ms to merge: median (quartiles)", _median_and_quartiles_formatter("round_ms")),
    "all_ms": ("ms with conversions", _rounded_number_formatter("all_ms")),
    "first_ms": ("ms of the first call, on a tiny field", _rounded_number_formatter("first_ms")),
    "ns_an_edge": ("ns per edge", _rounded_number_formatter("ns_an_edge")),
    "speedup": ("speed", _speedup_text),
    "peak_mib": ("peak memory in MiB", _rounded_number_formatter("peak_mib")),
    "peak_grids": ("peak memory / input size", _rounded_number_formatter("peak_grids")),
    "segments": ("segments", _whole_number_formatter("segments")),
    "size": ("field (height x width)", _plain_formatter("size")),
    "edges": ("edges", _whole_number_formatter("edges")),
    "merges": ("merges", _whole_number_formatter("merges")),
    "vertices": ("vertices", _whole_number_formatter("vertices")),
    "regions": ("regions", _rounded_number_formatter("regions")),
    "exponent": ("exponent of CPU time", _rounded_number_formatter("exponent")),
    "lowest_speed": ("lowest speed", _lowest_speed_text),
    "largest": ("edges of the largest graph", _whole_number_formatter("largest")),
    "slow_family": ("on family", _plain_formatter("slow_family")),
    "highest_exponent": (
        "highest exponent of CPU time",
        _rounded_number_formatter("highest_exponent"),
    ),
    "steep_family": ("of family", _plain_formatter("steep_family")),
    "change": ("change of AP (95% interval)", _change_text),
    "mean_change": ("change of AP: mean (lowest to highest)", _mean_change_text),
    "mean_adjusted_rand": ("adjusted Rand: mean (lowest)", _mean_adjusted_rand_text),
    "tied_merges": ("tied merges", _percent_formatter("tied_merges")),
    "time_ratio": ("time B / A (95% interval)", _time_ratio_text),
    "ap_change": ("AP B - A", _ap_change_text),
    "against": ("compared with", _plain_formatter("against")),
    "must": ("required", _plain_formatter("must")),
    "mild": ("mild noise", _rounded_number_formatter("mild")),
    "strong": ("strong noise", _rounded_number_formatter("strong")),
    "reached": ("reached", _reached_level_text),
    "note": ("note", lambda row: _value_text(_state_in_note(row["note"]))),
    "identical": ("result", lambda row: result_text(row) or MISSING),
}
_SHOWN_IN_ANOTHER_CELL = {
    "ms_q1",
    "ms_q3",
    "change_low",
    "change_high",
    "round_ms_q1",
    "round_ms_q3",
    "speedup_over",
    "speedup_low",
    "speedup_high",
    "noise_floor",
    "verdict",
    "warnings",
    "identical_to",
    "agreement",
    "adjusted_rand",
    "split_bits",
    "merge_bits",
    "threads",
    "scope",
}


def _value_text(value: Any) -> str:
    if pd.isna(value) or value == "":
        return MISSING
    return f"{value:.3f}" if isinstance(value, float) else str(value)
