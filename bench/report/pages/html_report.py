"""The HTML report of one or several runs, written from their records alone."""

import shutil
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd

from bench.report.pages import image_study, speed_study
from bench.report.pages.format_libraries import check_format_libraries
from bench.report.pages.html_page import PagePart, write_html_page
from bench.report.pages.page import Page
from bench.report.pages.runs_overview import runs_overview
from bench.report.pages.study_pictures import PICTURES
from bench.report.pages.study_report import FIGURES
from bench.report.pages.summary import summarize_study
from bench.report.run_summary import count_images, describe_environment
from bench.report.tables.study_tables import study_tables
from bench.runner.record import Record
from bench.runner.study import Goal
from merge_impls.text_formats import pluralized

Tables = Mapping[str, pd.DataFrame]
"""The ``study_tables`` of a run."""


@dataclass(frozen=True)
class ReportedRun:
    """A run, and what its part of a page shows.

    name: the name of the run on the page. goals: the goals of the study. baseline: see ``study_tables``.
    picture_folders: the folders in which the pictures of the run may lie, the first one first.
    figures: the figures to draw.
    """

    name: str
    records: Sequence[Record]
    goals: Sequence[Goal] = ()
    baseline: str | None = None
    picture_folders: Sequence[Path] = ()
    figures: Collection[str] = FIGURES


def write_html_report(
    path: Path, runs: Sequence[ReportedRun], command: str, more: Iterable[PagePart] = ()
) -> None:
    """Write the report of some runs as one HTML file. Several runs have an overview at the beginning.

    command: the command line that writes the file. more: parts to show after the runs.
    Raises ModuleNotFoundError without the libraries of the extra ``report``.
    """
    check_format_libraries("html")
    path.parent.mkdir(parents=True, exist_ok=True)
    tables = [study_tables(run.records, run.goals, run.baseline) for run in runs]
    with TemporaryDirectory() as name:
        parts = [
            _part_of_run(Path(name) / str(number), run, tables[number], command)
            for number, run in enumerate(runs)
        ]
        titles = ", ".join(run.name for run in runs)
        if len(runs) > 1:
            records = {run.name: run.records for run in runs}
            parts.insert(0, runs_overview(records, tables))
        title = f"{'Study' if len(runs) == 1 else 'Runs'} {titles}"
        write_html_page(path, title, [*parts, *more])


def _part_of_run(folder: Path, run: ReportedRun, tables: Tables, command: str) -> PagePart:
    """The part of one run. Its figures and pictures are written to ``folder``."""
    folder.mkdir()
    for picture in PICTURES:
        files = [each / picture for each in run.picture_folders if (each / picture).exists()]
        if files:
            shutil.copy(files[0], folder)
    study = run.records[0].study
    commands = {
        "This page was written from the records by:": command,
        f"The study is run by this command. {_describe_unknown_options(run.records)}:": (
            f"python -m bench run {study}"
        ),
    }
    return PagePart(
        _draw_figures_and_make_page(folder, run, tables),
        summarize_study(run.records, tables),
        describe_environment(run.records),
        commands,
    )


def _describe_unknown_options(found: Sequence[Record]) -> str:
    """That the options of a run are not in its records, and on how many images the records are."""
    of_images = [record for record in found if not record.is_of_fields]
    if not of_images:
        return "The records do not keep its options"
    counts = sorted({count_images(record) for record in of_images} - {0})
    least = f"{counts[0]} to " if len(counts) > 1 else ""
    images = f"{least}{pluralized(counts[-1] if counts else 0, 'image')}"
    return (
        f"The records are on {images}; they keep neither the options of the run, such as --limit, nor "
        "the number of all images of the split"
    )


def _draw_figures_and_make_page(folder: Path, run: ReportedRun, tables: Tables) -> Page:
    found, figures = run.records, run.figures
    if found[0].is_of_fields:
        speed_study.draw_speed_study_figures(folder, found, tables, figures, ".svg")
        page = speed_study.speed_study_page(folder, found, tables, ".svg", has_summary=True)
    else:
        image_study.draw_image_study_figures(folder, found, tables, figures, ".svg")
        page = image_study.image_study_page(folder, found, tables, ".svg", has_summary=True)
    page.title = f"Study {run.name}"
    return page
