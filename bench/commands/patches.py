"""``python -m bench patches``: list, count and draw the patches that a recipe is trained on."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench import paths
from bench.options import root_option

if TYPE_CHECKING:
    from bench.training.patches.patch_index import PatchIndex
    from bench.training.recipe import Recipe


@click.command()
@click.option(
    "--recipe",
    default="paper-resnet101",
    show_default=True,
    help="Name of a recipe in bench/recipes, or the path of a TOML file.",
)
@root_option
@click.option("--dataset", help="Format of the data set.  [default: the recipe's]")
@click.option("--list", "listed", metavar="SET", help="Print each patch of this set on a line.")
@click.option(
    "--draw",
    type=click.IntRange(1),
    metavar="N",
    help="Draw N patches of each set, in patches.png beside the index.",
)
def patches(
    recipe: str, root: Path | None, dataset: str | None, listed: str | None, draw: int | None
) -> None:
    """Choose the patches that a recipe is trained on, count them, and write their index.

    The index, runs/train/RECIPE/patches.json, holds areas and the hashes of files. `train` uses it.
    """
    from bench.datasets import open_dataset
    from bench.training.patches.draw_patches import draw_patches
    from bench.training.recipe import read_recipe, recipe_path
    from bench.training.step_images import StepImages, cityscapes_layout, sets_of_recipe
    from bench.training.training_images import split_training_images
    from merge_impls.text_formats import pluralized

    read = read_recipe(recipe_path(recipe))
    name = dataset or read.dataset
    data = cityscapes_layout(open_dataset(name, root or paths.default_data_folder(name)))
    known = sets_of_recipe(read)
    if not known:
        raise ValueError(f"recipe {read.name} mixes no patches; take one with `data`")
    if listed not in (None, *known):
        raise ValueError(f"--list: {listed!r} is not in the recipe; take {', '.join(known)}")
    work = paths.RUNS / "train" / Path(recipe).stem
    split = split_training_images(data, read)
    click.echo(
        f"recipe {read.name}: {pluralized(len(split.training), 'image')} of train without the "
        f"{len(split.tuning)} that are kept out to choose thresholds on"
    )
    index = StepImages(data, split.training, read, work).index
    _print_counts(index, read)
    if listed:
        _print_patches(index, listed)
    if draw:
        draw_patches(data, index, draw).save(work / "patches.png")
        click.echo(f"drawn in {work / 'patches.png'}")


def _print_counts(index: "PatchIndex", recipe: "Recipe") -> None:
    """Print how many patches each set has, and how many each step of the training."""
    for name, images in index.patches.items():
        count = len(index.patches_of_set(name))
        with_patch = sum(1 for patches in images.values() if patches)
        click.echo(f"{name}: {count:,} patches from {with_patch:,} of {len(images):,} images")
    for network in ("semantic", "affinity"):
        for step in recipe.steps_of_network(network):
            parts = " + ".join(f"{times} x {name}" for name, times in step.mixture.items())
            title = f"{network}, {step.name}" if step.name else network
            click.echo(f"{title}: {len(index.mix(step.mixture)):,} patches ({parts})")


def _print_patches(index: "PatchIndex", listed: str) -> None:
    """Print each patch of a set: the image, the first row and column, the height and width, and the scale."""
    for patch in (
        each for name in index.patches if name == listed for each in index.patches_of_set(name)
    ):
        click.echo("\t".join(map(str, (patch.name, *patch.window, f"{patch.scale:g}"))))
