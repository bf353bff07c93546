"""The commands of ``python -m bench``. Each imports what it needs when it runs: ``--help`` stays light."""

import sys
from collections.abc import Callable
from dataclasses import replace
from functools import wraps
from pathlib import Path
from typing import Any

import click

from bench import paths
from bench.studies import SpeedStudy, find_row, names, read_study

FAULTY = 3
"""Exit code of what ran to its end and found fault: a backend wrong, failing or missing, a picture that
cannot be read, a damaged cache entry, scenes with other pixels than the version's."""

folder = click.Path(file_okay=False, path_type=Path)
root_option = click.option(
    "--root", type=folder, help="Where the data set lies.  [default: data/NAME in the clone]"
)
cache_option = click.option(
    "--cache", type=folder, default=paths.CACHE, help="The affinity cache.  [default: cache]"
)
model_option = click.option(
    "--model", default="scenes", show_default=True, help="A name in models/trained, or a folder."
)
dataset_option = click.option(
    "--dataset",
    default="scenes",
    show_default=True,
    help="How the data lies: scenes, cityscapes or folder.",
)
split_option = click.option("--split", default="val", show_default=True)
device_option = click.option(
    "--device",
    default="cpu",
    show_default=True,
    help="Where the networks run: cpu, cuda or cuda:N.",
)
limit_option = click.option(
    "--limit",
    type=click.IntRange(1),
    help="Take only so many images of the split; of a study of fields, so many of its smallest sizes.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--traceback", is_flag=True, help="Show where an error comes from, not its line alone."
)
@click.pass_context
def main(context: click.Context, traceback: bool) -> None:
    """Study graph merges for instance segmentation: data, networks, merges, AP against speed."""
    context.obj = traceback


def one_line_errors(command: Callable[..., None]) -> Callable[..., None]:
    """An error is one line and exit code 1, unless ``--traceback`` asks for all of it."""

    @wraps(command)
    def guarded(*args: Any, **kwargs: Any) -> None:
        try:
            command(*args, **kwargs)
        except (ValueError, OSError, RuntimeError) as error:
            if click.get_current_context().find_root().obj:
                raise
            raise click.ClickException(" ".join(str(error).split())) from error

    return guarded


@main.command()
@root_option
@click.option(
    "--train", type=click.IntRange(0), default=800, show_default=True, help="Images of train."
)
@click.option(
    "--val", type=click.IntRange(0), default=200, show_default=True, help="Images of val."
)
@click.option(
    "--size", type=(int, int), default=(512, 256), show_default=True, help="Width and height."
)
@click.option("--seed", default=0, show_default=True)
@one_line_errors
def scenes(root: Path | None, train: int, val: int, size: tuple[int, int], seed: int) -> None:
    """Generate the street scenes, and print what is in them and how hard they are."""
    from bench.commands.scenes import make

    _tell(make(root or paths.data_folder("scenes"), {"train": train, "val": val}, size, seed))


@main.command()
@click.option("--recipe", default="scenes", show_default=True, help="A file of bench/recipes.")
@root_option
@click.option(
    "--out", type=folder, help="The model folder to write.  [default: runs/train/RECIPE/model]"
)
@click.option(
    "--only", type=click.Choice(["semantic", "affinity"]), help="Train one of the networks."
)
@click.option(
    "--steps", type=click.IntRange(1), help="Cut every phase to so many steps, to try it out."
)
@click.option(
    "--smoke", is_flag=True, help="Try the whole recipe in seconds: tiny crops, 2 steps a phase."
)
@click.option("--dataset", help="How the data lies, instead of as the recipe says.")
@click.option(
    "--start",
    type=click.Path(path_type=Path),
    help="Weights to begin with: an ImageNet ResNet or a DeepLabv3, .pth or .safetensors, or a model folder.",
)
@device_option
@one_line_errors
def train(
    recipe: str,
    root: Path | None,
    out: Path | None,
    only: str | None,
    steps: int | None,
    smoke: bool,
    dataset: str | None,
    start: Path | None,
    device: str,
) -> None:
    """Train both networks; a second call goes on from the last checkpoint."""
    from bench.commands.train import train as run

    trial = "-smoke" if smoke else "" if steps is None else f"-{steps}-steps"
    work = paths.RUNS / "train" / f"{recipe}{trial}"
    out = out or work / "model"
    how = {"dataset": dataset, "start": start, "smoke": smoke, "device": device}
    run(recipe, root, out, work, only, steps, **how)


@main.command()
@click.argument("model")
@dataset_option
@root_option
@cache_option
@limit_option
@click.option(
    "--by",
    type=click.Choice(["ap", "score"]),
    default="ap",
    show_default=True,
    help="What to make large: AP, or TP / (TP + FP + FN) at overlap 0.5.",
)
@click.option(
    "--row",
    type=(str, str),
    metavar="STUDY ROW",
    help="Choose for a row of a study instead, print its numbers, and leave the model as it is.",
)
@one_line_errors
def tune(
    model: str,
    dataset: str,
    root: Path | None,
    cache: Path,
    limit: int | None,
    by: str,
    row: tuple[str, str] | None,
) -> None:
    """Choose thresholds and r_c of MODEL, a folder or a name in models/trained, on the tuning slice."""
    from bench.commands.tune import tune as run
    from bench.commands.tune import tune_row

    folder, place = paths.model_folder(model), root or paths.data_folder(dataset)
    if row is None:
        run(folder, dataset, place, cache, limit, by)
    else:
        record = paths.RUNS / "tune" / f"{row[0]}.json"
        tune_row(find_row(*row), folder, dataset, place, cache, limit, record)


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
    _tell(faults)


@main.command()
@click.argument("pictures", nargs=-1, required=True, type=click.Path(exists=True, path_type=Path))
@model_option
@click.option(
    "--linkage", type=click.Choice(["average", "weighted"]), default="average", show_default=True
)
@click.option(
    "--flip", is_flag=True, help="Ask about mirrored pictures, too: better, twice as long."
)
@click.option(
    "--output-stride",
    type=int,
    help="Pixels between the networks' answers: 4, 8, 16 or 32.  [default: the model's]",
)
@device_option
@cache_option
@click.option("--out", type=folder, help="Where results go.  [default: runs/segment]")
@one_line_errors
def segment(
    pictures: tuple[Path, ...],
    model: str,
    linkage: str,
    flip: bool,
    output_stride: int | None,
    device: str,
    cache: Path,
    out: Path | None,
) -> None:
    """Find instances in PICTURES, files or folders of them: ids, an overlay and a JSON of each.

    Exit code 0: all is well; 3: some pictures were skipped, and are named.
    """
    from bench.commands.segment import segment as run

    out = out or paths.RUNS / "segment"
    folder = paths.model_folder(model)
    _tell(run(pictures, folder, cache, out, linkage, flip, output_stride, device))


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


@main.command()
@model_option
@dataset_option
@root_option
@split_option
@cache_option
@click.option("--out", type=folder, help="Where the results go.  [default: runs/confusion]")
@limit_option
@one_line_errors
def confusion(
    model: str,
    dataset: str,
    root: Path | None,
    split: str,
    cache: Path,
    out: Path | None,
    limit: int | None,
) -> None:
    """Count which classes a semantic network takes for which, and suggest super-classes."""
    from bench.commands.confusion import confusion as run

    place, out = root or paths.data_folder(dataset), out or paths.RUNS / "confusion"
    run(paths.model_folder(model), dataset, place, split, cache, out, limit)


@main.command()
@click.argument("name")
@click.option(
    "--pixel",
    type=(int, int),
    metavar="ROW COLUMN",
    help="Which pixel.  [default: the middle of the largest instance]",
)
@model_option
@dataset_option
@root_option
@click.option("--split", default="val", show_default=True)
@cache_option
@click.option("--out", type=folder, help="Where the picture goes.  [default: runs/explore]")
@one_line_errors
def explore(
    name: str,
    pixel: tuple[int, int] | None,
    model: str,
    dataset: str,
    root: Path | None,
    split: str,
    cache: Path,
    out: Path | None,
) -> None:
    """Draw the affinities of one pixel of the image NAME: 56 neighbours, label beside prediction."""
    from bench.commands.explore import explore as run

    place, out = root or paths.data_folder(dataset), out or paths.RUNS / "explore"
    run(name, pixel, paths.model_folder(model), dataset, place, split, cache, out)


@main.group()
def cache() -> None:
    """Look after the affinity cache: what the networks answered, one file an image."""


@cache.command()
@cache_option
@one_line_errors
def ls(cache: Path) -> None:
    """Print how many images of which model are cached, and how large they are."""
    from bench.commands.cache import ls as run

    run(cache)


@cache.command()
@cache_option
@one_line_errors
def verify(cache: Path) -> None:
    """Read every entry and compare checksums; exit code 3 if one is damaged."""
    from bench.commands.cache import verify as run

    _tell(run(cache))


@cache.command()
@cache_option
@click.option("--dry-run", is_flag=True, help="Say what would go, and delete nothing.")
@one_line_errors
def prune(cache: Path, dry_run: bool) -> None:
    """Delete what no model of models/trained would read, damaged entries and unfinished files."""
    from bench.commands.cache import prune as run

    run(cache, dry_run)


def _tell(faults: list[str]) -> None:
    """A line for each fault, and exit code 3 if there is one."""
    for fault in faults:
        click.echo(f"Error: {fault}", err=True)
    if faults:
        sys.exit(FAULTY)


def _refuse_given(study: str, *options: str) -> None:
    """Raise ValueError if one of the options was given to a study that has no use for it."""
    source = click.get_current_context().get_parameter_source
    for option in options:
        if source(option) == click.core.ParameterSource.COMMANDLINE:
            raise ValueError(f"study {study} merges the seeded fields and takes no --{option}")
