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
    """Draw the affinities between one pixel of the image NAME and its neighbours.

    The picture shows the annotated affinities beside the predicted ones. The neighbours lie in eight
    directions, at the distances of the model."""
    from bench.cache import AffinityCache
    from bench.datasets import open_dataset
    from bench.pipeline.segment import Pipeline

    root, out = root or paths.default_data_folder(dataset), out or paths.RUNS / "explore"
    pipeline = Pipeline(paths.model_folder(model), AffinityCache(cache))
    images = open_dataset(dataset, root)
    names = images.names(split)
    if name not in names:
        some = ", ".join(names[:3]) + (", ..." if len(names) > 3 else "")
        raise ValueError(f"{root}: split {split} has no image {name!r}; take one of {some}")
    sample = images.load(split, name)
    row, column = (
        innermost_pixel_of_largest_instance(name, sample.instances) if pixel is None else pixel
    )
    _check_pixel_inside(name, (row, column), sample.instances.shape)
    path = out / f"{Path(name).name}_{row}_{column}.png"
    _draw_affinities_and_print_accuracy(path, pipeline, sample, (row, column), images.class_names)


def _check_pixel_inside(name: str, pixel: tuple[int, int], size: Sequence[int]) -> None:
    (row, column), (height, width) = pixel, size
    if not (0 <= row < height and 0 <= column < width):
        raise ValueError(
            f"--pixel {row} {column} is outside {name}: take a row below {height} and a column below {width}"
        )


def _draw_affinities_and_print_accuracy(
    path: Path,
    pipeline: "Pipeline",
    sample: "Sample",
    pixel: tuple[int, int],
    class_names: Sequence[str],
) -> None:
    """Draw the affinities of a pixel of an image, and print how many predicted affinities are right.

    If the model enlarges the image, the pixel and its neighbours are those of the enlarged image.
    """
    import numpy as np

    from bench.pipeline.oracle import sample_in_view
    from bench.report.pictures.affinity_explorer import (
        annotated_and_predicted_affinities,
        draw_pixel_affinities,
    )
    from bench.types import VOID_CLASS, VOID_INSTANCE

    predictor = pipeline.predictor(sample.image)
    view = sample_in_view(sample, pipeline.whole_image_view(predictor.image_size))
    known = np.where(view.semantic == VOID_CLASS, VOID_INSTANCE, view.instances)
    pixel_in_view = _pixel_after_resizing(pixel, sample.instances.shape, view.instances.shape)
    affinity = pipeline.predict_whole_image(predictor).affinity
    offsets = pipeline.config.map_offsets
    title = _describe_pixel_and_class(sample, pixel, class_names)
    draw_pixel_affinities(path, view.image, known, affinity, offsets, pixel_in_view, title)
    frame = annotated_and_predicted_affinities(known, affinity, offsets, pixel_in_view).dropna()
    correct = (frame["predicted"] >= 0.5) == (frame["label"] == 1)
    click.echo(
        f"{title}: the predicted affinities of {correct.sum()} of {len(frame)} annotated neighbours are on "
        f"the right side of 0.5\nThe picture: {path}"
    )


def _describe_pixel_and_class(
    sample: "Sample", pixel: tuple[int, int], class_names: Sequence[str]
) -> str:
    """A text that names the image, the pixel and the annotated class of the pixel."""
    from bench.types import VOID_CLASS

    words = {0: "background", VOID_CLASS: "void"} | dict(enumerate(class_names, start=1))
    class_name = words[int(sample.semantic[pixel])]
    return f"{sample.name}, row {pixel[0]}, column {pixel[1]}: {class_name}"


def _pixel_after_resizing(
    pixel: tuple[int, int], size: Sequence[int], new_size: Sequence[int]
) -> tuple[int, int]:
    """The pixel at which ``pixel`` lies after its image has been resized from ``size`` to ``new_size``."""
    row, column = (
        int((place + 0.5) * new / old)
        for place, new, old in zip(pixel, new_size, size, strict=True)
    )
    return row, column


def innermost_pixel_of_largest_instance(
    name: str, instances: "npt.NDArray[np.int32]"
) -> tuple[int, int]:
    """Row and column of a pixel of the largest instance: the one that is furthest from its outline.

    name: the name of the image, for the error. instances: (H, W) int, 0 for pixels in no instance.
    Raises ValueError if there is no instance.
    """
    import numpy as np
    from scipy import ndimage

    pixels = np.bincount(instances.ravel())
    if pixels[1:].sum() == 0:
        raise ValueError(f"{name} has no instance; choose a pixel with --pixel ROW COLUMN")
    largest = np.pad(instances == 1 + pixels[1:].argmax(), 1)
    depth = ndimage.distance_transform_edt(largest)[1:-1, 1:-1]
    row, column = np.unravel_index(depth.argmax(), depth.shape)
    return int(row), int(column)
