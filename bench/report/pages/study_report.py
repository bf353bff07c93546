"""The report of any study, of images or of generated fields, written from its records alone."""

import shutil
from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from bench.report.pages import image_study, speed_study
from bench.report.pages.html_page import check_html_libraries, write_html_page
from bench.report.pages.page import Page
from bench.report.pages.study_pictures import PICTURES
from bench.report.pages.summary import summarize_study
from bench.report.run_summary import describe_environment
from bench.report.tables.formats import write_csv
from bench.report.tables.study_tables import study_tables
from bench.runner.record import Record
from bench.runner.study import Goal

FIGURES = (image_study.SPEED_ACCURACY, image_study.ABLATION, speed_study.SCALING_FIGURE)
"""All figures that are drawn from records. The pictures of a study also need its images."""

FORMATS = ("md", "html", "csv")
"""The formats of a report: a page with files beside it, one file for a browser, the tables alone."""


def write_study_report(
    folder: Path,
    found: Sequence[Record],
    goals: Sequence[Goal],
    figures: Collection[str] = FIGURES,
    baseline: str | None = None,
) -> list[str]:
    """Write tables, figures and page to ``folder``. Returns the tables to print, in Markdown.

    goals: the goals of the study. figures: the figures to draw. baseline: see ``study_tables``.
    The page also shows figures and pictures that ``folder`` already has.
    """
    if found[0].is_of_fields:
        return [*speed_study.write_speed_study_report(folder, found, goals, figures).values()]
    return [image_study.write_image_study_report(folder, found, figures, baseline)]


def write_csv_tables(
    folder: Path, found: Sequence[Record], goals: Sequence[Goal], baseline: str | None = None
) -> None:
    """Write the tables of a study to ``folder``, as CSV alone."""
    folder.mkdir(parents=True, exist_ok=True)
    for name, table in study_tables(found, goals, baseline).items():
        write_csv(table, folder / f"{name}.csv")


def write_html_report(
    path: Path,
    found: Sequence[Record],
    goals: Sequence[Goal],
    command: str,
    figures: Collection[str] = FIGURES,
    baseline: str | None = None,
) -> None:
    """Write the report of a study as one HTML file, with the pictures that lie beside it.

    goals, figures, baseline: as in ``write_study_report``. command: the command line that writes the file.
    Raises ModuleNotFoundError without the libraries of the extra ``report``.
    """
    check_html_libraries()
    path.parent.mkdir(parents=True, exist_ok=True)
    tables = study_tables(found, goals, baseline)
    with TemporaryDirectory() as name:
        folder = Path(name)
        for picture in PICTURES:
            if (path.parent / picture).exists():
                shutil.copy(path.parent / picture, folder)
        page = _draw_figures_and_make_page(folder, found, tables, figures)
        commands = {
            "This page was written from the records by:": command,
            "The study is run by this command. The records do not keep its options, such as --limit:": (
                f"python -m bench run {found[0].study}"
            ),
        }
        summary = summarize_study(found, tables)
        write_html_page(path, page, summary, describe_environment(found), commands)


def _draw_figures_and_make_page(
    folder: Path,
    found: Sequence[Record],
    tables: Mapping[str, pd.DataFrame],
    figures: Collection[str],
) -> Page:
    if found[0].is_of_fields:
        speed_study.draw_speed_study_figures(folder, found, tables, figures)
        return speed_study.speed_study_page(folder, found, tables)
    image_study.draw_image_study_figures(folder, found, tables, figures)
    return image_study.image_study_page(folder, found, tables)
