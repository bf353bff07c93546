"""The label of each column where an HTML page lists all values of a row."""

from collections.abc import Hashable, Mapping
from typing import Any

import pandas as pd

from merge_impls.measurement_statistics import LEAST_IMAGES, TOO_FEW_ROUNDS

_LABELS = {
    "ms": "ms to merge one image, median",
    "ms_q1": "ms, first quartile",
    "ms_q3": "ms, third quartile",
    "round_ms": "ms to merge, median of the rounds",
    "round_ms_q1": "ms, first quartile",
    "round_ms_q3": "ms, third quartile",
    "all_ms": "ms with conversions",
    "first_ms": "ms of the first call, a merge of a tiny field, with any compilation",
    "change": "change of AP",
    "change_low": "change of AP, lower end of the 95% interval",
    "change_high": "change of AP, upper end of the 95% interval",
    "against": "compared with",
    "paper": "AP in the paper",
    "speedup_over": "speedup over",
    "noise_floor": "noise floor",
    "lowest_speed": "lowest speed",
    "slow_family": "family of the lowest speed",
    "highest_exponent": "highest exponent of CPU time",
    "steep_family": "family of the highest exponent",
    "exponent": "exponent of CPU time",
    "identical": "result",
    "identical_to": "compared, bit for bit, with",
    "front": "on the front of",
    "must": "required limit",
    "mild": "with mild noise",
    "strong": "with strong noise",
    "reached": "reached (must: the limit, not the aim)",
    "peak_mib": "peak memory in MiB",
    "peak_grids": "peak memory / input size",
    "ns_an_edge": "ns per edge",
    "speedup_low": "speedup, lower end of the interval",
    "speedup_high": "speedup, upper end of the interval",
    "adjusted_rand": "adjusted Rand",
    "agreement": "F-score of pairs of pixels",
    "split_bits": "variation of information in bits: exact segments that are split",
    "merge_bits": "variation of information in bits: exact segments that are merged",
}

_MEANS_OVER_IMAGES = ("vertices", "edges", "regions")


def value_labels(frame: pd.DataFrame) -> dict[str, str]:
    """For each column of a frame, its label: what the values are, and their unit.

    A column that no label is known for keeps its name.
    """
    classes = class_columns(frame)
    labels = _LABELS | {name: f"AP of {name}" for name in classes}
    if "images" in frame:
        labels |= {name: f"{name}, mean per image" for name in _MEANS_OVER_IMAGES}
    return {str(name): labels.get(str(name), str(name)) for name in frame.columns}


def values_without_meaning(row: Mapping[Hashable, Any]) -> set[str]:
    """The names of the columns of a row that a page leaves out.

    These are the interval of a change of AP over few images, the interval of a speed over few rounds, and
    the quartiles of one time.
    """
    hidden = set()
    if "change" in row and row["images"] < LEAST_IMAGES:
        hidden |= {"change_low", "change_high"}
    if row.get("verdict") == TOO_FEW_ROUNDS:
        hidden |= {"speedup_low", "speedup_high"}
    for time in ("ms", "round_ms"):
        low, high = f"{time}_q1", f"{time}_q3"
        hidden |= {low, high} if low in row and row[low] == row[high] else set()
    return hidden


def class_columns(frame: pd.DataFrame) -> list[str]:
    """The columns with AP by class: those between AP50 and the times or the number of images.

    The scores of microscopy, which stand between them, too, are left out.
    """
    names = [str(name) for name in frame.columns]
    ends = [names.index(name) for name in ("ms", "images") if name in names]
    if "AP50" not in names or not ends:
        return []
    between = names[names.index("AP50") + 1 : min(ends)]
    return [name for name in between if not name.startswith(("score at ", "at 0."))]
