"""The panels of one failure: image, annotation, instances, affinities by pixel, and mean affinities."""

from collections.abc import Callable, Mapping, Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt
import pandas as pd
from matplotlib import colormaps
from PIL import Image, ImageDraw

from bench.report.failure_gallery.failures import Failure
from bench.report.pictures.colours import Labels, Mask, Picture, boundaries, colour_instances
from bench.report.pictures.painting import (
    BOUNDARY,
    blend,
    draw_text,
    fade_to_grey,
    scale_image,
    scale_labels,
)
from bench.types import Sample

Window = tuple[slice, slice]
Value = TypeVar("Value", bound=np.generic)
Scaled = TypeVar("Scaled", bound=np.generic)

SEAM_COLOUR = (0, 0, 0)
THRESHOLD_COLOUR = (213, 94, 0)
NOTE_INK = (110, 110, 110)
SMALL_FONT_SIZE = 14
"""The font size of numbers and notes."""

_BAR_BACKGROUND = (232, 232, 232)
_AFFINITY_COLOURS = colormaps["viridis"]
PANEL_SHAPE = 3 / 4
"""The height of a panel divided by its width."""
_MARGIN = 0.2
"""The margin on each side of the box of a failure, as a share of the side of the box."""
_MIN_WINDOW_HEIGHT = 48
"""The least height in pixels of the part of an image that is shown, so that a small object has context."""


def window_around_box(box: Window, shape: tuple[int, int]) -> Window:
    """The part of an image to show: the box with a margin, in the shape of a panel if the image allows it.

    shape: the height and the width of the image.
    """
    height, width = (each.stop - each.start for each in box)
    height = max(
        (1 + 2 * _MARGIN) * height, PANEL_SHAPE * (1 + 2 * _MARGIN) * width, _MIN_WINDOW_HEIGHT
    )
    sides = []
    for each, wanted, length in zip(box, (height, height / PANEL_SHAPE), shape, strict=True):
        side = min(round(wanted), length)
        start = round((each.start + each.stop - side) / 2)
        start = min(max(start, 0), length - side)
        sides.append(slice(start, start + side))
    return sides[0], sides[1]


def paint_first_four_panels(
    failure: Failure,
    sample: Sample,
    labels: Labels,
    affinities: npt.NDArray[np.floating],
    size: tuple[int, int],
) -> list[Picture]:
    """The first four panels, each of ``size`` (width, height).

    labels: (H, W), in which instance i has the number i + 1. affinities: (H, W), nan where none is shown.
    """
    window = window_around_box(failure.box, (labels.shape[0], labels.shape[1]))
    shown = sample.image[window]
    image, grey = (
        _scale_and_pad(_scale_keeping_pixels_visible, picture, size)
        for picture in (shown, fade_to_grey(shown))
    )
    seam = _scale_and_pad(scale_labels, _seam_pixels(failure, labels.shape)[window], size) > 0
    maps = [
        (sample.instances, failure.objects),
        (labels, [index + 1 for index in failure.predictions]),
    ]
    painted = [
        _paint_involved_instances(
            grey, _scale_and_pad(scale_labels, numbers[window], size), involved, seam
        )
        for numbers, involved in maps
    ]
    return [image, *painted, _paint_pixel_affinities(grey, affinities[window], size)]


def labels_in_panel(failure: Failure, numbers: Labels, size: tuple[int, int]) -> Labels:
    """The numbers (H, W) of an image's instances at each pixel of a panel of ``size`` (width, height)."""
    window = window_around_box(failure.box, (numbers.shape[0], numbers.shape[1]))
    return _scale_and_pad(scale_labels, numbers[window], size)


def _seam_pixels(failure: Failure, size: tuple[int, ...]) -> npt.NDArray[np.int32]:
    """A map (H, W) int32 that is 1 on the seam of a failure, and 0 elsewhere."""
    pixels = np.zeros(size, np.int32)
    if failure.seam is not None:
        pixels[tuple(failure.seam.pixels.T)] = 1
    return pixels


def _paint_pixel_affinities(
    grey: Picture, affinities: npt.NDArray[np.floating], size: tuple[int, int]
) -> Picture:
    colours = (255 * _AFFINITY_COLOURS(np.nan_to_num(affinities))[..., :3]).astype(np.uint8)
    colours = _scale_and_pad(_scale_by_nearest, colours, size)
    shown = _scale_and_pad(scale_labels, np.isfinite(affinities).astype(np.int32), size) > 0
    return blend(grey, colours, shown, share=1)


def _scale_keeping_pixels_visible(image: Picture, size: tuple[int, int]) -> Picture:
    """Scale an image: smoothly if it gets smaller; else repeat pixels, so that each stays visible."""
    smaller = size[0] < image.shape[1]
    return scale_image(
        image, size, Image.Resampling.LANCZOS if smaller else Image.Resampling.NEAREST
    )


def _scale_by_nearest(image: Picture, size: tuple[int, int]) -> Picture:
    return scale_image(image, size, Image.Resampling.NEAREST)


def _scale_and_pad(
    scaling: Callable[[npt.NDArray[Value], tuple[int, int]], npt.NDArray[Scaled]],
    values: npt.NDArray[Value],
    size: tuple[int, int],
) -> npt.NDArray[Scaled]:
    """Scale values (h, w, ...) to the largest size that fits into ``size`` (width, height).

    The border around them is white in images (h, w, 3), and 0 in maps (h, w).
    """
    height, width = values.shape[:2]
    factor = min(size[0] / width, size[1] / height)
    inner = scaling(values, (round(width * factor), round(height * factor)))
    blank = 255 if values.ndim == 3 else 0
    outer = np.full((size[1], size[0], *inner.shape[2:]), blank, inner.dtype)
    top, left = (size[1] - len(inner)) // 2, (size[0] - inner.shape[1]) // 2
    outer[top : top + len(inner), left : left + inner.shape[1]] = inner
    return outer


def _paint_involved_instances(
    grey: Picture, numbers: Labels, involved: Sequence[int], seam: Mask
) -> Picture:
    """Paint the ``involved`` instances in distinct colours, and only the outlines of other instances."""
    rank_of = np.zeros(int(numbers.max(initial=0)) + 1, np.int32)
    for rank, number in enumerate(involved, 1):
        if number < len(rank_of):
            rank_of[number] = rank
    ranks = rank_of[numbers]
    picture = blend(grey, np.full_like(grey, 255), boundaries(numbers), share=0.4)
    picture = blend(picture, colour_instances(ranks), ranks > 0)
    picture[boundaries(ranks)] = BOUNDARY
    picture[seam] = SEAM_COLOUR
    return picture


def draw_affinity_bars(
    draw: ImageDraw.ImageDraw,
    frame: pd.DataFrame,
    corner: tuple[int, int],
    size: tuple[int, int],
    thresholds: Mapping[int, float],
) -> None:
    """Draw the last panel: for each distance a bar, the mean affinity and the number of pairs.

    frame: from ``mean_affinities_across``. thresholds: for each distance, the threshold to mark.
    """
    step = size[1] / (len(frame) + 1)
    left, right = corner[0] + 26, corner[0] + size[0] - 128
    columns = {"px": left - 6, "mean": right + 46, "pairs": corner[0] + size[0] - 1}
    for heading, x in columns.items():
        draw_text(draw, heading, (x, corner[1] + round(step / 2)), "rm", SMALL_FONT_SIZE, NOTE_INK)
    for row, values in enumerate(frame.to_dict("records"), start=1):
        y = corner[1] + round((row + 0.5) * step)
        pairs, affinity = values["pairs"], values["affinity"]
        draw_text(draw, f"{values['distance']}", (columns["px"], y), "rm", SMALL_FONT_SIZE)
        draw_text(draw, f"{pairs:,}", (columns["pairs"], y), "rm", SMALL_FONT_SIZE, NOTE_INK)
        draw_text(
            draw, f"{affinity:.2f}" if pairs else "-", (columns["mean"], y), "rm", SMALL_FONT_SIZE
        )
        half = max(2, round(0.3 * step))
        threshold = thresholds.get(values["distance"])
        _draw_affinity_bar(
            draw, (left, y - half, right, y + half), affinity if pairs else None, threshold
        )


def _draw_affinity_bar(
    draw: ImageDraw.ImageDraw,
    box: tuple[int, int, int, int],
    affinity: float | None,
    threshold: float | None,
) -> None:
    """Draw a bar whose length shows the affinity, in a box (left, top, right, bottom). None: no bar."""
    left, top, right, bottom = box
    draw.rectangle(box, fill=_BAR_BACKGROUND)
    if affinity is not None:
        end = left + round(affinity * (right - left))
        draw.rectangle((left, top, end, bottom), fill=affinity_colour(affinity))
    if threshold is not None:
        x = left + round(threshold * (right - left))
        draw.rectangle((x, top - 1, x + 1, bottom + 1), fill=THRESHOLD_COLOUR)


def affinity_colour(affinity: float) -> tuple[int, int, int]:
    """The colour (RGB) of an affinity in [0, 1]."""
    red, green, blue = (round(255 * part) for part in _AFFINITY_COLOURS(affinity)[:3])
    return red, green, blue
