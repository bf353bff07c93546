"""The report of any study, of images or of generated fields, as Markdown or as tables alone."""

from collections.abc import Collection, Sequence
from pathlib import Path

from bench.report.pages import image_study, speed_study
from bench.report.tables.measurements import measurements_table
from bench.report.tables.study_tables import study_tables
from bench.report.tables.table_files import SUFFIXES, write_tables
from bench.runner.record import Record
from bench.runner.study import Goal

FIGURES = (
    image_study.SPEED_ACCURACY,
    image_study.ABLATION,
    speed_study.SCALING_FIGURE,
    speed_study.FAMILIES_FIGURE,
)
"""All figures that are drawn from records. The pictures of a study also need its images."""

FORMATS = ("md", "html", *SUFFIXES)
"""The formats of a report: a page with files beside it, one file for a browser, or the tables alone."""


def write_study_report(
    folder: Path,
    found: Sequence[Record],
    goals: Sequence[Goal],
    figures: Collection[str] = FIGURES,
    baseline: str | None = None,
) -> list[str]:
    """Write tables, figures and page to ``folder``. Returns the tables to print.

    goals: the goals of the study. figures: the figures to draw. baseline: see ``study_tables``.
    The page also shows figures and pictures that ``folder`` already has.
    """
    if found[0].is_of_fields:
        tables = speed_study.write_speed_study_report(folder, found, goals, figures, baseline)
        return [*tables.values()]
    return [image_study.write_image_study_report(folder, found, figures, baseline)]


def write_study_tables(
    folder: Path,
    found: Sequence[Record],
    goals: Sequence[Goal],
    table_format: str,
    baseline: str | None = None,
) -> None:
    """Write the tables of a study to ``folder``, without a page.

    table_format: a key of ``SUFFIXES``. CSV and Parquet also have the ``measurements_table``.
    """
    tables = study_tables(found, goals, baseline)
    if table_format != "latex":
        tables["measurements"] = measurements_table(found)
    write_tables(folder, tables, table_format)
