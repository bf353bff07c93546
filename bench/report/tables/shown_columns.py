"""Tables for pages, with at most seven columns. The CSV file of the same name has all columns."""

from collections.abc import Mapping

import pandas as pd

from bench.report.tables.formats import MISSING, ShownColumn, shown_cells, to_markdown

_SETTING = ("dataset", "split", "model", "machine")
"""Columns that a table has only if they do not have the same value in all rows."""

_SHOWN_COLUMNS: Mapping[str, tuple[str, ...]] = {
    "speed_accuracy": (*_SETTING, "backend", "linkage", "AP", "ms", "speedup", "identical", "note"),
    "accuracy": (*_SETTING, "row", "method", "linkage", "AP", "AP50", "score at 0.5", "images"),
    "ablation": ("machine", "row", "method", "linkage", "paper", "AP", "change", "against", "ms"),
    "exactness": (
        "machine",
        "method",
        "data",
        "AP",
        "identical",
        "peak_mib",
        "milliseconds",
        "speedup",
    ),
    "stability": (
        "machine",
        "linkage",
        "against",
        "changed",
        "tied_merges",
        "mean_adjusted_rand",
        "AP",
        "mean_change",
    ),
    "comparison": ("method", "AP", "small", "medium", "large", "change"),
    "runs": ("run", "data", "machine", "best", "AP", "fastest", "ms"),
    "checks": ("check", "state", "examples", "seconds", "reason"),
    "changes": ("cell", "time_ratio", "verdict of time", "ap_change", "limit"),
    "object_sizes": (*_SETTING, "row", "method", "linkage", "AP", "small", "medium", "large"),
    "goals": ("goal", "must", "aim", "mild", "strong", "reached"),
    "speed": (
        "machine",
        "backend",
        "linkage",
        "round_ms",
        "speedup",
        "peak_mib",
        "identical",
        "note",
    ),
    "families": (
        "family",
        "machine",
        "method",
        "linkage",
        "round_ms",
        "speedup",
        "exponent",
        "note",
    ),
    "worst_families": (
        "backend",
        "linkage",
        "lowest_speed",
        "slow_family",
        "highest_exponent",
        "steep_family",
    ),
    "scaling": (
        "machine",
        "backend",
        "linkage",
        "noise",
        "size",
        "edges",
        "round_ms",
        "ns_an_edge",
    ),
}
"""For each table, by the name of its CSV file, the columns that a page shows."""


def shown_columns(name: str, frame: pd.DataFrame) -> list[ShownColumn]:
    """The columns of a table that a page shows. Raises ValueError if the frame has no rows.

    name: the name of the CSV file of the table, without ``.csv``.
    """
    return shown_cells(frame, shown_column_names(name, frame))


def shown_columns_markdown(name: str, frame: pd.DataFrame) -> str:
    """``shown_columns`` in Markdown."""
    return to_markdown(frame, shown_column_names(name, frame))


def row_id(name: str, number: int) -> str:
    """The identifier, on an HTML page, of the row ``number`` (from 0) of the table ``name``."""
    return f"row-{name}-{number}"


def row_titles(name: str, frame: pd.DataFrame) -> list[str]:
    """For each row, one line with the heading and the text of each shown cell that is not empty."""
    columns = shown_columns(name, frame)
    return [
        "; ".join(
            f"{column.heading}: {column.cells[number]}"
            for column in columns
            if column.cells[number] != MISSING
        )
        for number in range(len(frame))
    ]


def shown_column_names(name: str, frame: pd.DataFrame) -> tuple[str, ...] | None:
    """The names of the shown columns; None for all, in a table that has a column for each method."""
    if name == "family_speeds":
        return None
    if name == "ablation" and "method" in frame:  # which also names the linkage
        return tuple(column for column in _SHOWN_COLUMNS[name] if column != "linkage")
    return _SHOWN_COLUMNS[
        "speed" if name.startswith("speed_") and name not in _SHOWN_COLUMNS else name
    ]
