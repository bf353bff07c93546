"""The table of stability: how far segments and AP move if a change of the problems should not matter."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np
import pandas as pd

from bench.report.tables.field_measurements import agreement_columns
from bench.report.tables.image_study import number_or_nan
from bench.runner.record import Record, latest_record_of_each_cell

ONE_STEP, REVERSED, BOTH = "one step of 1 / 65535", "ties reversed", "one step, ties reversed"
"""What was changed: each affinity moved by one step of the fixed point, ties broken otherwise, or both."""


def is_disturbed(record: Record) -> bool:
    """Whether affinities were moved or ties were broken otherwise. Rounding alone does not count."""
    change = record.problem_change or {}
    return "seed" in change or "reversed_ties" in change


def stability_table(records: Iterable[Record]) -> pd.DataFrame:
    """One row for each linkage, backend, unchanged row and kind of change. Columns:

    - ``linkage``, ``backend``; ``against``: the row without the change; ``changed``: what was changed.
    - ``tied_merges``: the share of the unchanged row's merges whose edge weighs as much as that of the merge
      before, over all images. ``levels``: to how many values affinities are rounded; nan: not at all.
    - ``runs``: the number of changed rows, such as one for each seed. ``images``: of each row.
    - ``mean_adjusted_rand``, ``split_bits``, ``merge_bits``: the agreement with the segments of the unchanged
      row, means over images and runs. ``lowest_adjusted_rand``: the lowest of the runs, each over all images.
    - ``AP``: of the unchanged row. ``mean_change``: AP minus that AP, the mean over the runs;
      ``lowest_change``, ``highest_change``: the lowest and the highest of the runs.

    Empty if no row has changed problems.
    """
    maps = [
        each
        for each in latest_record_of_each_cell(records)
        if each.cell.scope == "maps" and each.state == "done"
    ]
    rows = {_row_key(each, each.cell.row): each for each in maps}
    groups = _runs_by_kind(maps).items()
    found = [(rows.get(tuple(key)), kind, runs) for (*key, kind), runs in groups]
    return pd.DataFrame([_row(each, kind, runs) for each, kind, runs in found if each is not None])


def _runs_by_kind(records: Iterable[Record]) -> dict[tuple[Any, ...], list[Record]]:
    """The records with a change of the problems, by the unchanged row and the kind of change."""
    groups: dict[tuple[Any, ...], list[Record]] = defaultdict(list)
    for record in records:
        if is_disturbed(record) and record.change is not None:
            groups[*_row_key(record, record.change.against), _kind(record)].append(record)
    return groups


def _row_key(record: Record, row: str | None) -> tuple[Any, ...]:
    cell = record.cell
    return cell.machine, cell.backend, cell.linkage, row


def _kind(record: Record) -> str:
    change = record.problem_change or {}
    if "seed" not in change:
        return REVERSED
    return BOTH if "reversed_ties" in change else ONE_STEP


def _row(unchanged: Record, kind: str, runs: Sequence[Record]) -> dict[str, Any]:
    cell = unchanged.cell
    return {
        **({"machine": cell.machine} if cell.machine else {}),
        "linkage": cell.linkage,
        "against": cell.row,
        "changed": kind,
        "tied_merges": _share_of_tied_merges(unchanged),
        "levels": (unchanged.problem_change or {}).get("levels", np.nan),
        "runs": len(runs),
        "images": len(unchanged.images),
        **_agreement_of_runs(runs),
        "AP": number_or_nan((unchanged.scores or {}).get("ap")),
        **_ap_changes_of_runs(runs),
        "backend": cell.backend,
    }


def _agreement_of_runs(runs: Sequence[Record]) -> dict[str, float]:
    agreement = pd.DataFrame([agreement_columns(run.images) for run in runs])
    return {
        "mean_adjusted_rand": agreement["adjusted_rand"].mean(),
        "lowest_adjusted_rand": agreement["adjusted_rand"].min(),
        "split_bits": agreement["split_bits"].mean(),
        "merge_bits": agreement["merge_bits"].mean(),
    }


def _ap_changes_of_runs(runs: Sequence[Record]) -> dict[str, float]:
    changes = [run.change.difference for run in runs if run.change is not None]
    return {
        "mean_change": float(np.mean(changes)),
        "lowest_change": min(changes),
        "highest_change": max(changes),
    }


def _share_of_tied_merges(record: Record) -> float:
    """The tied merges divided by all merges of all images; nan if they were not counted."""
    ties = [image.tied_merges for image in record.images]
    merges = sum(image.merges for image in record.images)
    if None in ties or not merges:
        return np.nan
    return sum(tied for tied in ties if tied is not None) / merges
