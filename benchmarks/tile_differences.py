"""Measures how much inference in tiles changes the answers of the networks.

    python -m benchmarks.tile_differences [--out benchmarks/tile_differences.csv]

The trained networks of the streets show what this does to AP. The paper's networks on ResNet-101 have
random weights here, with image pooling and without, on one frame of Cityscapes' size: without image pooling,
only the margins of the tiles make a difference. Both kinds of frames are divided into tiles in the same way.
"""

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click
import numpy as np
import pandas as pd

from bench import paths
from bench.cache import AffinityCache
from bench.datasets import Dataset, open_dataset
from bench.datasets.scenes import generate
from bench.evaluation.in_memory import Evaluation
from bench.evaluation.matching import match_predictions
from bench.pipeline.prediction import predict
from bench.pipeline.segment import Pipeline
from bench.types import image_size
from benchmarks.random_networks import random_model_folder
from merge_impls.machine import describe_machine
from merge_impls.text_formats import format_shape

DIFFERENCES_FILE = Path(__file__).with_suffix(".csv")
"""The committed measurement."""

TILES_OF_HEIGHT = 0.75
"""The side of a tile divided by the height of the frame: tiles of 768 pixels on a frame of 1024 rows."""

TRAINED, SIZE_OF_TRAINED = "scenes", (256, 512)
"""The trained model, and the size (height, width) of the streets that it was trained on."""


@click.command()
@click.option(
    "--size", nargs=2, type=int, default=(1024, 2048), help="Height and width of the large frame."
)
@click.option("--streets", default=32, help="Streets for the trained networks.")
@click.option(
    "--out", type=click.Path(path_type=Path), default=DIFFERENCES_FILE, help="File to write."
)
def main(size: tuple[int, int], streets: int, out: Path) -> None:
    """Measure how much tiles change the answers of the networks."""
    rows = []
    with tempfile.TemporaryDirectory() as scratch:
        root = Path(scratch)
        trained = paths.model_folder(TRAINED)
        rows.append(tile_differences(trained, _streets(root, SIZE_OF_TRAINED, streets), root, True))
        large = _streets(root, size, 1)
        for image_pooling in (True, False):
            model = random_model_folder(root / str(image_pooling), 101, image_pooling)
            rows.append(tile_differences(model, large, root, False))
    processor = describe_machine()["processor"]
    measured = pd.DataFrame(rows).assign(processor=processor)
    measured.to_csv(out, index=False)
    click.echo(tile_differences_table(measured).to_string(index=False))


def _streets(root: Path, size: tuple[int, int], count: int) -> Dataset:
    """Generated streets of ``size`` (height, width) in the split val."""
    folder = root / "x".join(map(str, size))
    generate(folder, {"val": count}, size)
    return open_dataset("scenes", folder)


def tile_differences(model: Path, streets: Dataset, scratch: Path, with_ap: bool) -> dict[str, Any]:
    """How the predictions of a model in tiles differ from those of whole frames, on all streets of val.

    Keys: networks, the name of the model; image_pooling; frame, its size; tile; frames, their number;
    other_class, the share of the pixels with another most likely class; affinity, the mean absolute
    difference of the affinities; crossed, the share of the affinities on the other side of one half. With
    AP also ap_whole and ap_tiles, for the thresholds of the model.
    """
    names = streets.names("val")
    height, width = image_size(streets.image("val", names[0]))
    tile = round(TILES_OF_HEIGHT * height)
    whole = Pipeline(model, AffinityCache(scratch / "cache"))
    tiled = whole.replace(tile=tile)
    differences = [
        _differences_on_image(whole, tiled, streets.image("val", name)) for name in names
    ]
    mean = pd.DataFrame(differences).mean().to_dict()
    about = {
        "networks": whole.model.name,
        "image_pooling": whole.model.affinity.image_pooling,
        "frame": format_shape((height, width)),
        "tile": tile,
        "frames": len(names),
    }
    ap = {"ap_whole": _ap(whole, streets), "ap_tiles": _ap(tiled, streets)} if with_ap else {}
    return about | mean | ap


def _differences_on_image(whole: Pipeline, tiled: Pipeline, image: np.ndarray) -> dict[str, float]:
    """The differences of the predictions of one image, see ``tile_differences``."""
    one, other = (
        predict(pipeline.predictor(image), pipeline.whole_image_view(image_size(image)))
        for pipeline in (whole, tiled)
    )
    classes = one.semantic.argmax(0) != other.semantic.argmax(0)
    crossed = (one.affinity > 0.5) != (other.affinity > 0.5)
    return {
        "other_class": float(classes.mean()),
        "affinity": float(np.abs(one.affinity - other.affinity).mean()),
        "crossed": float(crossed.mean()),
    }


def _ap(pipeline: Pipeline, streets: Dataset) -> float:
    """AP of the objects that the pipeline finds in all streets of val."""
    matches = {}
    for name in streets.names("val"):
        found = pipeline.segment(pipeline.predictor(streets.image("val", name))).instances
        annotation = streets.annotation("val", name)
        matches[name] = match_predictions(found, annotation, pipeline.model.classes)
    return Evaluation(pipeline.model.classes, matches).ap_scores().ap


def tile_differences_table(measured: pd.DataFrame) -> pd.DataFrame:
    """The measurement with texts in place of numbers."""

    def texts(column: str, form: Callable[[float], str]) -> pd.Series:
        return measured[column].map(lambda value: form(value) if value == value else "")

    return pd.DataFrame(
        {
            "networks": measured["networks"]
            .map({TRAINED: "ours, trained"})
            .fillna("ResNet-101, random"),
            "image pooling": measured["image_pooling"].map({True: "yes", False: "no"}),
            "frame": measured["frame"],
            "tile": measured["tile"],
            "pixels of another class": texts("other_class", "{:.1%}".format),
            "affinities across 0.5": texts("crossed", "{:.1%}".format),
            "mean difference of affinities": texts("affinity", "{:.3f}".format),
            "AP whole": texts("ap_whole", "{:.3f}".format),
            "AP in tiles": texts("ap_tiles", "{:.3f}".format),
        }
    )


if __name__ == "__main__":
    main()
