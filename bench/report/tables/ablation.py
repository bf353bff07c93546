"""The table of a study with variants: AP, change of AP and merge time of each variant."""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from bench.report.tables.field_measurements import agreement_columns
from bench.report.tables.image_merge_times import (
    SETTING_COLUMNS,
    identity_verdict,
    merge_times,
    quartile_columns,
    times_of_cell,
)
from bench.report.tables.image_study import ap_by_class, number_or_nan
from bench.report.tables.method_names import method_and_linkage, names_of_compared
from bench.report.tables.pareto import front_column
from bench.runner.record import ApChange, MeasuredProblem, Record, latest_record_of_each_cell

CELL_COLUMNS = [*SETTING_COLUMNS, "backend", "threads", "scope", "row"]


def ablation_table(records: Iterable[Record]) -> pd.DataFrame:
    """One row for each variant, linkage and backend, in the order of the study. Columns:

    - ``machine``: only if there are several.
    - ``row``: the name of the variant. ``paper``: AP in the paper on Cityscapes val, or nan.
    - ``AP``, ``AP50``, and AP of each class; nan if the backend is wrong.
    - ``change``, ``change_low``, ``change_high``: the change of AP from the variant ``against`` of the same
      linkage, and its paired bootstrap interval over the images.
    - ``ms``, ``ms_q1``, ``ms_q3``: median and quartiles over the images of the merge time, which is the sum
      over all regions of an image; nan unless every result equals that of the reference, or is approximate.
    - ``front``: see ``front_column``. ``agreement`` and more: see ``agreement_columns``.
    - ``vertices``, ``edges``, ``regions``: means over the images.
    - ``computes``: what an approximate method computes; its results may differ from the reference's.
    - ``method``: the backend and the linkage, with a remark if the method is approximate; only if the table
      has several backends.
    - ``linkage``, ``backend``, ``images``; ``identical``, ``identical_to`` as in ``speed_accuracy_table``.
    """
    maps = [
        record
        for record in latest_record_of_each_cell(records)
        if record.cell.row and record.cell.scope == "maps"
    ]
    times = merge_times(maps)
    table = pd.DataFrame([_ablation_row(record, times) for record in maps])
    if table["backend"].nunique() > 1:
        table["method"] = [*map(method_and_linkage, maps)]
    return table.assign(front=front_column(table))


def _ablation_row(record: Record, times: pd.DataFrame) -> dict[str, Any]:
    cell, images = record.cell, record.images
    scores, paper = record.scores or {}, record.paper_ap
    own = times_of_cell(times, cell, CELL_COLUMNS)
    return {
        **({"machine": cell.machine} if cell.machine else {}),
        "row": cell.row,
        "linkage": cell.linkage,
        "paper": np.nan if paper is None else paper / 100,
        "AP": number_or_nan(scores.get("ap")),
        **_change_columns(record.change),
        "AP50": number_or_nan(scores.get("ap50")),
        **ap_by_class(scores),
        **quartile_columns(own["ms"]),
        **{name: _mean_over_images(images, name) for name in ("vertices", "edges", "regions")},
        "backend": cell.backend,
        "computes": record.computes,
        "identical": identity_verdict(record),
        "identical_to": names_of_compared(record),
        "images": len(images),
        **agreement_columns(images),
    }


def _change_columns(change: ApChange | None) -> dict[str, Any]:
    """The columns of the change of AP. They are nan and "" if the variant is not compared with another."""
    return {
        "change": change.difference if change else np.nan,
        "change_low": change.low if change else np.nan,
        "change_high": change.high if change else np.nan,
        "against": change.against if change else "",
    }


def _mean_over_images(images: Sequence[MeasuredProblem], name: str) -> float:
    return float(np.mean([getattr(image, name) for image in images])) if images else np.nan
