"""All tables of any study, by the names of their files."""

from collections.abc import Sequence

import pandas as pd

from bench.report.tables.ablation import ablation_table
from bench.report.tables.ap_by_object_size import object_sizes_table
from bench.report.tables.baselines import names_a_baseline
from bench.report.tables.exactness import exactness_table
from bench.report.tables.field_measurements import fields_and_images
from bench.report.tables.image_study import accuracy_table, speed_accuracy_table
from bench.report.tables.speed_study import speed_study_tables
from bench.report.tables.stability import stability_table
from bench.runner.record import Record
from bench.runner.study import Goal

IMAGE_TABLES = ("exactness", "ablation", "stability", "speed_accuracy", "accuracy", "object_sizes")
"""The names of the tables of images; all other tables are of fields."""


def study_tables(
    records: Sequence[Record], goals: Sequence[Goal], baseline: str | None = None
) -> dict[str, pd.DataFrame]:
    """The tables of a study, by the names of their files.

    - a study of generated fields has the tables of ``speed_study_tables``;
    - a study of images with variants has the table ``ablation``, and ``stability`` if a variant changes the
      problems;
    - another study of images has ``speed_accuracy``, and ``accuracy`` if any method was scored;
    - a study of images has ``object_sizes`` if its scores have AP by size of object;
    - a study of images and fields has ``exactness``, the tables of its images, and those of its fields;
    - a study of images with variants and a baseline has ``exactness`` too, for the times of all variants.

    baseline: the method that times are divided by; None for the one that the records name, or a default.
    """
    of_fields, of_images = fields_and_images(records)
    if not of_images:
        return speed_study_tables(of_fields, goals, baseline)
    tables = _image_study_tables(of_images, baseline)
    has_baseline = baseline is not None or names_a_baseline(of_images)
    if of_fields or ("ablation" in tables and has_baseline):
        tables = {"exactness": exactness_table(records, baseline), **tables}
    return {**tables, **speed_study_tables(of_fields, goals, baseline)}


def _image_study_tables(records: Sequence[Record], baseline: str | None) -> dict[str, pd.DataFrame]:
    if any(record.cell.row for record in records):
        tables = {"ablation": ablation_table(records), "stability": stability_table(records)}
        kept = {name: table for name, table in tables.items() if name == "ablation" or len(table)}
        return {**kept, **_object_sizes(records)}
    speeds = speed_accuracy_table(records, baseline)
    tables = {"speed_accuracy": speeds, "accuracy": accuracy_table(records)}
    kept = {name: table for name, table in tables.items() if name != "accuracy" or len(table)}
    return {**kept, **_object_sizes(records)}


def _object_sizes(records: Sequence[Record]) -> dict[str, pd.DataFrame]:
    table = object_sizes_table(records)
    return {"object_sizes": table} if len(table) else {}
