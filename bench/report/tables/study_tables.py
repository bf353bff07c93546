"""All tables of any study, by the names of their files."""

from collections.abc import Sequence

import pandas as pd

from bench.report.tables.ablation import ablation_table
from bench.report.tables.image_study import accuracy_table, speed_accuracy_table
from bench.report.tables.speed_study import speed_study_tables
from bench.runner.record import Record
from bench.runner.study import Goal


def study_tables(records: Sequence[Record], goals: Sequence[Goal]) -> dict[str, pd.DataFrame]:
    """The tables of a study, by the names of their files.

    - a study of generated fields has the tables of ``speed_study_tables``;
    - a study of images with variants has the table ``ablation``;
    - another study of images has ``speed_accuracy``, and ``accuracy`` if any method was scored.
    """
    if records[0].is_of_fields:
        return speed_study_tables(records, goals)
    if any(record.cell.row for record in records):
        return {"ablation": ablation_table(records)}
    tables = {"speed_accuracy": speed_accuracy_table(records), "accuracy": accuracy_table(records)}
    return {name: table for name, table in tables.items() if name != "accuracy" or len(table)}
