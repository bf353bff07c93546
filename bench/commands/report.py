"""``python -m bench report FOLDER``: write the report of a study again from its records."""

import shlex
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click
from click.core import ParameterSource

from bench import paths
from bench.commands.run import open_pipeline_and_dataset
from bench.options import FOLDER_PATH, cache_option, root_option

if TYPE_CHECKING:
    from bench.runner.record import Record
    from bench.runner.study import Goal


@click.command()
@click.argument(
    "folder", type=click.Path(exists=True, file_okay=False, path_type=Path), metavar="FOLDER"
)
@click.option(
    "--out", type=FOLDER_PATH, help="Folder to write the report to.  [default: runs/report/STUDY]"
)
@click.option(
    "--format",
    "formats",
    default="md",
    metavar="FORMAT[,FORMAT]",
    help="md: report.md, with figures and tables (CSV) beside it; html: report.html alone, one file with all "
    "in it; csv: the tables alone.  [default: md]",
)
@click.option(
    "--pictures",
    is_flag=True,
    help="Also run the networks on the images again, which takes minutes, and draw the pictures.",
)
@click.option(
    "--only-present",
    is_flag=True,
    help="Draw only those figures and pictures that the folder of the report already has.",
)
@click.option(
    "--model",
    help="Model that draws the pictures: its name or folder.  [default: that of the records]",
)
@click.option(
    "--baseline",
    metavar="NAME",
    help="In a study of images, compare times with those of this method.  [default: heap]",
)
@root_option
@cache_option
def report(
    folder: Path,
    out: Path | None,
    formats: str,
    pictures: bool,
    only_present: bool,
    model: str | None,
    baseline: str | None,
    root: Path | None,
    cache: Path,
) -> None:
    """Write the report of a study again from FOLDER/records.jsonl, without measuring anything.

    FOLDER is a folder in results/, or the folder of the report of a run.
    """
    from bench.report.pages.study_pictures import PICTURES
    from bench.report.pages.study_report import FIGURES
    from bench.runner.records_of_runs import read_runs
    from bench.runner.study_file import read_study

    chosen_formats = _read_formats(formats)
    found = read_runs([folder])
    _check_baseline(baseline, found)
    out = out or paths.RUNS / "report" / found[0].study
    chosen = [name for name in PICTURES if not only_present or (out / name).exists()]
    if pictures and chosen:
        _open_model_and_redraw_pictures(out, found, chosen, model, root, cache)
    # The file of a study that is not in this clone is not known, so its report has no goals.
    has_goals = found[0].is_of_fields and found[0].study in paths.study_names()
    goals = read_study(found[0].study).goals if has_goals else ()
    drawn = [name for name in FIGURES if not only_present or (out / name).exists()]
    _write_formats(out, chosen_formats, found, goals, drawn, baseline)


def _read_formats(text: str) -> list[str]:
    """The formats of a list with commas. Raises ValueError for an unknown one, or a missing library."""
    from bench.report.pages.html_page import check_html_libraries
    from bench.report.pages.study_report import FORMATS

    names = text.split(",")
    for name in names:
        if name not in FORMATS:
            raise ValueError(f"--format {name!r} is unknown; take one of {', '.join(FORMATS)}")
    if "html" in names:
        check_html_libraries()
    return names


def _write_formats(
    out: Path,
    formats: Sequence[str],
    found: Sequence["Record"],
    goals: Sequence["Goal"],
    figures: Sequence[str],
    baseline: str | None,
) -> None:
    """Write the report in each format to the folder ``out``, and print the tables and the files."""
    from bench.report.pages.study_report import (
        write_csv_tables,
        write_html_report,
        write_study_report,
    )

    if "md" in formats:
        for table in write_study_report(out, found, goals, figures, baseline):
            click.echo(f"\n{table}")
        click.echo(f"\nThe report: {out / 'report.md'}")
    if "html" in formats:
        command = _command_line(click.get_current_context())
        write_html_report(out / "report.html", found, goals, command, figures, baseline)
        click.echo(f"The report: {out / 'report.html'}")
    if "csv" in formats:
        write_csv_tables(out, found, goals, baseline)
        click.echo(f"The tables: {out}")


def _command_line(context: click.Context) -> str:
    """The command line of this call: the arguments and options that were given."""
    words = ["python", "-m", "bench", str(context.info_name)]
    for parameter in context.command.params:
        name = str(parameter.name)
        if context.get_parameter_source(name) is not ParameterSource.COMMANDLINE:
            continue
        words += [] if isinstance(parameter, click.Argument) else [parameter.opts[0]]
        words += [] if context.params[name] is True else [str(context.params[name])]
    return shlex.join(words)


def _check_baseline(baseline: str | None, found: Sequence["Record"]) -> None:
    """Raise ValueError if the records have no times of the baseline."""
    from bench.methods.method import unversioned_name

    timed = {
        unversioned_name(record.cell.backend)
        for record in found
        if not (record.is_of_fields or record.cell.row)
        and any(image.seconds for image in record.images)
    }
    if baseline is not None and baseline not in timed:
        known = ", ".join(sorted(timed)) or "none, because its table compares no times of images"
        raise ValueError(f"--baseline {baseline}: is not among the methods of the report: {known}")


def _open_model_and_redraw_pictures(
    out: Path,
    found: Sequence["Record"],
    pictures: Sequence[str],
    model: str | None,
    root: Path | None,
    cache: Path,
) -> None:
    """Open the model and the data set of the records, segment the images again, and draw the pictures.

    The pictures are written to the folder ``out``.

    Raises ValueError for a study of generated fields, which has no images.
    """
    from bench.report.pages.study_pictures import segment_again_and_draw_pictures
    from bench.runner.study_file import read_study

    record = max(found, key=lambda record: len(record.images))
    cell, names = record.cell, [image.name for image in record.images]
    study = read_study(record.study, None if record.is_of_fields else cell.dataset)
    if study.is_of_fields or not names:
        raise ValueError(
            f"--pictures: the records of {record.study} name no images; omit the option"
        )
    pipeline, dataset = open_pipeline_and_dataset(
        study, root, model or cell.model or study.images.model, cache
    )
    segment_again_and_draw_pictures(out, study, names, pipeline, dataset, pictures)
