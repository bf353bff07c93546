"""The overlay of ``python -m bench segment``: the objects over their image, with ids and a legend."""

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw
from scipy import ndimage

from bench.report.pictures.colours import (
    Colour,
    Mask,
    Picture,
    boundaries,
    class_colours,
    colour_instances,
)
from bench.report.pictures.legend import add_class_legend
from bench.report.pictures.neighbour_colours import renumber_for_colours
from bench.report.pictures.painting import BOUNDARY, blend, draw_text, save_picture
from bench.types import Instance, image_size, label_map, label_of_each_instance

ID_FONT_SIZE = 12
ID_INK, ID_OUTLINE = (255, 255, 255), (0, 0, 0)

SMALLEST_RADIUS = 5
"""The id of an object is drawn on those of its parts that hold a circle of this radius in pixels."""


def save_overlay(
    image: Picture, instances: Sequence[Instance], class_names: Sequence[str], path: Path
) -> None:
    """Draw objects over their image (H, W, 3), and write a PNG with a legend of the classes below.

    An object has the colour of its class, or one that differs from those of its neighbours if there is
    only one class, and its id in ``label_map``. An object with several classes has the colour of the first.
    class_names: all classes of the model. The legend has those that occur.
    """
    labels, colours = label_map(instances, image_size(image)), class_colours(class_names)
    several = len(class_names) > 1
    table = _class_colour_of_each_label(instances, colours)
    fill = table[labels] if several else colour_instances(*renumber_for_colours(labels))
    painted = blend(image, fill, labels > 0, share=0.5)
    painted[boundaries(labels)] = BOUNDARY
    picture = Image.fromarray(painted)
    _draw_ids(ImageDraw.Draw(picture), instances)
    present = {instance.class_name for instance in instances if several}
    shown = {name: colours[name] for name in class_names if name in present}
    save_picture(add_class_legend(picture, shown), path)


def _class_colour_of_each_label(
    instances: Sequence[Instance], colours: Mapping[str, Colour]
) -> npt.NDArray[np.uint8]:
    """(1 + N, 3) uint8: the colour of the class of each label; row 0 is black."""
    numbers = label_of_each_instance(instances)
    table = np.zeros((max(numbers, default=0) + 1, 3), np.uint8)
    for number, instance in zip(reversed(numbers), reversed(instances), strict=True):
        table[number] = colours[instance.class_name]
    return table


def _draw_ids(draw: ImageDraw.ImageDraw, instances: Sequence[Instance]) -> None:
    """Write the id of each object on its parts that are large enough."""
    numbers = label_of_each_instance(instances)
    for number, instance in zip(numbers, instances, strict=True):
        top, left = (each.start for each in instance.slices)
        for y, x in _centres_of_large_parts(instance.cropped_mask):
            place = (left + x, top + y)
            draw_text(draw, str(number), place, "mm", ID_FONT_SIZE, ID_INK, ID_OUTLINE)


def _centres_of_large_parts(mask: Mask) -> Iterator[tuple[int, int]]:
    """Yield for each connected part of a mask (H, W) the row and column farthest from its outline.

    Parts without a circle of ``SMALLEST_RADIUS`` are left out.
    """
    distance = ndimage.distance_transform_edt(np.pad(mask, 1))[1:-1, 1:-1]
    parts, count = ndimage.label(mask, np.ones((3, 3)))
    for row, column in ndimage.maximum_position(distance, parts, range(1, count + 1)):
        if distance[row, column] >= SMALLEST_RADIUS:
            yield int(row), int(column)
