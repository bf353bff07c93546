"""The legend of classes below a picture: complete, in lines, and without change of the picture."""

import numpy as np
import pytest
from PIL import Image

from bench.report.pictures.colours import class_colours
from bench.report.pictures.legend import SWATCH, add_class_legend

NAMES = ("person", "rider", "car", "truck", "bus", "train", "motorcycle", "bicycle")


def noise(height, width):
    return np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)


def pixels_of_colour(picture, colour):
    return int((np.asarray(picture) == colour).all(axis=2).sum())


@pytest.mark.parametrize("width", [20, 130, 512, 1200])
def test_every_class_has_its_swatch_at_any_width(width):
    picture, colours = noise(40, width), class_colours(NAMES)
    sheet = add_class_legend(Image.fromarray(picture), colours)
    assert sheet.width >= width and (sheet.width == width or width < 130)
    np.testing.assert_array_equal(np.asarray(sheet)[:40, :width], picture)
    strip = sheet.crop((0, 40, sheet.width, sheet.height))
    for colour in colours.values():
        assert pixels_of_colour(strip, colour) >= (SWATCH - 1) ** 2


def test_a_narrow_picture_has_more_lines_of_legend():
    colours = class_colours(NAMES)
    heights = [
        add_class_legend(Image.new("RGB", (width, 40)), colours).height for width in (1200, 512, 20)
    ]
    assert 40 < heights[0] < heights[1] < heights[2]


def test_names_do_not_touch_the_border_of_the_picture():
    sheet = np.asarray(add_class_legend(Image.new("RGB", (20, 40)), class_colours(NAMES)))
    assert (sheet[40:, -1] == 255).all() and (sheet[[40, -1]][:, 20:] == 255).all()


def test_without_classes_the_picture_stays_as_it_is():
    picture = Image.fromarray(noise(40, 60))
    assert add_class_legend(picture, {}) == picture
