"""``python -m bench report FOLDER...``: write the report of runs again from their records."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench import paths
from bench.commands.run import goals_to_judge
from bench.options import (
    FOLDER_PATH,
    cache_option,
    command_line,
    given_maps_options,
    root_option,
)

if TYPE_CHECKING:
    from bench.report.pages.html_report import ReportedRun
    from bench.runner.record import Record


@click.command()
@click.argument(
    "folders",
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    metavar="FOLDER...",
    nargs=-1,
    required=True,
)
@click.option(
    "--out",
    type=FOLDER_PATH,
    help="Folder to write the report to.  [default: runs/report/STUDY, or STUDY+STUDY for several]",
)
@click.option(
    "--format",
    "formats",
    default="md",
    metavar="FORMAT[,FORMAT]",
    help="md: report.md, with figures and tables (CSV) beside it; html: report.html alone, one file with all "
    "in it; csv, parquet: the tables alone, and all measurements; latex: the tables as on a page.  "
    "[default: md]",
)
@click.option(
    "--conformance",
    "verdicts",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    multiple=True,
    metavar="FILE",
    help="In the HTML page, also show what `merge-impls validate --json FILE` checked; may be repeated.",
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
@given_maps_options
@click.option(
    "--baseline",
    metavar="NAME",
    help="Divide times by those of this method.  [default: that of the study, or heap]",
)
@root_option
@cache_option
def report(
    folders: tuple[Path, ...],
    out: Path | None,
    formats: str,
    verdicts: tuple[Path, ...],
    pictures: bool,
    only_present: bool,
    model: str | None,
    semantic: Path | None,
    affinity: Path | None,
    baseline: str | None,
    root: Path | None,
    cache: Path,
) -> None:
    """Write the report of runs again from FOLDER/records.jsonl, without measuring anything.

    FOLDER is a folder in results/, or the folder of the report of a run. Several runs, such as those of other
    data sets or models, share one HTML page; their other files lie in a folder for each run. Runs of one
    study on several machines, or of several versions of a method, share their tables.
    """
    from bench.report.pages.study_pictures import PICTURES

    chosen_formats = _read_formats(formats)
    if verdicts and "html" not in chosen_formats:
        raise ValueError("--conformance shows a file in the HTML page; add --format html")
    runs = _open_runs(folders, baseline)
    out = out or paths.RUNS / "report" / "+".join(run.records[0].study for run in runs)
    places = [out if len(runs) == 1 else out / _file_name(run.name) for run in runs]
    for number, (run, place) in enumerate(zip(runs, places, strict=True)):
        chosen = [name for name in PICTURES if not only_present or (place / name).exists()]
        if pictures and chosen:
            given = (semantic, affinity)
            _open_model_and_redraw_pictures(place, run.records, chosen, model, given, root, cache)
        drawn = [name for name in run.figures if not only_present or (place / name).exists()]
        folders_of_pictures = (place, *run.picture_folders)
        runs[number] = replace(run, picture_folders=folders_of_pictures, figures=drawn)
        _write_formats(place, chosen_formats, runs[number])
    if "html" in chosen_formats:
        _write_html(out / "report.html", runs, verdicts)


def _open_runs(folders: Sequence[Path], baseline: str | None) -> list["ReportedRun"]:
    """Read the records in each folder. The name of a run is its study, or its folder if studies repeat."""
    from bench.report.pages.html_report import ReportedRun
    from bench.runner.records_of_runs import read_runs
    from bench.runner.study_file import read_study

    if len(set(folders)) < len(folders):
        raise ValueError(f"{', '.join(map(str, folders))}: a folder is given twice; give it once")
    groups = _group_by_study_and_data(folders)
    studies = [found[0].study for found in groups.values()]
    runs = []
    for (own, records), study in zip(groups.items(), studies, strict=True):
        found = records if len(own) == 1 else read_runs(own)
        _check_baseline(baseline, found)
        name = study if studies.count(study) == 1 else str(own[0])
        # The file of a study that is not in this clone is not known, so its report has no goals.
        has_goals = found[0].is_of_fields and study in paths.study_names()
        goals = goals_to_judge(found, read_study(study)) if has_goals else ()
        runs.append(ReportedRun(name, found, goals, baseline, picture_folders=own))
    return runs


def _group_by_study_and_data(
    folders: Sequence[Path],
) -> dict[tuple[Path, ...], list["Record"]]:
    """The records of each group of folders. The folders of a group share tables.

    A folder belongs to the group of an earlier one of the same study, data and model if no cell was measured
    in both under the same conditions, so that they are of different machines or versions.
    """
    from bench.runner.records_of_runs import read_runs

    groups: dict[tuple[Path, ...], list[Record]] = {}
    for folder in folders:
        found = read_runs([folder])
        same = [each for each in groups.items() if _can_share_tables(each[1], found)]
        if same:
            group, others = same[0]
            del groups[group]
            groups[*group, folder] = [*others, *found]
        else:
            groups[folder,] = found
    return groups


def _can_share_tables(first: Sequence["Record"], second: Sequence["Record"]) -> bool:
    """Whether two lists are of one study, data and model, and have no key in common."""

    def data(found: Sequence["Record"]) -> set[tuple[str, str, str, str | None]]:
        return {(each.study, each.cell.dataset, each.cell.split, each.cell.model) for each in found}

    keys = [{each.key for each in found} for found in (first, second)]
    return data(first) == data(second) and keys[0].isdisjoint(keys[1])


def _file_name(name: str) -> str:
    """The name of a run as the name of a folder."""
    return name.strip("/.").replace("/", "_")


def _read_formats(text: str) -> list[str]:
    """The formats of a list with commas. Raises ValueError for an unknown one, or a missing library."""
    from bench.report.pages.format_libraries import check_format_libraries
    from bench.report.pages.study_report import FORMATS

    names = text.split(",")
    for name in names:
        if name not in FORMATS:
            raise ValueError(f"--format {name!r} is unknown; take one of {', '.join(FORMATS)}")
        check_format_libraries(name)
    return names


def _write_formats(out: Path, formats: Sequence[str], run: "ReportedRun") -> None:
    """Write the report of a run in each format but HTML to the folder ``out``, and print what is written."""
    from bench.report.pages.study_report import write_study_report, write_study_tables

    if "md" in formats:
        tables = write_study_report(out, run.records, run.goals, run.figures, run.baseline)
        for table in tables:
            click.echo(f"\n{table}")
        click.echo(f"\nThe report: {out / 'report.md'}")
    for name in formats:
        if name not in ("md", "html"):
            write_study_tables(out, run.records, run.goals, name, run.baseline)
            click.echo(f"The tables: {out}")


def _write_html(path: Path, runs: Sequence["ReportedRun"], verdicts: Sequence[Path]) -> None:
    """Write the HTML page of all runs, with a part for each file of ``merge-impls validate``."""
    from bench.report.pages.conformance_part import conformance_part
    from bench.report.pages.html_report import write_html_report

    parts = [conformance_part(verdict) for verdict in verdicts]
    write_html_report(path, runs, command_line(click.get_current_context()), parts)
    click.echo(f"The report: {path}")


def _check_baseline(baseline: str | None, found: Sequence["Record"]) -> None:
    """Raise ValueError if the records have no times of the baseline."""
    from bench.methods.method import unversioned_name

    timed = {
        unversioned_name(record.cell.backend)
        for record in found
        if any(image.seconds for image in record.images)
    }
    if baseline is not None and baseline not in timed:
        known = ", ".join(sorted(timed)) or "none has times"
        raise ValueError(f"--baseline {baseline}: is not among the methods of the report: {known}")


def _open_model_and_redraw_pictures(
    out: Path,
    found: Sequence["Record"],
    pictures: Sequence[str],
    model: str | None,
    given: tuple[Path | None, Path | None],
    root: Path | None,
    cache: Path,
) -> None:
    """Open the model and the data set of the records, segment the images again, and draw the pictures.

    given: the folders of maps of other networks; without them, those that the records name are used.
    The pictures are written to the folder ``out``.
    Raises ValueError for a study of generated fields, which has no images, and if the maps are not those of
    the records.
    """
    from bench.pipeline.segment import LABEL_SEPARATOR
    from bench.report.pages.study_pictures import segment_again_and_draw_pictures
    from bench.runner.open_study import open_pipeline_and_dataset
    from bench.runner.study_file import read_study

    record = max(found, key=lambda record: len(record.images))
    cell, names = record.cell, [image.name for image in record.images]
    study = read_study(record.study, None if record.is_of_fields else cell.dataset)
    if study.is_of_fields or not names:
        raise ValueError(
            f"--pictures: the records of {record.study} name no images; omit the option"
        )
    of_records, _, maps = (cell.model or study.images.model).partition(LABEL_SEPARATOR)
    if maps and not any(given):
        given = _folders_of_maps(record, maps)
    pipeline, dataset = open_pipeline_and_dataset(study, root, model or of_records, cache)
    pipeline = pipeline.with_given_maps(*given)
    _check_maps(pipeline.networks_label(names).partition(LABEL_SEPARATOR)[2], maps)
    segment_again_and_draw_pictures(out, study, names, pipeline, dataset, pictures)


def _check_maps(opened: str, of_records: str) -> None:
    """Raise ValueError if the maps that were opened are not those of the records; "" is no given map."""
    if opened != of_records:
        raise ValueError(
            f"--pictures: the maps are {opened}, but the records are of {of_records or 'no given maps'}; "
            "give --semantic FOLDER and --affinity FOLDER as in the run"
        )


def _folders_of_maps(record: "Record", maps: str) -> tuple[Path | None, Path | None]:
    """The folders of semantic maps and of affinities that a record names.

    maps: what the record says of the maps. Raises ValueError, one line, if a folder is not there.
    """
    named = record.given_maps or {}
    semantic, affinity = (
        Path(named[network]) if network in named else None for network in ("semantic", "affinity")
    )
    missing = [str(path) for path in (semantic, affinity) if path and not path.is_dir()]
    if missing or not named:
        where = f"{missing[0]} is missing" if missing else "the records do not name their folders"
        raise ValueError(
            f"--pictures: the records are of given maps ({maps}), and {where}; give --semantic FOLDER and "
            "--affinity FOLDER as in the run"
        )
    return semantic, affinity
