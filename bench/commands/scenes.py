"""``python -m bench scenes``: generates the street scenes and counts what is in them."""

from collections.abc import Mapping, Sequence
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
    help="Number of images in train.",
)
@click.option(
    "--val", type=click.IntRange(0), default=200, show_default=True, help="Number of images in val."
)
@click.option(
    "--size",
    type=(int, int),
    default=(512, 256),
    show_default=True,
    help="Width and height in pixels.",
)
@click.option("--seed", default=0, show_default=True, help="Seed of the random scenes.")
def scenes(root: Path | None, train: int, val: int, size: tuple[int, int], seed: int) -> None:
    """Generate the street scenes, and print counts of each split.

    For val it also prints AP of connected components as a baseline.

    Exit code 3: pixels of the default scenes differ from the pinned checksums.
    """
    from bench.datasets.scenes import SPLIT_SIZES
    from bench.datasets.scenes.scene_files import SEED, SIZE

    root = root or paths.default_data_folder("scenes")
    sizes = {"train": train, "val": val}
    _generate_with_progress(root, sizes, size, seed)
    # Checksums are pinned for the default size and seed alone.
    pinned = [split for split, images in sizes.items() if images == SPLIT_SIZES[split]]
    failures = check_pins(root, pinned) if (size, seed) == (SIZE, SEED) else []
    _print_statistics(root, [split for split, images in sizes.items() if images])
    exit_if_failures(failures)


def _print_statistics(root: Path, splits: Sequence[str]) -> None:
    """Print the counts of each split, and for ``val`` AP of connected components as a baseline."""
    from bench.datasets.scenes import Scenes, statistics, summary

    dataset = Scenes(root)
    for split in splits:
        click.echo(summary(statistics(dataset, split)))
    if "val" in splits:
        scores = _score_components(dataset, "val")
        click.echo(
            f"connected components of the annotated semantic map: AP {scores.ap:.3f}, AP50 {scores.ap50:.3f}"
        )


def make_split(root: Path, split: str) -> None:
    """Generate one split at the default size and seed; existing scenes are kept."""
    from bench.datasets.scenes import SPLIT_SIZES
    from bench.datasets.scenes.scene_files import SEED, SIZE

    _generate_with_progress(root, {split: SPLIT_SIZES[split]}, SIZE, SEED)


def check_pins(root: Path, splits: Sequence[str]) -> list[str]:
    """Compare pixels with the pinned checksums; returns a line for each split that differs."""
    from bench.datasets.scenes import VERSION, changed_cities

    lines = []
    for split in splits:
        cities = changed_cities(root, split)
        if cities:
            lines.append(
                f"{root}: {split}: pixels of {', '.join(cities)} are not those of scenes version {VERSION}; "
                "delete the folder and make it anew, or do not compare figures with the published ones"
            )
        else:
            click.echo(f"{split}: the pixels are those of scenes version {VERSION}")
    return lines


def _score_components(dataset: "Dataset", split: str) -> "ApScores":
    """Scores of connected components of the annotated semantic maps, a baseline without networks."""
    from tqdm import tqdm

    from bench.evaluation.official import evaluate
    from bench.methods.components import connected_components

    found, truth = {}, {}
    for name in tqdm(dataset.names(split), desc="baseline", unit="image"):
        semantic = dataset.load(split, name).semantic
        found[name] = connected_components(semantic, dataset.class_names, min_object_pixels=99)
        truth[name] = dataset.truth_path(split, name)
    return evaluate(found, truth)


def _generate_with_progress(
    root: Path, sizes: Mapping[str, int], size: tuple[int, int], seed: int
) -> None:
    from tqdm import tqdm

    from bench.datasets.scenes import generate

    with tqdm(desc="scenes", unit="image") as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        generate(root, sizes, size, seed, progress)
