"""All tables of any study, by the names of their files."""

from collections.abc import Sequence

import pandas as pd

from bench.methods.method import unversioned_name
from bench.report.tables.ablation import ablation_table
from bench.report.tables.image_speedups import DEFAULT_BASELINES
from bench.report.tables.image_study import accuracy_table, speed_accuracy_table
from bench.report.tables.speed_study import speed_study_tables
from bench.runner.record import Record
from bench.runner.study import Goal


def study_tables(
    records: Sequence[Record], goals: Sequence[Goal], baseline: str | None = None
) -> dict[str, pd.DataFrame]:
    """The tables of a study, by the names of their files.

    - a study of generated fields has the tables of ``speed_study_tables``;
    - a study of images with variants has the table ``ablation``;
    - another study of images has ``speed_accuracy``, and ``accuracy`` if any method was scored.

    baseline: the method that ``speed_accuracy`` compares times with; None for ``DEFAULT_BASELINES``.
    """
    if records[0].is_of_fields:
        return speed_study_tables(records, goals)
    if any(record.cell.row for record in records):
        return {"ablation": ablation_table(records)}
    baselines = _versions_of_baselines(
        DEFAULT_BASELINES if baseline is None else (baseline,), records
    )
    speeds = speed_accuracy_table(records, baselines)
    tables = {"speed_accuracy": speeds, "accuracy": accuracy_table(records)}
    return {name: table for name, table in tables.items() if name != "accuracy" or len(table)}


def _versions_of_baselines(baselines: Sequence[str], records: Sequence[Record]) -> list[str]:
    """The names of all versions of each baseline. A method is compared with the one of its own run."""
    names = dict.fromkeys(record.cell.backend for record in records)
    return [
        name
        for baseline in baselines
        for name in names
        if baseline in (name, unversioned_name(name))
    ]
