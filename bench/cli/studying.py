"""Studies, and the predictions of others."""

from dataclasses import replace
from pathlib import Path

import click

from bench import paths
from bench.cli.common import (
    cache_option,
    dataset_option,
    folder,
    limit_option,
    main,
    one_line_errors,
    root_option,
    split_option,
    tell,
)
from bench.runner.study import SpeedStudy, names, read_study


@main.command()
@click.argument("study", type=click.Choice(names()))
@click.option("--dataset", help="How the data lies, instead of as the study says.")
@root_option
@click.option(
    "--model", help="A model folder, or a name in models/trained.  [default: the study's]"
)
@cache_option
@click.option("--out", type=folder, help="Where records and report go.  [default: runs/STUDY]")
@limit_option
@one_line_errors
def run(
    study: str,
    dataset: str | None,
    root: Path | None,
    model: str | None,
    cache: Path,
    out: Path | None,
    limit: int | None,
) -> None:
    """Run a study: networks (cached), merges (checked and timed), AP, report; `speed` needs no networks.

    Exit code 0: all is well; 3: a backend disagreed, failed or is missing, and the report says which.
    """
    settings, out = read_study(study), out or paths.RUNS / study
    if isinstance(settings, SpeedStudy):
        from bench.commands.speed import study as run_speed_study

        _refuse_given(study, "dataset", "root", "model", "cache")
        faults = run_speed_study(settings, out, limit)
    else:
        from bench.commands.run import study as run_study

        settings = settings if dataset is None else replace(settings, dataset=dataset)
        faults = run_study(settings, root, model, cache, out, limit)
    tell(faults)


@main.command()
@click.argument("predictions", nargs=-1, required=True, type=folder, metavar="DIR...")
@click.option(
    "--name", "names", multiple=True, help="A method's name, one for each DIR.  [default: DIR's]"
)
@click.option(
    "--beside", type=folder, help="What a study left (runs/STUDY), or a DIR: the last column."
)
@dataset_option
@root_option
@split_option
@click.option("--out", type=folder, help="Where the results go.  [default: runs/score/NAME]")
@limit_option
@one_line_errors
def score(
    predictions: tuple[Path, ...],
    names: tuple[str, ...],
    beside: Path | None,
    dataset: str,
    root: Path | None,
    split: str,
    out: Path | None,
    limit: int | None,
) -> None:
    """Score anybody's predictions: DIR holds them in Cityscapes' result format, NAME_pred.txt an image.

    A line of NAME_pred.txt is `MASK.png LABEL_ID SCORE`; label ids are Cityscapes', or for a folder of images
    1, 2 .. in the order of its classes. Further DIRs are compared with the first.
    """
    from bench.commands.score import score as run

    place = root or paths.data_folder(dataset)
    run(predictions, names, beside, dataset, place, split, out, limit)


def _refuse_given(study: str, *options: str) -> None:
    """Raise ValueError if one of the options was given to a study that has no use for it."""
    source = click.get_current_context().get_parameter_source
    for option in options:
        if source(option) == click.core.ParameterSource.COMMANDLINE:
            raise ValueError(f"study {study} merges the seeded fields and takes no --{option}")
