"""Functions for all pictures: paint instances over a faded image, scale, write text, save files."""

from collections.abc import Sequence
from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from bench.report.pictures.colours import (
    Labels,
    Mask,
    Picture,
    boundaries,
    colour_instances,
    renumber_like_ground_truth,
)
from bench.report.pictures.neighbour_colours import renumber_for_colours
from merge_impls.file_writing import atomic_write

INK = (40, 40, 40)
PANEL_OUTLINE = (190, 190, 190)
BOUNDARY = (255, 255, 255)
FONT_SIZE = 17

Value = TypeVar("Value", bound=np.generic)


def paint_instances(grey: Picture, instances: Labels) -> Picture:
    """Paint instances (H, W) over a faded image, each in the colour of its number, with white boundaries."""
    picture = blend(grey, colour_instances(instances), instances > 0)
    picture[boundaries(instances)] = BOUNDARY
    return picture


def paint_found_and_annotated(
    grey: Picture,
    found: Sequence[Labels],
    semantic: Labels,
    instances: Labels,
    num_classes: int,
) -> list[Picture]:
    """Paint maps of found instances, and their annotation, over their faded image (h, w, 3); void is dark.

    The maps (H, W) are scaled to the size of the image. A found instance has the colour of the object that it
    covers best, and neighbours in any map differ in colour.

    semantic, instances: the annotation. Values of ``semantic`` above ``num_classes`` are void.
    """
    size = (grey.shape[1], grey.shape[0])
    alike = [renumber_like_ground_truth(each, instances) for each in found]
    *maps, annotated = renumber_for_colours(
        *(scale_labels(each, size) for each in (*alike, instances))
    )
    is_void = scale_labels(semantic, size) > num_classes
    ground = np.where(is_void[..., None], grey // 3, grey)
    return [*(paint_instances(grey, each) for each in maps), paint_instances(ground, annotated)]


def blend(grey: Picture, colours: Picture, where: Mask, share: float = 0.75) -> Picture:
    """``share * colours + (1 - share) * grey`` at pixels in the mask ``where``, and ``grey`` elsewhere."""
    mixed = (share * colours + (1 - share) * grey).astype(np.uint8)
    return np.where(where[..., None], mixed, grey)


def fade_to_grey(image: Picture) -> Picture:
    """The image (H, W, 3) in grey and with little contrast, so that colours painted over it stand out."""
    grey = np.asarray(Image.fromarray(image).convert("L"), dtype=float)
    return np.repeat((60 + 0.45 * grey)[..., None], 3, axis=2).astype(np.uint8)


def scale_image(
    values: npt.NDArray[Value], size: tuple[int, int], how: Image.Resampling
) -> npt.NDArray[Value]:
    """Scale an image (H, W, 3), or values (H, W), to ``size`` (width, height)."""
    return np.array(Image.fromarray(values).resize(size, how))


def scale_labels(labels: Labels, size: tuple[int, int]) -> npt.NDArray[np.int32]:
    """Scale labels (H, W) to ``size`` (width, height) by nearest neighbour."""
    return scale_image(labels.astype(np.int32), size, Image.Resampling.NEAREST)


def draw_text(
    draw: ImageDraw.ImageDraw,
    text: str,
    place: tuple[int, int],
    anchor: str,
    size: int = FONT_SIZE,
    ink: tuple[int, int, int] = INK,
    outline: tuple[int, int, int] | None = None,
) -> None:
    """Write ``text`` at ``place`` (x, y). anchor: which point of the text is there, in PIL's notation.

    outline: the colour of a line of one pixel around the letters; None for no line.
    """
    font, width = picture_font(size), 0 if outline is None else 1
    draw.text(place, text, ink, font, anchor, stroke_width=width, stroke_fill=outline)


def picture_font(size: int = FONT_SIZE) -> ImageFont.FreeTypeFont | ImageFont.ImageFont:
    """The font of the texts in all pictures. size: the height of the font in pixels."""
    return ImageFont.load_default(size=size)


def save_picture(picture: Image.Image, path: Path) -> None:
    """Write a picture to a PNG file in one step."""
    with atomic_write(path) as unfinished:
        # Pillow's ``optimize`` takes five times as long and saves 3% of the size.
        picture.save(unfinished, format="png")
