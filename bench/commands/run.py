"""``python -m bench run STUDY``: run a study and write its report."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench import paths
from bench.options import (
    FOLDER_PATH,
    cache_option,
    exit_if_failures,
    limit_option,
    root_option,
)

if TYPE_CHECKING:
    from bench.datasets import Dataset
    from bench.pipeline.segment import Pipeline
    from bench.runner.record import Record
    from bench.runner.study import Study


@click.command()
@click.argument("study", type=click.Choice(paths.study_names()))
@click.option("--dataset", help="Format of the data set.  [default: the study's]")
@root_option
@click.option(
    "--model", help="A model: its name in models/trained, or its folder.  [default: the study's]"
)
@cache_option
@click.option(
    "--out", type=FOLDER_PATH, help="Folder to write records and report to.  [default: runs/STUDY]"
)
@limit_option(
    "Use only the first N images, or in the study `speed` only the N smallest graph sizes."
)
def run(
    study: str,
    dataset: str | None,
    root: Path | None,
    model: str | None,
    cache: Path,
    out: Path | None,
    limit: int | None,
) -> None:
    """Run a study and write its report.

    A study of images runs the networks, merges their affinities with each backend, checks and times the
    merges, and computes AP. The outputs of the networks are cached. The study `speed` merges generated
    affinities instead of those of networks.

    Exit code 1: a backend differs from the reference. 3: a backend is missing. 4: a backend failed or
    crashed. The report names it. Of several failures, the first of 4, 1 and 3 is the exit code.
    """
    from bench.report.run_summary import describe_failed_and_wrong_cells, exit_code_of_cells
    from bench.runner.study_file import read_study

    settings, out = read_study(study, dataset), out or paths.RUNS / study
    if settings.is_of_fields:
        _check_options_not_given(study, "dataset", "root", "model", "cache")
        found = _run_field_study(settings, out, limit)
    else:
        found = _run_image_study(settings, root, model or settings.images.model, cache, out, limit)
    exit_if_failures(describe_failed_and_wrong_cells(found), exit_code_of_cells(found))


def _check_options_not_given(study: str, *options: str) -> None:
    """Raise ValueError if one of ``options`` is on the command line. A study of fields does not use them."""
    source = click.get_current_context().get_parameter_source
    for option in options:
        if source(option) == click.core.ParameterSource.COMMANDLINE:
            raise ValueError(
                f"study {study} merges generated fields, so --{option} has no effect; leave --{option} out"
            )


def _run_image_study(
    study: "Study", root: Path | None, model: str, cache: Path, out: Path, limit: int | None
) -> list["Record"]:
    """Run a study of images, and write and print its report. Returns its records."""
    from bench.report.pages.image_study import write_image_study_report
    from bench.report.pages.study_pictures import draw_study_pictures
    from bench.runner import records
    from bench.runner.image_problems import ImageProblems
    from bench.runner.runner import Runner

    pipeline, dataset = open_pipeline_and_dataset(study, root, model, cache)
    measured = Runner(ImageProblems(study, dataset, pipeline, limit), out).run()
    report, file = out / "report", out / "report" / "records.jsonl"
    records.write(file, measured.records)
    draw_study_pictures(report, study, measured.image_results, pipeline, dataset)
    found = records.read(file)
    table = write_image_study_report(report, found)
    click.echo(f"\n{table}\n\nThe report: {report / 'report.md'}")
    return found


def open_pipeline_and_dataset(
    study: "Study", root: Path | None, model: str, cache: Path
) -> tuple["Pipeline", "Dataset"]:
    """Open the pipeline of a model and the data set of a study.

    Without ``root``, the default folder is used, and its missing images are generated if the data set can
    generate them. Raises ValueError if the classes of the model and of the data set differ.
    """
    from bench.cache import AffinityCache
    from bench.datasets import dataset_class, open_dataset
    from bench.pipeline.segment import Pipeline

    # The model is opened first, so that no images are generated if it is missing.
    pipeline = Pipeline(paths.model_folder(model), AffinityCache(cache))
    name, place = study.images.dataset, root or paths.default_data_folder(study.images.dataset)
    if root is None:
        dataset_class(name).generate_missing(place, study.images.split)
    dataset = open_dataset(name, place)
    pipeline.check_classes(dataset.class_names)
    return pipeline, dataset


def _run_field_study(study: "Study", out: Path, limit: int | None) -> list["Record"]:
    """Run a study of generated fields, and write and print its report. Returns its records."""
    from bench.report.pages.speed_study import write_speed_study_report
    from bench.report.run_summary import describe_absent_third_party
    from bench.runner import records
    from bench.runner.field_problems import FieldProblems
    from bench.runner.runner import Runner

    report, file = out / "report", out / "report" / "records.jsonl"
    records.write(file, Runner(FieldProblems(study, limit), out).run().records)
    found = records.read(file)
    for heading, table in write_speed_study_report(report, found, study.goals).items():
        click.echo(f"\n{heading}\n\n{table}")
    for line in describe_absent_third_party(found):
        click.echo(f"\nnot measured: {line}")
    click.echo(f"\nThe report: {report / 'report.md'}")
    return found
