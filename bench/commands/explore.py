"""``python -m bench explore NAME``: what the affinity network says around one pixel, beside what is true."""

from pathlib import Path

import click
import numpy as np
from scipy import ndimage

from bench.cache import AffinityCache
from bench.datasets import open_dataset
from bench.pipeline.segment import Pipeline
from bench.report.pictures.affinity_explorer import affinities_of, draw_affinities
from bench.types import VOID, VOID_OBJECT


def explore(
    name: str,
    pixel: tuple[int, int] | None,
    model: Path,
    dataset: str,
    root: Path,
    split: str,
    cache: Path,
    out: Path,
) -> None:
    """Draw the explorer of one pixel of an annotated image to ``out`` and print how much of it is right.

    pixel: row and column in the image; None for the middle of its largest instance. Where the model enlarges
    pictures, the neighbours are those in the enlarged one, which is then what is drawn.
    Raises ValueError for an image and for a pixel that there is not.
    """
    pipeline, images = Pipeline(model, AffinityCache(cache)), open_dataset(dataset, root)
    names = images.names(split)
    if name not in names:
        raise ValueError(f"{root}: split {split} has no image {name!r}; there are {_some(names)}")
    sample = images.load(split, name)
    shown = pipeline.at_input_size(sample)
    own, size = sample.instances.shape, shown.instances.shape
    known = np.where(shown.semantic == VOID, VOID_OBJECT, shown.instances)
    row, column = middle_of_largest(name, sample.instances) if pixel is None else pixel
    if not (0 <= row < own[0] and 0 <= column < own[1]):
        raise ValueError(
            f"--pixel {row} {column} is outside {name}, which has {own[0]} rows and {own[1]} columns"
        )
    # The middle of the pixel, where it lies in what the networks see.
    seen = tuple(
        int((place + 0.5) * new / old)
        for place, new, old in zip((row, column), size, own, strict=True)
    )
    affinity, offsets = pipeline.predict(sample.image).affinity, pipeline.resolved.offsets
    class_number = int(sample.semantic[row, column])
    words = {0: "background", VOID: "void"} | dict(enumerate(images.class_names, start=1))
    title = f"{name}, row {row}, column {column}: {words[class_number]}"
    path = out / f"{Path(name).name}_{row}_{column}.png"
    draw_affinities(path, shown.image, known, affinity, offsets, seen, title)
    frame = affinities_of(known, affinity, offsets, seen).dropna()
    right = (frame["predicted"] >= 0.5) == (frame["label"] == 1)
    click.echo(
        f"{title}; {right.sum()} of {len(frame)} labelled neighbours on the right side of 0.5\n"
        f"The picture: {path}"
    )


def middle_of_largest(name: str, instances: np.ndarray) -> tuple[int, int]:
    """Row and column of the pixel that lies deepest in the largest of the instances (H, W) int, 0 for none.

    Raises ValueError, naming the image, if there is none.
    """
    pixels = np.bincount(instances.ravel())
    if pixels[1:].sum() == 0:
        raise ValueError(f"{name}: has no instance; choose a pixel with --pixel ROW COLUMN")
    largest = np.pad(instances == 1 + pixels[1:].argmax(), 1)
    depth = ndimage.distance_transform_edt(largest)[1:-1, 1:-1]
    row, column = np.unravel_index(depth.argmax(), depth.shape)
    return int(row), int(column)


def _some(names: list[str]) -> str:
    return ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
