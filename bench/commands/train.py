"""``python -m bench train``: train the networks of a recipe on a data set."""

import sys
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
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
    help="Try the recipe with few images, small crops and 2 steps in each phase: seconds, for the paper's "
    "recipes minutes.",
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
    help="Number of processes that prepare crops in advance, so that a GPU need not wait; with torchrun, of "
    "each process that trains.",
)
@click.option(
    "--bfloat16/--no-bfloat16",
    default=None,
    help="Compute convolutions in bfloat16.  [default: where the device supports it]",
)
@click.option(
    "--estimate",
    is_flag=True,
    help="Measure up to 20 steps at each output stride, for about a minute each; print hours, memory and "
    "disk space, and train nothing.",
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
    bfloat16: bool | None,
    estimate: bool,
) -> None:
    """Train both networks of a recipe. An interrupted training continues from its last checkpoint.

    Ctrl-C and SIGTERM stop it after the present step, with a checkpoint; the second one stops it at once.

    ``torchrun --nproc-per-node N -m -- bench train`` trains with N processes, one for each GPU. N must
    divide ``micro_batches`` of the recipe.
    """
    from bench.training import train_from_recipe
    from models.training.training_settings import TrainingResources

    suffix = "-smoke" if smoke else "" if steps is None else f"-{steps}-steps"
    work = paths.RUNS / "train" / f"{Path(recipe).stem}{suffix}"
    with _as_process_of_training():
        train_from_recipe.train_recipe(
            *(recipe, root, out or work / "model", work, only, steps),
            dataset=dataset,
            start=start,
            smoke=smoke,
            estimate=estimate,
            resources=TrainingResources(device, workers, bfloat16),
        )


@contextmanager
def _as_process_of_training() -> Iterator[None]:
    """Print the lines of the first process only; end with the exit code of a stopping signal."""
    from models.training.stop_signals import TrainingStopped
    from models.training.training_processes import is_first_process

    try:
        with nullcontext() if is_first_process() else redirect_stdout(None):
            yield
    except TrainingStopped as stopped:
        click.echo(f"Error: {stopped.signal.name}: {stopped}", err=True)
        sys.exit(128 + stopped.signal)
