"""``python -m bench scenes``: generate the street scenes, and count the objects in them."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench import paths
from bench.options import exit_if_failures, root_option

if TYPE_CHECKING:
    from bench.datasets import Dataset
    from bench.evaluation.ap_scores import ApScores


@click.command()
@root_option
@click.option(
    "--train",
    type=click.IntRange(0),
    default=800,
    show_default=True,
    help="Number of images in the split train.",
)
@click.option(
    "--val",
    type=click.IntRange(0),
    default=200,
    show_default=True,
    help="Number of images in the split val.",
)
@click.option(
    "--train-extra",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Number of images in the split train_extra, which have only a coarse annotation.",
)
@click.option(
    "--test",
    type=click.IntRange(0),
    default=0,
    show_default=True,
    help="Number of images in the split test, which have no annotation.",
)
@click.option(
    "--coarse",
    is_flag=True,
    help="Give the images of train and val a coarse annotation, too: polygons of few corners.",
)
@click.option(
    "--size",
    type=(int, int),
    default=(256, 512),
    show_default=True,
    metavar="HEIGHT WIDTH",
    help="Height and width of an image in pixels.",
)
@click.option("--seed", default=0, show_default=True, help="Seed of the random scenes.")
def scenes(
    root: Path | None,
    train: int,
    val: int,
    train_extra: int,
    test: int,
    coarse: bool,
    size: tuple[int, int],
    seed: int,
) -> None:
    """Generate street scenes, and print how many objects they have.

    For the split val, AP of a method without networks is printed, too: connected components.

    Exit code 1: the default scenes differ from those of the published results.
    """
    from bench.datasets.scenes import SPLIT_SIZES
    from bench.datasets.scenes.scene_files import SEED, SIZE, generate_with_progress
    from merge_impls.commands.exit_codes import DISAGREES

    root = root or paths.default_data_folder("scenes")
    sizes = {"train": train, "val": val}
    extra = {
        split: images for split, images in (("train_extra", train_extra), ("test", test)) if images
    }
    generate_with_progress(root, sizes | extra, size, seed, coarse)
    # There are known checksums only for the default size, seed and numbers of images.
    pinned = [split for split, images in sizes.items() if images == SPLIT_SIZES[split]]
    failures = check_pinned_checksums(root, pinned) if (size, seed) == (SIZE, SEED) else []
    _print_object_counts_and_components_ap(
        root, [split for split, images in sizes.items() if images]
    )
    exit_if_failures(failures, DISAGREES)


def _print_object_counts_and_components_ap(root: Path, splits: Sequence[str]) -> None:
    """Print how many objects each split has, and for ``val`` AP of connected components."""
    from bench.datasets.scenes import Scenes, compute_statistics, format_statistics

    dataset = Scenes(root)
    for split in splits:
        click.echo(format_statistics(compute_statistics(dataset, split)))
    if "val" in splits:
        scores = _score_connected_components(dataset, "val")
        click.echo(
            f"connected components of the annotated semantic map: AP {scores.ap:.3f}, AP50 {scores.ap50:.3f}"
        )


def check_pinned_checksums(root: Path, splits: Sequence[str]) -> list[str]:
    """Compare the pixels of each split with pinned checksums. Returns a line for each split that differs."""
    from bench.datasets.scenes import VERSION, changed_cities

    lines = []
    for split in splits:
        cities = changed_cities(root, split)
        if cities:
            lines.append(
                f"{root}: {split}: pixels of {', '.join(cities)} are not those of scenes version {VERSION}; "
                "delete the folder and generate the scenes again, or do not compare with published results"
            )
        else:
            click.echo(f"{split}: all pixels are those of scenes version {VERSION}")
    return lines


def _score_connected_components(dataset: "Dataset", split: str) -> "ApScores":
    """AP of the connected components of the annotated semantic maps of a split."""
    from tqdm import tqdm

    from bench.evaluation.official import evaluate
    from bench.methods.components import connected_components

    found, truth = {}, {}
    for name in tqdm(dataset.names(split), desc="baseline", unit="image"):
        semantic = dataset.load(split, name).semantic
        found[name] = connected_components(semantic, dataset.class_names, min_object_pixels=99)
        truth[name] = dataset.truth_path(split, name)
    return evaluate(found, truth)
