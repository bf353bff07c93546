"""Draw the failure gallery: a row for each failure, from the image to the affinities (as in Fig. 8)."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pandas as pd
from PIL import Image, ImageDraw

from bench.report.failure_gallery.failures import JOINED, SPLIT, Failure, seam_side_masks
from bench.report.failure_gallery.object_labels import (
    object_texts,
    prediction_texts,
    write_object_labels,
)
from bench.report.failure_gallery.panels import (
    NOTE_INK,
    PANEL_SHAPE,
    SEAM_COLOUR,
    SMALL_FONT_SIZE,
    THRESHOLD_COLOUR,
    affinity_colour,
    draw_affinity_bars,
    labels_in_panel,
    paint_first_four_panels,
)
from bench.report.failure_gallery.seams import mean_affinities_across
from bench.report.pictures.colours import Labels, Mask
from bench.report.pictures.painting import PANEL_OUTLINE, draw_text, picture_font, save_picture
from bench.report.pictures.sheet import GAP, HEADING, panel_width
from bench.types import Instance, Sample, label_map

COLUMNS = ("image", "ground truth", "found", "affinities by pixel", "mean affinity by distance")

ImageWithAffinities = tuple[Sample, Sequence[Instance], npt.NDArray[np.floating]]
"""An annotated image, the instances that were found in it, and its affinities (K, H, W)."""

Offsets = Sequence[tuple[int, int]] | npt.NDArray[np.integer]

_TITLE = 28


def draw_failures(
    path: Path,
    failures: Sequence[Failure],
    load: Callable[[str], ImageWithAffinities],
    offsets: Offsets,
    thresholds: Mapping[int, float] | None = None,
    width: int = 1280,
    class_names: Sequence[str] | None = None,
) -> None:
    """Draw ``failures`` as a PNG of ``width`` pixels, one row each, in their order.

    load: a function of the name of an image that returns the annotated image, its instances, and the
        affinities (K, H, W) of the merge, ``problem.affinities / 65535``, all of one size. Only one image is
        in memory at a time.
    offsets: (K, 2). affinity[k, p] belongs to the pair (p, p + offsets[k]).
    thresholds: for each distance, the threshold of its stage in the merge, which is drawn as a mark.
    class_names: the names of the classes 1, 2, ...; with them, each annotated object has its class.

    The last two panels show the affinities of the pairs that have a pixel on each side of the seam: the mean
    at each pixel, and the mean of each distance. For a missed object, they show the pairs inside the object.
    Raises ValueError if there are no failures, or if sizes differ.
    """
    if not failures:
        raise ValueError("the failure gallery needs at least one failure")
    panel = panel_width(width, len(COLUMNS))
    size = (panel, round(panel * PANEL_SHAPE))
    rows = _draw_rows(failures, load, offsets, thresholds or {}, size, width, class_names)
    sheet = Image.new("RGB", (width, HEADING + len(rows) * _row_height(size) + HEADING), "white")
    draw = ImageDraw.Draw(sheet)
    for column, heading in enumerate(COLUMNS):
        draw_text(draw, heading, (_panel_left(column, size) + panel // 2, HEADING // 2), "mm")
    for place, row in enumerate(rows):
        sheet.paste(row, (0, HEADING + place * _row_height(size)))
    _draw_legend(draw, size, sheet.height - HEADING // 2, bool(thresholds))
    # With 256 colours, the file takes a quarter of the bytes. The octree keeps rare colours.
    few = sheet.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    save_picture(few, Path(path))


def describe_failure(failure: Failure, sample: Sample, labels: Labels) -> str:
    """A text that says what went wrong. labels: (H, W), in which instance i has the number i + 1."""
    if failure.kind == JOINED:
        return f"wrongly joined: {len(failure.objects)} objects in one, {failure.pixels:,} px wrong"
    if failure.kind == SPLIT:
        return f"wrongly split: one in {len(failure.predictions)}, {failure.pixels:,} px wrong"
    if not failure.predictions:
        return f"missed: an object of {failure.pixels:,} px, nothing there"
    found = labels == failure.predictions[0] + 1
    true = sample.instances == failure.objects[0]
    iou = np.count_nonzero(found & true) / np.count_nonzero(found | true)
    return f"missed: an object of {failure.pixels:,} px, best IoU {iou:.2f}"


def _draw_rows(
    failures: Sequence[Failure],
    load: Callable[[str], ImageWithAffinities],
    offsets: Offsets,
    thresholds: Mapping[int, float],
    size: tuple[int, int],
    width: int,
    class_names: Sequence[str] | None,
) -> list[Image.Image]:
    """A row for each failure, in their order. Each image is loaded once, and only one is kept in memory."""
    rows: dict[int, Image.Image] = {}
    for name in dict.fromkeys(failure.image for failure in failures):
        loaded = load(name)
        _check_sizes_and_channels(name, *loaded, len(offsets))
        for place, failure in enumerate(failures):
            if failure.image == name:
                rows[place], frame = _draw_row_without_bars(failure, loaded, offsets, size, width)
                draw = ImageDraw.Draw(rows[place])
                draw_affinity_bars(draw, frame, (_panel_left(4, size), _TITLE), size, thresholds)
                _write_classes_and_scores(draw, failure, loaded, size, class_names)
        del loaded  # frees the memory before the next image is loaded
    return [rows[place] for place in range(len(failures))]


def _write_classes_and_scores(
    draw: ImageDraw.ImageDraw,
    failure: Failure,
    loaded: ImageWithAffinities,
    size: tuple[int, int],
    class_names: Sequence[str] | None,
) -> None:
    """Write the classes of objects into panel 2, and the classes and scores of predictions into panel 3."""
    sample, instances, _ = loaded
    labels = label_map(instances, sample.instances.shape)
    texts = object_texts(failure, sample, class_names), prediction_texts(failure, instances)
    for column, numbers, own in zip((1, 2), (sample.instances, labels), texts, strict=True):
        shown = labels_in_panel(failure, numbers, size)
        write_object_labels(draw, (_panel_left(column, size), _TITLE), shown, own)


def _check_sizes_and_channels(
    name: str,
    sample: Sample,
    instances: Sequence[Instance],
    affinity: npt.NDArray[np.floating],
    channels: int,
) -> None:
    if len(affinity) != channels:
        raise ValueError(f"{name}: {len(affinity)} affinity channels do not fit {channels} offsets")
    size = sample.instances.shape
    sizes = {"the image": sample.image.shape[:2], "the affinity map": affinity.shape[1:]}
    sizes |= {f"instance {index}": each.shape for index, each in enumerate(instances)}
    for what, other in sizes.items():
        if other != size:
            raise ValueError(
                f"{name}: {what} has size {other}, the annotation {size}; use one size"
            )


def _panel_left(column: int, size: tuple[int, int]) -> int:
    return column * (size[0] + GAP)


def _row_height(size: tuple[int, int]) -> int:
    """The height of a row, with its title and the gap below the row."""
    return _TITLE + size[1] + GAP


def _draw_row_without_bars(
    failure: Failure,
    loaded: ImageWithAffinities,
    offsets: Offsets,
    size: tuple[int, int],
    width: int,
) -> tuple[Image.Image, pd.DataFrame]:
    """A row without its last panel, and the mean affinities by distance, which the last panel shows."""
    sample, instances, affinity = loaded
    labels = label_map(instances, sample.instances.shape)
    one, other, where = _sides_of_shown_pairs(failure, sample.instances, labels)
    box = failure.box  # both sides lie in it
    frame, means = mean_affinities_across(one[box], other[box], affinity[:, *box], offsets)
    by_pixel = np.full(labels.shape, np.nan)
    by_pixel[box] = means
    row = Image.new("RGB", (width, _row_height(size)), "white")
    draw = ImageDraw.Draw(row)
    _write_row_title(draw, describe_failure(failure, sample, labels), failure.image)
    draw_text(draw, where, (_panel_left(3, size), _TITLE // 2 + 1), "lm", SMALL_FONT_SIZE, NOTE_INK)
    panels = paint_first_four_panels(failure, sample, labels, by_pixel, size)
    for column, picture in enumerate(panels):
        x = _panel_left(column, size)
        row.paste(Image.fromarray(picture), (x, _TITLE))
        draw.rectangle((x, _TITLE, x + size[0] - 1, _TITLE + size[1] - 1), outline=PANEL_OUTLINE)
    return row, frame


def _write_row_title(draw: ImageDraw.ImageDraw, words: str, image: str) -> None:
    """Write the title of a row: what went wrong, and then the name of the image."""
    after = round(picture_font().getlength(words)) + 2 * GAP
    draw_text(draw, words, (0, _TITLE // 2), "lm")
    draw_text(draw, image, (after, _TITLE // 2 + 1), "lm", SMALL_FONT_SIZE, NOTE_INK)


def _sides_of_shown_pairs(
    failure: Failure, objects: Labels, labels: Labels
) -> tuple[Mask, Mask, str]:
    """Two masks between which the shown pairs lie, and a text that says where the pairs are."""
    if failure.seam is None:
        inside = objects == failure.objects[0]
        return inside, inside, "pairs inside the object"
    gap = failure.seam.gap
    away = f", {gap} px apart" if gap > 1 else ""
    return *seam_side_masks(failure, objects, labels), f"pairs across the seam{away}"


def _draw_legend(draw: ImageDraw.ImageDraw, size: tuple[int, int], y: int, marked: bool) -> None:
    """Explain, below the panels, the marks of seams and thresholds and the colours of affinities."""
    left, middle, right = (_panel_left(column, size) for column in (1, 3, 4))
    draw.rectangle((left, y - 6, left + 12, y + 6), fill=SEAM_COLOUR)
    draw_text(draw, "seam: where the sides are closest", (left + 20, y), "lm", SMALL_FONT_SIZE)
    draw_text(draw, "0", (middle, y), "lm", SMALL_FONT_SIZE)
    length = size[0] - 40
    for step in range(length):
        x = middle + 16 + step
        draw.line((x, y - 6, x, y + 6), fill=affinity_colour(step / (length - 1)))
    draw_text(draw, "1", (middle + 22 + length, y), "lm", SMALL_FONT_SIZE)
    if marked:
        draw.rectangle((right + 26, y - 7, right + 27, y + 7), fill=THRESHOLD_COLOUR)
        draw_text(draw, "threshold of the merge", (right + 36, y), "lm", SMALL_FONT_SIZE)
