"""``python -m bench explore NAME``: the annotated and the predicted affinities of one pixel."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench import paths
from bench.options import (
    FOLDER_PATH,
    cache_option,
    dataset_option,
    model_option,
    root_option,
    split_option,
)

if TYPE_CHECKING:
    import numpy as np
    import numpy.typing as npt

    from bench.pipeline.segment import Pipeline
    from bench.types import Sample


@click.command()
@click.argument("name")
@click.option(
    "--pixel",
    type=(int, int),
    metavar="ROW COLUMN",
    help="The pixel to draw.  [default: the innermost pixel of the largest instance]",
)
@model_option
@dataset_option
@root_option
@split_option
@cache_option
@click.option(
    "--out", type=FOLDER_PATH, help="Folder to write the picture to.  [default: runs/explore]"
)
def explore(
    name: str,
    pixel: tuple[int, int] | None,
    model: str,
    dataset: str,
    root: Path | None,
    split: str,
    cache: Path,
    out: Path | None,
) -> None:
    """Draw the affinities of one pixel of the image NAME: annotation beside prediction.

    The neighbours are those at the distances of the model, in eight directions."""
    from bench.cache import AffinityCache
    from bench.datasets import open_dataset
    from bench.pipeline.segment import Pipeline

    place, out = root or paths.default_data_folder(dataset), out or paths.RUNS / "explore"
    pipeline = Pipeline(paths.model_folder(model), AffinityCache(cache))
    images = open_dataset(dataset, place)
    names = images.names(split)
    if name not in names:
        some = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
        raise ValueError(f"{place}: split {split} has no image {name!r}; there are {some}")
    sample = images.load(split, name)
    row, column = (
        innermost_pixel_of_largest_instance(name, sample.instances) if pixel is None else pixel
    )
    _check_inside(name, (row, column), sample.instances.shape)
    path = out / f"{Path(name).name}_{row}_{column}.png"
    _draw_and_print(path, pipeline, sample, (row, column), images.class_names)


def _check_inside(name: str, pixel: tuple[int, int], size: Sequence[int]) -> None:
    (row, column), (height, width) = pixel, size
    if not (0 <= row < height and 0 <= column < width):
        raise ValueError(
            f"--pixel {row} {column} is outside {name}, which has {height} rows and {width} columns"
        )


def _draw_and_print(
    path: Path,
    pipeline: "Pipeline",
    sample: "Sample",
    pixel: tuple[int, int],
    class_names: Sequence[str],
) -> None:
    """Draw the affinities of a pixel of the sample, and print how many of them are right.

    Where the model enlarges images, the enlarged image is drawn, and its neighbours are shown.
    """
    import numpy as np

    from bench.pipeline.oracle import sample_in_view
    from bench.report.pictures.affinity_explorer import draw_affinities, pixel_affinities
    from bench.types import VOID_CLASS, VOID_INSTANCE

    predictor = pipeline.predictor(sample.image)
    view = sample_in_view(sample, pipeline.whole_image_view(predictor.size))
    known = np.where(view.semantic == VOID_CLASS, VOID_INSTANCE, view.instances)
    pixel_in_view = _scale_pixel(pixel, sample.instances.shape, view.instances.shape)
    affinity = pipeline.predict_whole(predictor).affinity
    offsets = pipeline.config.map_offsets
    title = _describe(sample, pixel, class_names)
    draw_affinities(path, view.image, known, affinity, offsets, pixel_in_view, title)
    frame = pixel_affinities(known, affinity, offsets, pixel_in_view).dropna()
    right = (frame["predicted"] >= 0.5) == (frame["label"] == 1)
    click.echo(
        f"{title}; {right.sum()} of {len(frame)} labelled neighbours on the right side of 0.5\n"
        f"The picture: {path}"
    )


def _describe(sample: "Sample", pixel: tuple[int, int], class_names: Sequence[str]) -> str:
    """The pixel and its annotated class in words."""
    from bench.types import VOID_CLASS

    words = {0: "background", VOID_CLASS: "void"} | dict(enumerate(class_names, start=1))
    class_name = words[int(sample.semantic[pixel])]
    return f"{sample.name}, row {pixel[0]}, column {pixel[1]}: {class_name}"


def _scale_pixel(
    pixel: tuple[int, int], size: Sequence[int], new_size: Sequence[int]
) -> tuple[int, int]:
    """The pixel of an image of ``new_size`` where the middle of ``pixel``, of one of ``size``, lies."""
    row, column = (
        int((place + 0.5) * new / old)
        for place, new, old in zip(pixel, new_size, size, strict=True)
    )
    return row, column


def innermost_pixel_of_largest_instance(
    name: str, instances: "npt.NDArray[np.int32]"
) -> tuple[int, int]:
    """Row and column of the pixel that lies deepest in the largest of the instances (H, W) int, 0 for none.

    Raises ValueError, naming the image, if there is none.
    """
    import numpy as np
    from scipy import ndimage

    pixels = np.bincount(instances.ravel())
    if pixels[1:].sum() == 0:
        raise ValueError(f"{name}: has no instance; choose a pixel with --pixel ROW COLUMN")
    largest = np.pad(instances == 1 + pixels[1:].argmax(), 1)
    depth = ndimage.distance_transform_edt(largest)[1:-1, 1:-1]
    row, column = np.unravel_index(depth.argmax(), depth.shape)
    return int(row), int(column)
