"""The files of tables: CSV and Parquet with all columns and digits, LaTeX with what a page shows."""

from collections.abc import Callable, Mapping
from pathlib import Path

import pandas as pd

from bench.report.tables.formats import shown_cells_frame
from bench.report.tables.shown_columns import shown_columns
from merge_impls.file_writing import atomic_write

SUFFIXES = {"csv": ".csv", "parquet": ".parquet", "latex": ".tex"}
"""The formats of tables, and the endings of their files."""


def write_tables(
    folder: Path, tables: Mapping[str, pd.DataFrame], table_format: str = "csv"
) -> None:
    """Write each table to a file of ``folder``, which is made if it does not exist.

    tables: by the names of their files without ending. table_format: a key of ``SUFFIXES``.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name, frame in tables.items():
        _WRITERS[table_format](frame, folder / f"{name}{SUFFIXES[table_format]}")


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Write ``frame`` with all digits; a missing value is an empty field."""
    with atomic_write(Path(path)) as unfinished:
        frame.to_csv(unfinished, index=False, lineterminator="\n")


def _write_parquet(frame: pd.DataFrame, path: Path) -> None:
    with atomic_write(path) as unfinished:
        frame.to_parquet(unfinished, index=False)


def _write_latex(frame: pd.DataFrame, path: Path) -> None:
    """Write the columns of a page, rounded, as a ``tabular`` environment of the package booktabs."""
    columns = shown_columns(path.stem, frame)
    alignment = "".join("r" if column.is_number else "l" for column in columns)
    with atomic_write(path) as unfinished:
        shown_cells_frame(columns).to_latex(
            unfinished, index=False, escape=True, column_format=alignment, encoding="utf-8"
        )


_WRITERS: Mapping[str, Callable[[pd.DataFrame, Path], None]] = {
    "csv": write_csv,
    "parquet": _write_parquet,
    "latex": _write_latex,
}
