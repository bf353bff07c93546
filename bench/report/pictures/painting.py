"""What pictures made of panels are painted with: instances over a faded image, words, whole files."""

from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from bench.report.pictures.colours import boundaries, colour_instances
from merge_impls.files import atomic_write

INK = (40, 40, 40)
FRAME = (190, 190, 190)
BOUNDARY = (255, 255, 255)
FONT_SIZE = 17


def paint_instances(grey: np.ndarray, instances: np.ndarray) -> np.ndarray:
    picture = blend(grey, colour_instances(instances), instances > 0)
    picture[boundaries(instances)] = BOUNDARY
    return picture


def blend(grey: np.ndarray, colours: np.ndarray, where: np.ndarray, share: float = 0.75):
    mixed = np.uint8(share * colours + (1 - share) * grey)
    return np.where(where[..., None], mixed, grey)


def faded(image: np.ndarray) -> np.ndarray:
    """The image without colour and with little contrast: a ground that lets the paint speak."""
    grey = np.asarray(Image.fromarray(image).convert("L"), dtype=float)
    return np.uint8(np.repeat((60 + 0.45 * grey)[..., None], 3, axis=2))


def scale(values: np.ndarray, size: tuple[int, int], how: Image.Resampling) -> np.ndarray:
    """An image, or values (H, W), at ``size``: width and height, as PIL has them."""
    return np.array(Image.fromarray(values).resize(size, how))


def nearest(labels: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    return scale(labels.astype(np.int32), size, Image.Resampling.NEAREST)


def write(
    draw: ImageDraw.ImageDraw,
    text: str,
    place: tuple[int, int],
    anchor: str,
    size: int = FONT_SIZE,
    ink: tuple[int, int, int] = INK,
) -> None:
    draw.text(place, text, fill=ink, font=font(size), anchor=anchor)


def font(size: int = FONT_SIZE) -> ImageFont.FreeTypeFont:
    return ImageFont.load_default(size=size)


def save_picture(sheet: Image.Image, path: Path) -> None:
    with atomic_write(path) as unfinished:
        sheet.save(unfinished, format="png", optimize=True)


def draw_overlay(image: np.ndarray, instances: np.ndarray, path: Path) -> None:
    """Draw the instances (H, W) int over their image (H, W, 3) uint8, as a PNG of the same size."""
    picture = blend(image, colour_instances(instances), instances > 0, share=0.5)
    picture[boundaries(instances)] = BOUNDARY
    save_picture(Image.fromarray(picture.astype(np.uint8)), Path(path))
