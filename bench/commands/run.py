"""``python -m bench run STUDY``: run a study and write its report."""

import os
import sys
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

import click

from bench.options import (
    FOLDER_PATH,
    cache_option,
    device_option,
    exit_if_failures,
    given_maps_options,
    limit_option,
    root_option,
    study_change_options,
    writable_folder,
)

if TYPE_CHECKING:
    from bench.runner.field_problems import FieldProblems
    from bench.runner.image_problems import ImageProblems
    from bench.runner.image_results import StudyResult
    from bench.runner.record import Record
    from bench.runner.run_view import RunView
    from bench.runner.study import Goal, Study


@click.command()
@click.argument("study", metavar="NAME|FILE.toml")
@click.option("--dataset", help="Format of the data set.  [default: the study's]")
@root_option
@click.option(
    "--model", help="A model: its name in models/trained, or its folder.  [default: the study's]"
)
@given_maps_options
@cache_option
@device_option
@click.option(
    "--out", type=FOLDER_PATH, help="Folder to write records and report to.  [default: runs/STUDY]"
)
@limit_option(
    "Use only the first N images; in a study of generated graphs, such as speed, the N smallest sizes."
)
@study_change_options
@click.option("--fresh", is_flag=True, help="Measure anew what an earlier run has measured.")
@click.option(
    "--executor",
    default="local",
    show_default=True,
    metavar="local|processes:N|dask:ADDRESS",
    help="Where the untimed work of a study of images runs: here, in N processes, or on a dask cluster. This "
    "is all but the merges, which are timed here; with --rounds 0 it is the merges, too.",
)
@click.option("--plan", is_flag=True, help="Print what would be measured, and how long it takes.")
def run(
    study: str,
    dataset: str | None,
    root: Path | None,
    model: str | None,
    semantic: Path | None,
    affinity: Path | None,
    cache: Path,
    device: str,
    out: Path | None,
    limit: int | None,
    fresh: bool,
    executor: str,
    plan: bool,
    **changes: Any,
) -> None:
    """Run a study and write its report. NAME is the name of a file in bench/studies.

    A study of images runs the networks, merges their affinities with each backend, checks and times the
    merges, and computes AP. The outputs of the networks are cached. A study of fields, such as `speed`,
    merges generated affinities instead of those of networks. A study may have both.

    Exit code 1: a backend differs from the reference. 3: a backend is missing. 4: a backend failed or
    crashed. The report names it. Of several failures, the first of 4, 1 and 3 is the exit code. A method that
    is not installed counts only if --backend names it, or if others are compared with it.
    """
    from bench.runner.study_changes import StudyChanges, name_of_report, read_changed_study

    sys.path.append(os.getcwd())  # for backends in modules of the current folder
    asked = StudyChanges(**changes)
    settings = read_changed_study(study, dataset, asked)
    out, name = writable_folder(out, settings.name), name_of_report(asked, limit)
    place = _Place(out, out / name, fresh, plan, study)
    if settings.is_of_fields:
        found = _run_field_study(_open_field_problems(settings, limit), place)
    else:
        read = _Inputs(root, model, semantic, affinity, cache, device, executor)
        found = _run_image_study(*_open_image_problems(settings, read, limit, place), place)
    _exit_if_wrong(found, {*asked.shown_methods, *settings.references})


def _exit_if_wrong(found: "list[Record]", needed: set[str | None]) -> None:
    """End with an exit code if a method of a record failed, is wrong, or is needed and missing."""
    from bench.report.run_summary import describe_failed_and_wrong_cells, exit_code_of_cells

    failures = describe_failed_and_wrong_cells(found, needed)
    exit_if_failures(failures, exit_code_of_cells(found, needed))


class _Place(NamedTuple):
    """Where a study runs, and how.

    out: the folder of records and results. report: the folder of the report. fresh: whether everything is
    measured. plan: whether the plan is printed, and nothing is measured. study: the name or the file of the
    study.
    """

    out: Path
    report: Path
    fresh: bool
    plan: bool
    study: str


def _check_options_not_given(study: str, *options: str) -> None:
    """Raise ValueError if one of ``options`` is on the command line. A study of fields does not use them."""
    source = click.get_current_context().get_parameter_source
    for option in options:
        if source(option) == click.core.ParameterSource.COMMANDLINE:
            raise ValueError(
                f"study {study} merges generated fields, so --{option} has no effect; leave --{option} out"
            )


class _Inputs(NamedTuple):
    """What a study of images reads, as the options name it, and where its networks run.

    semantic, affinity: the folders of given maps. executor: see ``read_executor``.
    """

    root: Path | None
    model: str | None
    semantic: Path | None
    affinity: Path | None
    cache: Path
    device: str
    executor: str


def _open_image_problems(
    study: "Study", inputs: _Inputs, limit: int | None, place: _Place
) -> "tuple[ImageProblems, list[FieldProblems]]":
    """The images of a study, and the fields that are measured with them."""
    from bench.evaluation.scratch_folder import scratch_folder
    from bench.runner.executors import read_executor
    from bench.runner.image_problems import ImageProblems
    from bench.runner.open_study import ImagesOfPlan, open_pipeline_and_dataset

    workers = read_executor(inputs.executor)
    plan = None
    if place.plan and (count := limit or study.images.limit):
        scratch = click.get_current_context().with_resource(scratch_folder("plan"))
        plan = ImagesOfPlan(count, scratch / "images")
    pipeline, dataset = open_pipeline_and_dataset(
        study, inputs.root, inputs.model, inputs.cache, inputs.device, plan
    )
    pipeline = pipeline.with_given_maps(inputs.semantic, inputs.affinity)
    problems = ImageProblems(study, dataset, pipeline, limit, place.fresh, workers)
    return problems, _open_problems_beside(study, limit)


def _open_field_problems(study: "Study", limit: int | None) -> "FieldProblems":
    from bench.runner.field_problems import FieldProblems

    of_images = "dataset", "root", "model", "semantic", "affinity", "cache", "device", "executor"
    _check_options_not_given(study.name, *of_images)
    return FieldProblems(study, limit)


def _open_problems_beside(study: "Study", limit: int | None) -> "list[FieldProblems]":
    """The fields that are measured with the images of a study; [] if there are none."""
    from bench.runner.field_problems import FieldProblems

    return [FieldProblems(study.field_study, limit)] if study.field_study else []


def _print_plan(parts: "Sequence[ImageProblems | FieldProblems]", place: _Place) -> None:
    """Print the cells of a study, what is there already, and the time that the rest takes."""
    from bench.report.tables.planned_cells import describe_plan
    from bench.runner.run_plan import plan_cells

    cells = [cell for part in parts for cell in plan_cells(part, place.out, place.fresh)]
    click.echo(describe_plan(cells))


def _view_of_run(parts: "Sequence[ImageProblems | FieldProblems]", place: _Place) -> "RunView":
    """The view that all parts of a run show their progress in."""
    from bench.runner.record_schema import RecordError
    from bench.runner.run_plan import expected_seconds
    from bench.runner.run_view import RunView

    expected: dict[str, float | None] = {}
    with suppress(RecordError):  # the runner names damaged records, and removes them
        expected = expected_seconds(parts, place.out, place.fresh)
    view = RunView(parts[0].study.name, expected)
    for part in parts:
        part.view = view
    return view


def _print_absent(found: "list[Record]") -> None:
    """Print a line for each method that is not installed."""
    from bench.report.run_summary import describe_absent_optional

    for line in describe_absent_optional(found):
        click.echo(f"\nnot measured: {line}")


def _write_and_read_records(report: Path, measured: "StudyResult") -> list["Record"]:
    """Write the records of a report, and read them with labels of versions and machines."""
    from bench.runner import records
    from bench.runner.records_of_runs import read_runs

    records.write(report / "records.jsonl", measured.records_of_report)
    return read_runs([report])


def _run_image_study(
    problems: "ImageProblems", beside: "Sequence[FieldProblems]", place: _Place
) -> list["Record"]:
    """Run a study of images and the fields beside them, and write and print its report.

    Returns its records.
    """
    from bench.report.pages.image_study import write_image_study_report
    from bench.report.pages.study_pictures import draw_study_pictures
    from bench.report.run_summary import describe_missing_ap
    from bench.runner.runner import Runner
    from bench.runner.study_problems import JoinedProblems

    if place.plan:
        _print_plan([problems, *beside], place)
        return []
    joined = JoinedProblems([problems, *beside])
    view = _view_of_run([problems, *beside], place)
    measured = Runner(joined, place.out, place.fresh, view).run()
    report = place.report
    found = _write_and_read_records(report, measured)
    draw_study_pictures(
        report, problems.study, measured.image_results, problems.pipeline, problems.dataset
    )
    table = write_image_study_report(report, found)
    click.echo(f"\n{table}")
    _print_absent(found)
    click.echo(f"\nThe report: {report / 'report.md'}")
    for line in describe_missing_ap(found):
        click.echo(f"Warning: {line}", err=True)
    return found


def goals_to_judge(
    found: Sequence["Record"], declared: "Study", goals: "Sequence[Goal] | None" = None
) -> Sequence["Goal"]:
    """The ``goals``; () after a line that says why, if the records are not those that ``declared`` names.

    goals: None for those of ``declared``.
    """
    from bench.report.tables.field_measurements import reason_against_goals

    reason = reason_against_goals(found, declared)
    if reason:
        click.echo(reason)
    chosen = declared.goals if goals is None else goals
    return () if reason else chosen


def _run_field_study(problems: "FieldProblems", place: _Place) -> list["Record"]:
    """Run a study of generated fields, and write and print its report. Returns its records."""
    from bench.report.pages.speed_study import write_speed_study_report
    from bench.runner.runner import Runner
    from bench.runner.study_file import read_study

    if place.plan:
        _print_plan([problems], place)
        return []
    report = place.report
    view = _view_of_run([problems], place)
    measured = Runner(problems, place.out, place.fresh, view).run()
    found = _write_and_read_records(report, measured)
    goals = goals_to_judge(found, read_study(place.study), problems.study.goals)
    for heading, table in write_speed_study_report(report, found, goals).items():
        click.echo(f"\n{heading}\n\n{table}")
    _print_absent(found)
    click.echo(f"\nThe report: {report / 'report.md'}")
    return found
