"""Functions for all pictures: paint instances over a faded image, scale, write text, save files."""

from pathlib import Path
from typing import TypeVar

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw, ImageFont

from bench.report.pictures.colours import Labels, Mask, Picture, boundaries, colour_instances
from merge_impls.file_writing import atomic_write

INK = (40, 40, 40)
PANEL_OUTLINE = (190, 190, 190)
BOUNDARY = (255, 255, 255)
FONT_SIZE = 17

Value = TypeVar("Value", bound=np.generic)


def paint_instances(grey: Picture, instances: Labels) -> Picture:
    """Paint instances (H, W) over a faded image, each in its colour and with white boundaries."""
    picture = blend(grey, colour_instances(instances), instances > 0)
    picture[boundaries(instances)] = BOUNDARY
    return picture


def paint_ground_truth(
    grey: Picture, semantic: Labels, instances: Labels, num_classes: int
) -> Picture:
    """Paint an annotation (H, W) over its faded image (h, w, 3), to whose size it is scaled. Void is dark."""
    size = (grey.shape[1], grey.shape[0])
    is_void = scale_labels(semantic, size) > num_classes
    ground = np.where(is_void[..., None], grey // 3, grey)
    return paint_instances(ground, scale_labels(instances, size))


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
