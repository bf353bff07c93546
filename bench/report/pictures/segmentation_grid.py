"""The picture grid: one row an image, from the photograph to its instances and the ground truth."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from bench.report.pictures.colours import like_ground_truth
from bench.report.pictures.painting import (
    blend,
    faded,
    font,
    nearest,
    paint_instances,
    save_picture,
    scale,
    write,
)
from bench.report.pictures.sheet import GAP, HEADING, lay_out, panel_width

COLUMNS = ("image", "semantic", "affinities", "instances", "ground truth")

Colours = Mapping[str, tuple[int, int, int]]


@dataclass(frozen=True)
class ImagePanels:
    """What one row of the grid shows.

    image: (H, W, 3) uint8 RGB.
    semantic: (H, W) uint8, 0 background, 1..C the classes.
    affinities: (H, W) float in [0, 1], low where the network sees a boundary.
    instances: (H, W) int, 0 for none.
    truth_semantic, truth_instances: the same for the annotation; other semantic values are void,
        which is drawn dark.
    """

    image: np.ndarray
    semantic: np.ndarray
    affinities: np.ndarray
    instances: np.ndarray
    truth_semantic: np.ndarray
    truth_instances: np.ndarray


def draw_grid(rows: Sequence[ImagePanels], colours: Colours, path: Path, width: int = 1600) -> None:
    """Draw ``rows`` as a PNG of ``width`` pixels, with a line of class colours below.

    colours: class name -> RGB, in the order of the semantic values 1..C.
    Predicted instances have the colour of the object that they cover best.
    Raises ValueError without rows, or if a row's maps differ in size.
    """
    panel = panel_width(width, len(COLUMNS))
    bands = [_draw_row(row, colours, panel) for row in rows]
    sheet = lay_out(COLUMNS, bands, width, foot=HEADING)
    _draw_key(ImageDraw.Draw(sheet), colours, sheet.height - HEADING // 2 - GAP // 2, width)
    save_picture(sheet, Path(path))


def _draw_row(row: ImagePanels, colours: Colours, width: int) -> list[np.ndarray]:
    """The five pictures of a row, each (h, w, 3) uint8."""
    shape = row.image.shape[:2]
    for name, values in vars(row).items():
        if values.shape[:2] != shape:
            raise ValueError(f"{name} has size {values.shape[:2]}, the image {shape}")
    size = (width, round(width * shape[0] / shape[1]))
    image = scale(row.image, size, Image.Resampling.LANCZOS)
    grey = faded(image)
    affinities = np.uint8(255 * np.clip(row.affinities, 0, 1))
    instances = like_ground_truth(row.instances, row.truth_instances)
    return [
        image,
        _paint_classes(grey, nearest(row.semantic, size), colours),
        np.repeat(scale(affinities, size, Image.Resampling.BOX)[..., None], 3, axis=2),
        paint_instances(grey, nearest(instances, size)),
        paint_truth(grey, row.truth_semantic, row.truth_instances, len(colours)),
    ]


def paint_truth(
    grey: np.ndarray, semantic: np.ndarray, instances: np.ndarray, num_classes: int
) -> np.ndarray:
    """The annotation (H, W) over its faded image (h, w, 3), void dark; the image may be scaled."""
    size = grey.shape[1::-1]
    ground = _darken(grey, nearest(semantic, size) > num_classes)
    return paint_instances(ground, nearest(instances, size))


def _paint_classes(grey: np.ndarray, semantic: np.ndarray, colours: Colours) -> np.ndarray:
    table = np.zeros((256, 3), dtype=np.uint8)
    table[1 : len(colours) + 1] = list(colours.values())
    return blend(grey, table[semantic], (semantic > 0) & (semantic <= len(colours)))


def _darken(grey: np.ndarray, where: np.ndarray) -> np.ndarray:
    return np.where(where[..., None], grey // 3, grey)


def _draw_key(draw: ImageDraw.ImageDraw, colours: Colours, y: int, width: int) -> None:
    lengths = [round(font().getlength(name)) for name in colours]
    x = (width - sum(lengths) - 21 * len(lengths) - 28 * (len(lengths) - 1)) // 2
    for (name, colour), length in zip(colours.items(), lengths, strict=True):
        draw.rectangle((x, y - 7, x + 14, y + 7), fill=colour)
        write(draw, name, (x + 21, y), "lm")
        x += 21 + length + 28
