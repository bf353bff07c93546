"""The picture grid: a row for each image, with predictions, instances and ground truth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

from bench.report.pictures.colours import (
    Colour,
    Labels,
    Picture,
    class_colours,
)
from bench.report.pictures.legend import add_class_legend
from bench.report.pictures.painting import (
    blend,
    fade_to_grey,
    paint_found_and_annotated,
    save_picture,
    scale_image,
    scale_labels,
)
from bench.report.pictures.sheet import lay_out_sheet, panel_width

COLUMNS = ("image", "semantic", "affinities: 0 black, 1 white", "instances", "ground truth")

Colours = Mapping[str, Colour]


@dataclass(frozen=True)
class SegmentationGridRow:
    """The content of one row of the grid, all of the size of the image.

    semantic: the predicted classes: 0 for background, 1..C for the classes.
    affinities: in [0, 1], low where the network predicts a boundary.
    instances: the predicted instances.
    truth_semantic, truth_instances: the annotation. Semantic values above C are void.
    """

    image: Picture
    semantic: Labels
    affinities: npt.NDArray[np.floating]
    instances: Labels
    truth_semantic: Labels
    truth_instances: Labels


def draw_segmentation_grid(
    rows: Sequence[SegmentationGridRow], class_names: Sequence[str], path: Path, width: int = 1600
) -> None:
    """Draw ``rows`` as a PNG of ``width`` pixels, with the colours of the classes below.

    class_names: the names of the classes 1..C.
    Predicted instances have the colour of the object that they cover best.
    Raises ValueError if there are no rows, or if the maps of a row differ in size.
    """
    panel, colours = panel_width(width, len(COLUMNS)), class_colours(class_names)
    panels = [_paint_row(row, colours, panel) for row in rows]
    sheet = lay_out_sheet(COLUMNS, panels, width)
    save_picture(add_class_legend(sheet, colours), Path(path))


def _paint_row(row: SegmentationGridRow, colours: Colours, width: int) -> list[Picture]:
    """The five panels of a row, each (h, w, 3) and ``width`` wide."""
    shape = row.image.shape[:2]
    for name, values in vars(row).items():
        if values.shape[:2] != shape:
            raise ValueError(f"{name} has size {values.shape[:2]}, but the image has size {shape}")
    size = (width, round(width * shape[0] / shape[1]))
    image = scale_image(row.image, size, Image.Resampling.LANCZOS)
    grey = fade_to_grey(image)
    affinities = (255 * np.clip(row.affinities, 0, 1)).astype(np.uint8)
    painted = paint_found_and_annotated(
        grey, [row.instances], row.truth_semantic, row.truth_instances, len(colours)
    )
    return [
        image,
        _paint_classes(grey, scale_labels(row.semantic, size), colours),
        np.repeat(scale_image(affinities, size, Image.Resampling.BOX)[..., None], 3, axis=2),
        *painted,
    ]


def _paint_classes(grey: Picture, semantic: Labels, colours: Colours) -> Picture:
    table = np.zeros((256, 3), dtype=np.uint8)
    table[1 : len(colours) + 1] = list(colours.values())
    return blend(grey, table[semantic], (semantic > 0) & (semantic <= len(colours)))
