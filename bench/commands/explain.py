"""``python -m bench explain PICTURE --segment N``: draw the merges that made one object."""

from pathlib import Path
from typing import TYPE_CHECKING

import click

from bench.commands.segment import ADVICE_FOR_UNREADABLE_PICTURE
from bench.options import (
    FOLDER_PATH,
    cache_option,
    device_option,
    linkage_option,
    model_option,
    writable_folder,
)

if TYPE_CHECKING:
    from bench.pipeline.segment import Segmentation
    from bench.report.pictures.object_merges import ObjectMerges


@click.command()
@click.argument("picture", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@click.option(
    "--segment",
    "number",
    type=click.IntRange(1),
    metavar="N",
    required=True,
    help="Id of the object, as in the overlay of `python -m bench segment`.",
)
@click.option(
    "--merges",
    type=click.IntRange(1, 30),
    default=8,
    show_default=True,
    help="Number of merges to draw.",
)
@model_option
@linkage_option
@device_option
@cache_option
@click.option(
    "--out", type=FOLDER_PATH, help="Folder to write the picture to.  [default: runs/explain]"
)
def explain(
    picture: Path,
    number: int,
    merges: int,
    model: str,
    linkage: str,
    device: str,
    cache: Path,
    out: Path | None,
) -> None:
    """Draw which merges made the object N of PICTURE, and print a line for each.

    The merges are those whose smaller side has most pixels. The parts that they join have a colour each.
    """
    from bench import paths
    from bench.cache import AffinityCache
    from bench.picture_files.picture_reading import read_rgb
    from bench.pipeline.config import PLAIN
    from bench.pipeline.resizing import resize_bilinear
    from bench.pipeline.segment import Pipeline
    from bench.report.pictures.merge_drawing import draw_object_merges

    folder = writable_folder(out, "explain")
    config = PLAIN.replace(linkage=linkage)
    pipeline = Pipeline(paths.model_folder(model), AffinityCache(cache), config, device)
    image = read_rgb(picture, ADVICE_FOR_UNREADABLE_PICTURE)
    segmentation = pipeline.segment(pipeline.predictor(image))
    title, found = _merges_of_object(segmentation, number, merges)
    path = folder / f"{picture.stem}-{number}.png"
    draw_object_merges(path, resize_bilinear(image, found.parts.shape), found, title)
    click.echo(f"{title}: {len(found.merges)} largest of {found.all_merges} merges, in {path}")
    for merge in found.merges:
        a, b = merge.pixels
        click.echo(f"stage {merge.stage}  weight {merge.weight:.6f}  {a:,} + {b:,} pixels")


def _merges_of_object(found: "Segmentation", number: int, count: int) -> tuple[str, "ObjectMerges"]:
    """A title with id, class and confidence of an object, and its ``count`` largest merges.

    The merge may be that of an enlarged image; then the parts have the size of that image. Raises ValueError
    if there is no object of this id.
    """
    from bench.pipeline.resizing import resize_nearest
    from bench.report.pictures.object_merges import largest_merges
    from bench.types import label_of_each_instance

    numbers = label_of_each_instance(found.instances)
    if number not in numbers:
        raise ValueError(
            f"there is no object {number}; the picture has {max(numbers, default=0)} objects, whose ids "
            "the overlay of `python -m bench segment` shows"
        )
    instance, (region,) = found.instances[numbers.index(number)], found.regions
    history, labels = region.merge.history, region.merge.labels
    assert history is not None  # the backend c records it
    title = f"object {number}, {instance.class_name} {instance.confidence:.2f}"
    segment = resize_nearest(labels, instance.mask.shape)[instance.mask][0]
    return title, largest_merges(history, labels, int(segment), count)
