"""A sheet of panels: columns with headings, one band an image."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw

from bench.report.pictures.painting import FRAME, write

GAP = 6
HEADING = 30


def panel_width(width: int, columns: int) -> int:
    """How wide each of so many panels beside one another is on a sheet of ``width`` pixels."""
    return (width - GAP * (columns - 1)) // columns


def lay_out(
    columns: Sequence[str], bands: Sequence[Sequence[np.ndarray]], width: int, foot: int = 0
) -> Image.Image:
    """The sheet, with ``foot`` pixels left white below.

    columns: their headings. bands: for each a panel, (h, w, 3) uint8, all of one height and as wide as
    ``panel_width`` says. Raises ValueError without bands.
    """
    if not bands:
        raise ValueError("the picture grid needs at least one row")
    panel = panel_width(width, len(columns))
    height = HEADING + sum(len(band[0]) + GAP for band in bands) + foot
    sheet = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(sheet)
    left = [column * (panel + GAP) for column in range(len(columns))]
    for heading, x in zip(columns, left, strict=True):
        write(draw, heading, (x + panel // 2, HEADING // 2), "mm")
    y = HEADING
    for band in bands:
        for picture, x in zip(band, left, strict=True):
            sheet.paste(Image.fromarray(picture), (x, y))
            draw.rectangle((x, y, x + panel - 1, y + len(picture) - 1), outline=FRAME)
        y += len(band[0]) + GAP
    return sheet
