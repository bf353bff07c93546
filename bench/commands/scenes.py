"""``python -m bench scenes``: the generated data set with a progress bar, and how hard it is."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import click
from tqdm import tqdm

from bench.datasets import open_dataset
from bench.datasets.cityscapes import Cityscapes
from bench.datasets.scenes import SPLIT_SIZES, VERSION, generate, moved, statistics, summary
from bench.datasets.scenes.write import SEED, SIZE
from bench.evaluation.official import evaluate
from bench.evaluation.scores import Scores
from bench.methods.components import connected_components


def make_split(root: Path, split: str) -> None:
    """Generate one split at the default size and seed; what is there is kept."""
    _generate(root, {split: SPLIT_SIZES[split]}, SIZE, SEED)


def make(root: Path, sizes: Mapping[str, int], size: tuple[int, int], seed: int) -> list[str]:
    """Generate splits of ``sizes`` images of ``size`` (width, height); print counts and difficulty.

    Returns a line for each split made at default size and seed whose pixels are not those of the version.
    """
    _generate(root, sizes, size, seed)
    pinned = [split for split, images in sizes.items() if images == SPLIT_SIZES[split]]
    strangers = check_pins(root, pinned) if (size, seed) == (SIZE, SEED) else []
    dataset = open_dataset("scenes", root)
    for split, images in sizes.items():
        if images:
            click.echo(summary(statistics(dataset, split)))
    if sizes.get("val"):
        scores = difficulty(dataset, "val")
        click.echo(
            f"connected components of the annotated semantic map: AP {scores.ap:.3f}, AP50 {scores.ap50:.3f}"
        )
    return strangers


def check_pins(root: Path, splits: Sequence[str]) -> list[str]:
    """A line for each of the splits whose decoded pixels are not the pinned ones."""
    lines = []
    for split in splits:
        cities = moved(root, split)
        if cities:
            lines.append(
                f"{root}: {split}: pixels of {', '.join(cities)} are not those of scenes version {VERSION}; "
                "delete the folder and make it anew, or do not compare figures with the published ones"
            )
        else:
            click.echo(f"{split}: the pixels are those of scenes version {VERSION}")
    return lines


def difficulty(dataset: Cityscapes, split: str) -> Scores:
    """What connected components of the annotated semantic maps score: what is left to do without networks."""
    found, truth = {}, {}
    for name in tqdm(dataset.names(split), desc="difficulty", unit="image"):
        semantic = dataset.load(split, name).semantic
        found[name] = connected_components(semantic, dataset.class_names, min_object_pixels=99)
        truth[name] = dataset.truth_path(split, name)
    return evaluate(found, truth)


def _generate(root: Path, sizes: Mapping[str, int], size: tuple[int, int], seed: int) -> None:
    with tqdm(desc="scenes", unit="image") as bar:

        def progress(done: int, total: int) -> None:
            bar.total = total
            bar.update(done - bar.n)

        generate(root, sizes, size, seed, progress)
