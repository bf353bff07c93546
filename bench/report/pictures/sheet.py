"""The layout of a picture of many panels: columns with headings, and a row of panels for each image."""

from collections.abc import Sequence

from PIL import Image, ImageDraw

from bench.report.pictures.colours import Picture
from bench.report.pictures.painting import PANEL_OUTLINE, draw_text

GAP = 6
HEADING = 30


def panel_width(width: int, columns: int) -> int:
    """The width of a panel if a sheet of ``width`` pixels has so many ``columns``."""
    return (width - GAP * (columns - 1)) // columns


def lay_out_sheet(
    columns: Sequence[str], rows: Sequence[Sequence[Picture]], width: int
) -> Image.Image:
    """The sheet: headings, and below them the rows of panels.

    columns: the headings of the columns. rows: for each row a panel (h, w, 3) in each column, all of the same
        height, and of the width ``panel_width(width, len(columns))``.
    Raises ValueError if there are no rows.
    """
    if not rows:
        raise ValueError("the picture grid needs at least one row")
    panel = panel_width(width, len(columns))
    height = HEADING + sum(len(row[0]) + GAP for row in rows)
    sheet = Image.new("RGB", (width, height), "white")
    draw = ImageDraw.Draw(sheet)
    left = [column * (panel + GAP) for column in range(len(columns))]
    for heading, x in zip(columns, left, strict=True):
        draw_text(draw, heading, (x + panel // 2, HEADING // 2), "mm")
    y = HEADING
    for row in rows:
        for picture, x in zip(row, left, strict=True):
            sheet.paste(Image.fromarray(picture), (x, y))
            draw.rectangle((x, y, x + panel - 1, y + len(picture) - 1), outline=PANEL_OUTLINE)
        y += len(row[0]) + GAP
    return sheet
