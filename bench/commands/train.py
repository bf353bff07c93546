"""``python -m bench train``: train the networks of a recipe on a data set."""

import sys
from pathlib import Path

import click

from bench import paths
from bench.options import FOLDER_PATH, device_option, root_option


@click.command()
@click.option(
    "--recipe",
    default="scenes",
    show_default=True,
    help="Name of a recipe in bench/recipes, or the path of a TOML file.",
)
@root_option
@click.option(
    "--out", type=FOLDER_PATH, help="Model folder to write.  [default: runs/train/RECIPE/model]"
)
@click.option(
    "--only",
    type=click.Choice(["semantic", "affinity"]),
    help="Train only this network, and write no model folder.",
)
@click.option(
    "--steps",
    type=click.IntRange(1),
    help="Largest number of steps in a phase of the training, for a trial.",
)
@click.option(
    "--smoke",
    is_flag=True,
    help="Try the recipe in seconds, with few images, small crops and 2 steps in each phase.",
)
@click.option("--dataset", help="Format of the data set.  [default: the recipe's]")
@click.option(
    "--start",
    help="Starting weights: a .pth or .safetensors file of a ResNet or DeepLabv3, or a model (name, folder).",
)
@device_option
@click.option(
    "--workers",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Number of processes that prepare crops in advance, so that a GPU need not wait.",
)
def train(
    recipe: str,
    root: Path | None,
    out: Path | None,
    only: str | None,
    steps: int | None,
    smoke: bool,
    dataset: str | None,
    start: str | None,
    device: str,
    workers: int,
) -> None:
    """Train both networks of a recipe. An interrupted training continues from its last checkpoint.

    Ctrl-C and SIGTERM stop it after the present step, with a checkpoint; the second one stops it at once.
    """
    from bench.training import train_from_recipe
    from models.training.stop_signals import TrainingStopped

    suffix = "-smoke" if smoke else "" if steps is None else f"-{steps}-steps"
    work = paths.RUNS / "train" / f"{Path(recipe).stem}{suffix}"
    try:
        train_from_recipe.train_recipe(
            recipe,
            root,
            out or work / "model",
            work,
            only,
            steps,
            dataset=dataset,
            start=start,
            smoke=smoke,
            device=device,
            workers=workers,
        )
    except TrainingStopped as stopped:
        click.echo(f"Error: {stopped.signal.name}: {stopped}", err=True)
        sys.exit(128 + stopped.signal)
