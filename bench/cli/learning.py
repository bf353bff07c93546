"""Data, training, and the numbers of a model."""

from pathlib import Path

import click

from bench import paths
from bench.cli.common import (
    cache_option,
    dataset_option,
    device_option,
    folder,
    limit_option,
    main,
    one_line_errors,
    root_option,
    tell,
)
from bench.runner.study import find_variant


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

    tell(make(root or paths.data_folder("scenes"), {"train": train, "val": val}, size, seed))


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
@click.option(
    "--workers",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Processes that cut out the crops of the steps to come; a GPU waits for them otherwise.",
)
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
    workers: int,
) -> None:
    """Train both networks; a second call goes on from the last checkpoint."""
    from bench.training.train_model import train as run

    trial = "-smoke" if smoke else "" if steps is None else f"-{steps}-steps"
    work = paths.RUNS / "train" / f"{recipe}{trial}"
    out = out or work / "model"
    how = {"dataset": dataset, "start": start, "smoke": smoke, "device": device, "workers": workers}
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
    from bench.training.tune_model import tune as run
    from bench.training.tune_model import tune_variant

    folder, place = paths.model_folder(model), root or paths.data_folder(dataset)
    if row is None:
        run(folder, dataset, place, cache, limit, by)
    else:
        record = paths.RUNS / "tune" / row[0] / f"{row[1]}.json"
        tune_variant(find_variant(*row), folder, dataset, place, cache, limit, record)
