"""All tables of any study, by the names of their files."""

from collections.abc import Sequence

import pandas as pd

from bench.methods.method import unversioned_name
from bench.report.tables.ablation import ablation_table
from bench.report.tables.ap_by_object_size import object_sizes_table
from bench.report.tables.exactness import exactness_table
from bench.report.tables.field_measurements import fields_and_images
from bench.report.tables.image_speedups import DEFAULT_BASELINES
from bench.report.tables.image_study import accuracy_table, speed_accuracy_table
from bench.report.tables.speed_study import speed_study_tables
from bench.report.tables.stability import stability_table
from bench.runner.record import Record
from bench.runner.study import Goal


def study_tables(
    records: Sequence[Record], goals: Sequence[Goal], baseline: str | None = None
) -> dict[str, pd.DataFrame]:
    """The tables of a study, by the names of their files.

    - a study of generated fields has the tables of ``speed_study_tables``;
    - a study of images with variants has the table ``ablation``, and ``stability`` if a variant changes the
      problems;
    - another study of images has ``speed_accuracy``, and ``accuracy`` if any method was scored;
    - a study of images has ``object_sizes`` if its scores have AP by size of object;
    - a study of images and fields has ``exactness``, the tables of its images, and those of its fields.

    baseline: the method that ``speed_accuracy`` compares times with; None for ``DEFAULT_BASELINES``.
    """
    of_fields, of_images = fields_and_images(records)
    if not of_images:
        return speed_study_tables(of_fields, goals)
    tables = _image_study_tables(of_images, baseline)
    if not of_fields:
        return tables
    exactness = exactness_table([*of_images, *of_fields])
    return {"exactness": exactness, **tables, **speed_study_tables(of_fields, goals)}


def _image_study_tables(records: Sequence[Record], baseline: str | None) -> dict[str, pd.DataFrame]:
    if any(record.cell.row for record in records):
        tables = {"ablation": ablation_table(records), "stability": stability_table(records)}
        kept = {name: table for name, table in tables.items() if name == "ablation" or len(table)}
        return {**kept, **_object_sizes(records)}
    baselines = _versions_of_baselines(
        DEFAULT_BASELINES if baseline is None else (baseline,), records
    )
    speeds = speed_accuracy_table(records, baselines)
    tables = {"speed_accuracy": speeds, "accuracy": accuracy_table(records)}
    kept = {name: table for name, table in tables.items() if name != "accuracy" or len(table)}
    return {**kept, **_object_sizes(records)}


def _object_sizes(records: Sequence[Record]) -> dict[str, pd.DataFrame]:
    table = object_sizes_table(records)
    return {"object_sizes": table} if len(table) else {}


def _versions_of_baselines(baselines: Sequence[str], records: Sequence[Record]) -> list[str]:
    """The names of all versions of each baseline. A method is compared with the one of its own run."""
    names = dict.fromkeys(record.cell.backend for record in records)
    return [
        name
        for baseline in baselines
        for name in names
        if baseline in (name, unversioned_name(name))
    ]
