"""The text that says how a result compares with that of the reference."""

import re
from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from bench.report.tables.image_merge_times import APPROXIMATE


def result_text(row: Mapping[Hashable, Any]) -> str:
    """Whether the result of a row equals that of the reference, and with which others it was compared."""
    if row["identical"] == APPROXIMATE:
        return _approximate_result_text(row)
    verdict, others = row["identical"], row["identical_to"]
    if pd.isna(verdict) or not verdict:
        return ""
    if verdict != "yes":
        return "DIFFERS" if verdict == "NO" else str(verdict)
    if not others:
        return "checked"
    return f"same as {compared_name_without_scope(others, str(row.get('scope', '')))}"


def _approximate_result_text(row: Mapping[Hashable, Any]) -> str:
    """How well an approximate result agrees with the exact one. Older records have the F-score alone.

    After forced local merge, an exact backend merges on; with which methods its result agrees is said, too.
    """
    text = APPROXIMATE + (" (equal here)" if _equals_exact_segments(row) else "")
    for name, column in (("adjusted Rand", "adjusted_rand"), ("F-score", "agreement")):
        if pd.notna(row.get(column)):
            text += f": {name} {row[column]:.3f}"
            break
    others = row.get("identical_to")
    if row.get("computes") or pd.isna(others) or not others:
        return text
    return f"{text}, same as {compared_name_without_scope(others, str(row.get('scope', '')))}"


def _equals_exact_segments(row: Mapping[Hashable, Any]) -> bool:
    """Whether no exact segment is split or merged, so that the segments of all problems are equal."""
    return row.get("split_bits") == 0 and row.get("merge_bits") == 0


def compared_name_without_scope(text: str, scope: str) -> str:
    """The name of what a result was compared with, without ``scope``, which is the scope of the row.

    A scope is what was merged: whole images ("maps") or one crop of each image ("crops").
    """
    text = re.sub(rf" on {scope or 'maps'}\b(?! of)", "", text)
    text = re.sub(r", (\d+ threads)", r" (\1)", text)
    return re.sub(r" on (crops of \w+|maps)", r" (\1)", text)
