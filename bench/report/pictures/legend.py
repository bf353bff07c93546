"""The legend of class colours, a white strip below a picture."""

from collections.abc import Iterator, Mapping
from itertools import accumulate

from PIL import Image, ImageDraw

from bench.report.pictures.colours import Colour
from bench.report.pictures.painting import PANEL_OUTLINE, draw_text, picture_font

SWATCH = 14
"""The side in pixels of the square that shows the colour of a class."""

_LINE_HEIGHT = 30
_SWATCH_TO_NAME, _BETWEEN_ENTRIES = 7, 28

Entry = tuple[str, Colour, int]
"""A name, its colour, and the width of swatch and name in pixels."""


def add_class_legend(picture: Image.Image, colours: Mapping[str, Colour]) -> Image.Image:
    """The picture above a strip that has the colour and the name of each class.

    colours: the colour of each class by its name; without classes, the picture is returned unchanged.
    The strip has as many lines as the names need. A picture that is narrower than the longest name gets a
    white margin on the right.
    """
    entries = [_measure_entry(name, colour) for name, colour in colours.items()]
    width = max([picture.width, *(entry[2] for entry in entries)])
    lines = list(_break_into_lines(entries, width))
    sheet = Image.new("RGB", (width, picture.height + _LINE_HEIGHT * len(lines)), "white")
    sheet.paste(picture, (0, 0))
    draw = ImageDraw.Draw(sheet)
    for number, line in enumerate(lines):
        y = picture.height + _LINE_HEIGHT * number + _LINE_HEIGHT // 2
        _draw_line(draw, line, (width - _line_width(line)) // 2, y)
    return sheet


def _measure_entry(name: str, colour: Colour) -> Entry:
    return name, colour, SWATCH + _SWATCH_TO_NAME + round(picture_font().getlength(name))


def _line_width(line: list[Entry]) -> int:
    return sum(entry[2] for entry in line) + _BETWEEN_ENTRIES * (len(line) - 1)


def _break_into_lines(entries: list[Entry], width: int) -> Iterator[list[Entry]]:
    """Yield lines of entries, each as long as ``width`` pixels allow."""
    line: list[Entry] = []
    for entry in entries:
        if line and _line_width([*line, entry]) > width:
            yield line
            line = []
        line.append(entry)
    if line:
        yield line


def _draw_line(draw: ImageDraw.ImageDraw, line: list[Entry], left: int, y: int) -> None:
    """Draw the entries of a line from ``left`` on. y: the middle of the line."""
    starts = accumulate((entry[2] + _BETWEEN_ENTRIES for entry in line), initial=left)
    for (name, colour, _), x in zip(line, starts, strict=False):
        box = (x, y - SWATCH // 2, x + SWATCH, y + SWATCH // 2)
        draw.rectangle(box, fill=colour, outline=PANEL_OUTLINE)
        draw_text(draw, name, (x + SWATCH + _SWATCH_TO_NAME, y), "lm")
