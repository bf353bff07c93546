"""``python -m bench export``: segment a split, and write the zip file for Cityscapes' evaluation server."""

import re
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench import paths
from bench.options import (
    cache_option,
    dataset_option,
    device_option,
    exit_if_failures,
    limit_option,
    model_option,
    root_option,
)

if TYPE_CHECKING:
    from bench.datasets.cityscapes import Cityscapes
    from bench.pipeline.segment import Pipeline
    from bench.runner.study import Variant
    from bench.types import Instance, Size

MOST_LINES = 20
"""The largest number of broken rules that are printed."""


@click.command()
@model_option
@dataset_option
@root_option
@click.option(
    "--split", default="test", show_default=True, help="Split whose images are segmented."
)
@click.option(
    "--study",
    default="table3",
    show_default=True,
    help="Study with the settings: its name, or the path of a TOML file.",
)
@click.option("--row", help="Row of the study.  [default: the last one]")
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Zip file to write.  [default: runs/export/DATASET-SPLIT-STUDY-ROW-MODEL.zip]",
)
@click.option("--check", is_flag=True, help="Only check the zip file that is already there.")
@cache_option
@device_option
@limit_option("Use only the first N images of the split, for a trial.")
def export(
    model: str,
    dataset: str,
    root: Path | None,
    split: str,
    study: str,
    row: str | None,
    out: Path | None,
    check: bool,
    cache: Path,
    device: str,
    limit: int | None,
) -> None:
    """Segment the images of a split, and write the zip file that Cityscapes' evaluation server takes.

    Only the images are read, no annotation. The file is then checked by the rules that are known; the server
    itself was not tried. Images whose predictions are cached need no network again.

    Exit code 1: the file breaks a rule. A line names each.
    """
    from bench.datasets import open_dataset
    from bench.evaluation.server_zip_check import describe_broken_rules, find_broken_rules
    from bench.runner.study_file import find_variant
    from merge_impls.commands.exit_codes import DISAGREES

    variant = find_variant(study, row, dataset)
    path = out or default_zip_path(dataset, split, study, variant.name, model, limit)
    data = _open_cityscapes(open_dataset(dataset, root or paths.default_data_folder(dataset)))
    of_split = data.names(split)
    names = of_split[:limit]
    if not check:
        pipeline = _pipeline_of_row(study, variant, model, cache, device)
        pipeline.check_classes(data.class_names)
        _segment_and_write(path, pipeline, data, split, names)
    broken = find_broken_rules(path, image_sizes(data, split, names))
    click.echo(f"{path}: {describe_broken_rules(broken, len(names))}")
    _print_whether_trial(len(names), len(of_split), split)
    exit_if_failures([f"{path}: {each}" for each in broken[:MOST_LINES]], DISAGREES)


def _print_whether_trial(exported: int, images: int, split: str) -> None:
    """Print that a file without all images of the split cannot be uploaded."""
    if exported < images:
        click.echo(
            f"It is a trial with {exported} of the {images} images of {split}, which the server would "
            "refuse: export without --limit to upload the file"
        )


def _open_cityscapes(data: object) -> "Cityscapes":
    """The data set, if it has the layout of Cityscapes; else ValueError."""
    from bench.datasets.cityscapes import Cityscapes

    if not isinstance(data, Cityscapes):
        raise ValueError("--dataset: the server takes predictions of cityscapes (or scenes) alone")
    return data


def default_zip_path(
    dataset: str, split: str, study: str, row: str, model: str, limit: int | None
) -> Path:
    """The zip file of an export without --out, whose name says what it holds.

    A model in ``runs/train/RECIPE/model`` has the name of its recipe.
    """
    folder = Path(model)
    named = folder.parent if folder.name == "model" else folder
    trial = f"first-{limit}" if limit else ""
    parts = [dataset, split, Path(study).stem, row, named.name, trial]
    words = [re.sub(r"[^A-Za-z0-9.]+", "-", part).strip("-") for part in parts]
    return paths.RUNS / "export" / f"{'-'.join(filter(None, words))}.zip"


def _pipeline_of_row(
    study: str, variant: "Variant", model: str, cache: Path, device: str
) -> "Pipeline":
    """The pipeline of a model with the settings of a row of a study.

    Raises ValueError for a row that copies a part of the annotation.
    """
    from bench.cache import AffinityCache
    from bench.pipeline.segment import Pipeline

    if variant.oracle:
        raise ValueError(f"--row: {variant.name!r} copies the annotation; take another row")
    click.echo(f"settings: {study}, {variant.name or 'its only row'}")
    pipeline = Pipeline(paths.model_folder(model), AffinityCache(cache), device=device)
    return pipeline.with_config(variant.strategy)


def _segment_and_write(
    path: Path, pipeline: "Pipeline", data: "Cityscapes", split: str, names: list[str]
) -> None:
    """Segment images, and write the zip file with their instances."""
    from tqdm import tqdm

    from bench.evaluation.server_zip import write_server_zip

    found: dict[str, list[Instance]] = {}
    for name in tqdm(names, desc="segmenting", unit="image"):
        predictor = pipeline.predictor(data.image(split, name))
        found[name] = pipeline.segment(predictor).instances
    write_server_zip(path, found)


def image_sizes(data: "Cityscapes", split: str, names: list[str]) -> "dict[str, Size]":
    """The (height, width) of images, by their names without folder."""
    from bench.picture_files.picture_reading import read_size

    return {
        name.rpartition("/")[2]: read_size(data.image_path(split, name), "unpack the split again")
        for name in names
    }
