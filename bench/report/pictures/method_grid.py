"""A picture of the instances that several methods find in the same images (as in Fig. 7)."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

from bench.report.pictures.colours import Labels, Picture
from bench.report.pictures.painting import (
    fade_to_grey,
    paint_found_and_annotated,
    save_picture,
    scale_image,
)
from bench.report.pictures.sheet import lay_out_sheet, panel_width


@dataclass(frozen=True)
class MethodGridRow:
    """The content of one row: an image, the instances of each method, and the annotation, all of one size.

    truth_semantic: 0 for background, 1..C for the classes, other values for void.
    """

    image: Picture
    instances: Sequence[Labels]
    truth_semantic: Labels
    truth_instances: Labels


def draw_method_grid(
    rows: Sequence[MethodGridRow],
    methods: Sequence[str],
    num_classes: int,
    path: Path,
    width: int = 1600,
) -> None:
    """Draw ``rows`` as a PNG of ``width`` pixels: the image, a panel for each method, the ground truth.

    A predicted instance has the colour of the object that it covers best. Raises ValueError if there are no
    rows, or if a row has another number of methods or maps of different sizes.
    """
    columns = ("image", *methods, "ground truth")
    panel = panel_width(width, len(columns))
    panels = [_paint_row(row, len(methods), num_classes, panel) for row in rows]
    save_picture(lay_out_sheet(columns, panels, width), Path(path))


def _paint_row(row: MethodGridRow, methods: int, num_classes: int, width: int) -> list[Picture]:
    shape = row.image.shape[:2]
    if len(row.instances) != methods:
        raise ValueError(
            f"a row has the instances of {len(row.instances)} methods, but there are {methods} names"
        )
    for values in (*row.instances, row.truth_semantic, row.truth_instances):
        if values.shape != shape:
            raise ValueError(f"a map has size {values.shape}, but its image has size {shape}")
    size = (width, round(width * shape[0] / shape[1]))
    image = scale_image(row.image, size, Image.Resampling.LANCZOS)
    grey = fade_to_grey(image)
    return [
        image,
        *paint_found_and_annotated(
            grey, row.instances, row.truth_semantic, row.truth_instances, num_classes
        ),
    ]
