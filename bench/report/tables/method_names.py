"""The names of methods and rows in tables, figures and sentences, with a remark on approximate methods."""

import re
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from bench.report.tables.image_merge_times import APPROXIMATE
from bench.runner.approximate_merges import is_approximate_merge, merges_nothing
from bench.runner.record import Record

REMARK = " (approximate)"
"""Stands behind the name of a method whose segments may differ from the exact ones."""

MERGES_NOTHING = "merges nothing"
"""Stands in place of a result, and behind the name, of a method of fields that makes no segments."""


def method_name(record: Record) -> str:
    """The name of a method, with its threads if it has more than 1, and a remark if it is not exact."""
    threads = f" ({record.cell.threads} threads)" if record.cell.threads > 1 else ""
    remark = REMARK if is_approximate_merge(record) else ""
    remark = f" ({MERGES_NOTHING})" if merges_nothing(record) else remark
    return f"{record.cell.backend}{threads}{remark}"


def method_and_linkage(record: Record) -> str:
    """The name of a method and its linkage, with ``REMARK``."""
    remark = REMARK if is_approximate_merge(record) else ""
    return f"{record.cell.backend}, {record.cell.linkage}{remark}"


def row_name(row: Mapping[Hashable, Any] | pd.Series) -> str:
    """The name of a row of an ``ablation_table``, with the method if the method is approximate.

    The row of the study has the exact methods too, so its name alone would stand for their result.
    """
    if _is_exact_method(row):
        return forced_row_name(row)
    return f"{row['row']}: {row['backend']}{REMARK}"


def forced_row_name(row: Mapping[Hashable, Any] | pd.Series) -> str:
    """The name of a row of a study, with ``REMARK`` if the row is approximate by forced local merge."""
    is_forced = row.get("identical") == APPROXIMATE and _is_exact_method(row)
    return f"{row['row']}{REMARK if is_forced else ''}"


def _is_exact_method(row: Mapping[Hashable, Any] | pd.Series) -> bool:
    computes = row.get("computes")
    return bool(pd.isna(computes) or not computes)


def quoted_row_name(row: Mapping[Hashable, Any] | pd.Series) -> str:
    """The name of a row of a table as code in Markdown: its ``row_name``, or the backend with its threads."""
    threads = f" ({row['threads']} threads)" if row.get("threads", 1) > 1 else ""
    return f"`{row_name(row) if 'row' in row else row['backend']}`{threads}"


def names_of_compared(record: Record) -> str:
    """The methods with whose results those of a record were compared: the entry ``identical_to``.

    Older records name the width of crops first: "68x36 crops" is now "crops of 36x68".
    """
    return re.sub(r"\b(\d+)x(\d+) crops\b", r"crops of \2x\1", record.identical_to)
