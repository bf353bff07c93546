"""The tables of AP by size of object: of methods on the same images, and of the cells of a study."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bench.evaluation.average_precision import SIZE_RANGES
from bench.report.tables.image_study import number_or_nan
from bench.report.tables.method_names import method_name
from bench.runner.record import Record, latest_record_of_each_cell


@dataclass(frozen=True)
class MethodApBySize:
    """AP of a method, in [0, 1]; nan if there are no objects.

    ap: AP of all objects. by_size: AP of the objects of each range of sizes, by the name of the range.
    images: the number of scored images.
    change: AP minus AP of the first method, and the lower and the upper bound of its interval. None for the
        first method.
    """

    method: str
    ap: float
    by_size: Mapping[str, float]
    images: int
    change: tuple[float, float, float] | None = None


def ap_by_object_size_table(methods: Sequence[MethodApBySize]) -> pd.DataFrame:
    """One row for each method: name, AP, AP by size, change of AP with its interval, number of images."""
    rows = []
    for one in methods:
        change, low, high = one.change or (np.nan,) * 3
        row = {"method": one.method, "AP": one.ap, **one.by_size}
        row |= {"change": change, "change_low": low, "change_high": high}
        rows.append(row | {"images": one.images})
    return pd.DataFrame(rows)


def object_sizes_table(records: Iterable[Record]) -> pd.DataFrame:
    """One row for each row of the study, method and linkage whose scores have AP by size. Columns:

    - ``dataset``, ``split``, ``model``, ``row``: only if they are not the same in all rows.
    - ``method``, ``linkage``; ``AP``, and AP of each of ``SIZE_RANGES``; ``images``.

    Methods with the same scores share a row. The table is empty for records of older versions.
    """
    scored = [
        (record, record.cell, record.scores)
        for record in latest_record_of_each_cell(records)
        if record.scores and "by_size" in record.scores
    ]
    rows = [
        {
            "dataset": cell.dataset,
            "split": cell.split,
            "model": cell.model or "",
            "row": cell.row or "",
            "method": method_name(record),
            "linkage": cell.linkage or "",
            "AP": number_or_nan(scores["ap"]),
            **{size: number_or_nan(scores["by_size"][size][0]) for size in SIZE_RANGES},
            "images": scores["num_images"],
        }
        for record, cell, scores in scored
    ]
    if not rows:
        return pd.DataFrame()
    frame = pd.DataFrame(rows)
    alike = [name for name in frame if name != "method"]
    groups = frame.groupby(alike, dropna=False, sort=False)["method"]
    joined = groups.agg(lambda names: ", ".join(dict.fromkeys(names))).reset_index()[frame.columns]
    same = [name for name in ("dataset", "split", "model", "row") if joined[name].nunique() == 1]
    return joined.drop(columns=same)
