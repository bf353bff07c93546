"""``python -m bench train``: a data set and a recipe in, a model folder with its record out."""

from pathlib import Path

import click

from bench import paths
from bench.options import FOLDER_PATH, device_option, root_option


@click.command()
@click.option("--recipe", default="scenes", show_default=True, help="A file of bench/recipes.")
@root_option
@click.option(
    "--out", type=FOLDER_PATH, help="The model folder to write.  [default: runs/train/RECIPE/model]"
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
    from bench.training import train_from_recipe

    suffix = "-smoke" if smoke else "" if steps is None else f"-{steps}-steps"
    work = paths.RUNS / "train" / f"{recipe}{suffix}"
    train_from_recipe.train(
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
