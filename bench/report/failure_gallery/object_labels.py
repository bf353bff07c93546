"""Write the class of each object, and the class and score of each prediction, into panels of a failure."""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from PIL import ImageDraw

from bench.report.failure_gallery.failures import Failure
from bench.report.failure_gallery.panels import SMALL_FONT_SIZE
from bench.report.pictures.colours import Labels
from bench.report.pictures.painting import draw_text, picture_font
from bench.types import Instance, Sample

_INK, _OUTLINE = (255, 255, 255), (0, 0, 0)
_HALF_LINE = 9
"""Half the height of a line of text in pixels."""


def object_texts(
    failure: Failure, sample: Sample, class_names: Sequence[str] | None
) -> dict[int, str]:
    """The class of each object of a failure, by the number of the object; {} if classes have no names."""
    if class_names is None:
        return {}
    texts = {}
    for number in failure.objects:
        classes = sample.semantic[sample.instances == number]
        known = classes[(classes > 0) & (classes <= len(class_names))]
        if len(known):
            texts[number] = class_names[int(np.bincount(known).argmax()) - 1]
    return texts


def prediction_texts(failure: Failure, instances: Sequence[Instance]) -> dict[int, str]:
    """The class and the confidence of each prediction of a failure, by its number, which is index + 1."""
    return {
        index + 1: f"{instances[index].class_name} {instances[index].confidence:.2f}"
        for index in failure.predictions
    }


def write_object_labels(
    draw: ImageDraw.ImageDraw, corner: tuple[int, int], numbers: Labels, texts: Mapping[int, str]
) -> None:
    """Write each text in the middle of its object, but inside the panel and not over another text.

    A text that would cover an earlier one stands in the nearest free line below or above it.

    corner: (x, y) of the panel. numbers: (h, w), the number of the object at each pixel of the panel.
    """
    height, width = numbers.shape
    written: list[_Label] = []
    for number, text in texts.items():
        rows, columns = np.nonzero(numbers == number)
        if not len(rows):
            continue
        half = picture_font(SMALL_FONT_SIZE).getlength(text) / 2 + 2
        x = float(np.clip(np.median(columns), half, max(half, width - half)))
        y = float(np.clip(np.median(rows), _HALF_LINE, height - _HALF_LINE))
        label = _Label(x, _free_line(x, y, half, height, written), half)
        written.append(label)
        place = corner[0] + round(x), corner[1] + round(label.y)
        draw_text(draw, text, place, "mm", SMALL_FONT_SIZE, _INK, _OUTLINE)


class _Label(NamedTuple):
    """The middle of a text in its panel, and half its width, in pixels."""

    x: float
    y: float
    half: float


def _free_line(x: float, y: float, half: float, height: int, written: Sequence[_Label]) -> float:
    """The y nearest to ``y`` at which a text covers none that is written; ``y`` if the panel is full."""

    def is_free(line: float) -> bool:
        return all(
            abs(line - other.y) >= 2 * _HALF_LINE or abs(x - other.x) >= half + other.half
            for other in written
        )

    lines = np.arange(_HALF_LINE, height - _HALF_LINE + 1)
    free = [float(line) for line in (y, *lines) if is_free(float(line))]
    return min(free, key=lambda line: abs(line - y), default=y)
