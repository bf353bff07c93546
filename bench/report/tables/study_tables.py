"""All tables of a study, by the names of their files."""

from collections.abc import Sequence

import pandas as pd

from bench.report.tables.ablation import ablation_table
from bench.report.tables.image_study import accuracy_table, speed_accuracy_table
from bench.report.tables.speed_study import speed_tables
from bench.runner.record import Record
from bench.runner.study import Goal


def study_tables(records: Sequence[Record], goals: Sequence[Goal]) -> dict[str, pd.DataFrame]:
    """The tables of a study's records. There are three kinds of studies:

    - of fields: see ``speed_tables``;
    - of images, row by row: ``ablation``;
    - of images: ``speed_accuracy``, and ``accuracy`` if any method was scored.
    """
    if records[0].of_fields:
        return speed_tables(records, goals)
    if any(record.cell.row for record in records):
        return {"ablation": ablation_table(records)}
    tables = {"speed_accuracy": speed_accuracy_table(records), "accuracy": accuracy_table(records)}
    return {name: table for name, table in tables.items() if name != "accuracy" or len(table)}
