"""Tables as a command prints them: plain text for 100 characters, with the intervals of speeds.

A page has fewer figures in its tables, because its CSV file, or a click, shows all others.
"""

import re
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from bench.report.tables.formats import (
    MISSING,
    CellFormat,
    format_speed,
    name_with_threads,
    shown_cells,
    speed_baseline,
)
from bench.report.tables.result_text import result_text
from bench.report.tables.shown_columns import shown_column_names
from merge_impls.measurement_statistics import NOISE_FLOOR_NOTE, TOO_FEW_ROUNDS
from merge_impls.text_formats import (
    TERMINAL_WIDTH,
    format_percent,
    format_table,
    format_three_digits,
)

_SAME = "same result"
"""Stands in place of the names of the methods with the same results, which take too much of a line."""


def terminal_table(name: str, frame: pd.DataFrame) -> str:
    """The table as text, and the notes that it needs. Raises ValueError without rows.

    name: the name of the CSV file of the table, without ``.csv``.
    """
    columns = shown_cells(frame, _column_names(name, frame), _cell_formats(frame))
    rows = [
        [column.heading for column in columns],
        *zip(*(each.cells for each in columns), strict=True),
    ]
    right = [number for number, column in enumerate(columns) if column.is_number]
    has_floor = any(column.name == "noise_floor" for column in columns)
    notes = [NOISE_FLOOR_NOTE] if has_floor else []
    if any(cell.endswith(_SAME) for column in columns for cell in column.cells):
        notes.append(f"{_SAME}: bit for bit that of the methods which the report names")
    return "\n".join([format_table(rows, right, TERMINAL_WIDTH), *notes])


def _column_names(name: str, frame: pd.DataFrame) -> list[str]:
    """The columns of a page, and those that say what a speed is worth."""
    shown = shown_column_names(name, frame)
    names = [str(column) for column in (frame.columns if shown is None else shown)]
    if "speedup" in names:
        place = names.index("speedup") + 1
        names[place:place] = ["noise_floor", "verdict"]
    return names


def _cell_formats(frame: pd.DataFrame) -> dict[str, CellFormat]:
    """The headings and texts that differ from those of a page."""
    formats: dict[str, CellFormat] = {
        "backend": ("backend", _backend_text),
        "ms": ("ms to merge one image", lambda row: _three_digits(row["ms"])),
        "round_ms": ("ms to merge", lambda row: _three_digits(row["round_ms"])),
        "noise_floor": ("noise floor", _noise_floor_text),
        "verdict": ("verdict", lambda row: _verdict_text(row) or MISSING),
        "identical": ("result", _short_result_text),
    }
    if "speedup" not in frame:
        return formats
    rows = frame.to_dict("records")
    baselines = {speed_baseline(row) for row in rows if not pd.isna(row["speedup"])}
    if len(baselines) == 1:
        heading = f"N × {baselines.pop()} (95% interval)"
        return formats | {"speedup": (heading, _speed_text)}
    return formats | {"speedup": ("speed (95% interval)", _speed_and_baseline_text)}


def _backend_text(row: Mapping[Hashable, Any]) -> str:
    on_crops = ", on crops" if row.get("scope") == "crops" else ""
    return f"{name_with_threads(row)}{on_crops}"


def _speed_text(row: Mapping[Hashable, Any], baseline: str = "") -> str:
    """The speed with its interval, which is left out for the baseline itself and over few rounds."""
    if pd.isna(row["speedup"]):
        return MISSING
    speed = f"{format_speed(row['speedup'])}{baseline}"
    verdict = _verdict_text(row)
    if not verdict or verdict == TOO_FEW_ROUNDS or pd.isna(row["speedup_low"]):
        return speed
    return f"{speed} ({format_speed(row['speedup_low'])} to {format_speed(row['speedup_high'])})"


def _speed_and_baseline_text(row: Mapping[Hashable, Any]) -> str:
    return _speed_text(row, f" × {speed_baseline(row)}")


def _noise_floor_text(row: Mapping[Hashable, Any]) -> str:
    """The noise floor of a row that has a verdict, in percent."""
    has_floor = _verdict_text(row) and not pd.isna(row["noise_floor"])
    return format_percent(row["noise_floor"]) if has_floor else MISSING


def _short_result_text(row: Mapping[Hashable, Any]) -> str:
    return re.sub("same as .*", _SAME, result_text(row)) or MISSING


def _verdict_text(row: Mapping[Hashable, Any]) -> str:
    verdict = row["verdict"]
    return "" if pd.isna(verdict) else str(verdict)


def _three_digits(value: float) -> str:
    return MISSING if pd.isna(value) else format_three_digits(value)
