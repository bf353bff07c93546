"""The failure gallery: one row a failure, from the photograph to the affinities that decided (Fig. 8)."""

from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
from matplotlib import colormaps
from PIL import Image, ImageDraw

from bench.report.failures.find import JOINED, SPLIT, Failure, sides_of
from bench.report.failures.seams import affinities_across
from bench.report.pictures.colours import boundaries, colour_instances
from bench.report.pictures.painting import (
    BOUNDARY,
    FRAME,
    blend,
    faded,
    font,
    nearest,
    save_picture,
    scale,
    write,
)
from bench.report.pictures.sheet import GAP, HEADING, panel_width
from bench.types import Instance, Sample, label_map

COLUMNS = ("image", "ground truth", "found", "affinities by pixel", "mean affinity by distance")

Window = tuple[slice, slice]
Loaded = tuple[Sample, Sequence[Instance], np.ndarray]
Offsets = Sequence[tuple[int, int]]

_HEAT = colormaps["viridis"]
_SEAM = (0, 0, 0)
_TRACK = (232, 232, 232)
_QUIET = (110, 110, 110)
_MARK = (213, 94, 0)
_TITLE, _SMALL = 28, 14
_SHAPE = 3 / 4
"""Height by width of a panel."""
_MARGIN = 0.2
"""How much of the box's sides is shown around it, on each side."""
_LEAST_SIDE = 48
"""The least height of what is shown, in pixels: a small object needs its surroundings."""


def draw_failures(
    path: Path,
    failures: Sequence[Failure],
    load: Callable[[str], Loaded],
    offsets: Offsets,
    thresholds: Mapping[int, float] | None = None,
    width: int = 1280,
) -> None:
    """Draw ``failures`` as a PNG of ``width`` pixels, one row each, in their order.

    load: from an image's name what its failures were found in, a sample and instances, and an affinity map
        (K, H, W) float in [0, 1], undirected, with ``offsets`` (K, 2), of the same size: value [k, p] of the
        pair (p, p + offsets[k]). It is called for one image after the other, and nothing is kept of one when
        the next is asked for. To see what the merge saw, give its refined affinities:
        ``problem.affinities / 65535``. If a model enlarges pictures, give and find all at the enlarged size.
    thresholds: by distance the merge's threshold in the stage of that distance, drawn as a mark. A stage
        compares with it the mean over all distances so far.
    The last two panels show the affinities of the pairs that join the two sides of the seam: at each pixel
    the mean over its own pairs, and the mean over all by distance, with how many there are. Of a missed
    object they show the pairs inside it.
    Raises ValueError without failures, or, naming the image, where sizes differ.
    """
    if not failures:
        raise ValueError("the failure gallery needs at least one failure")
    panel = panel_width(width, len(COLUMNS))
    size = (panel, round(panel * _SHAPE))
    bands = _draw_bands(failures, load, offsets, thresholds or {}, size, width)
    sheet = Image.new("RGB", (width, HEADING + len(bands) * _step(size) + HEADING), "white")
    draw = ImageDraw.Draw(sheet)
    for column, heading in enumerate(COLUMNS):
        write(draw, heading, (_left(column, size) + panel // 2, HEADING // 2), "mm")
    for place, band in enumerate(bands):
        sheet.paste(band, (0, HEADING + place * _step(size)))
    _draw_key(draw, size, sheet.height - HEADING // 2, bool(thresholds))
    # 256 colours are a quarter of the bytes; the octree keeps greys grey and all of the rare heat colours.
    few = sheet.quantize(256, Image.Quantize.FASTOCTREE, dither=Image.Dither.NONE)
    save_picture(few, Path(path))


def describe(failure: Failure, sample: Sample, labels: np.ndarray) -> str:
    """What happened and how many pixels it cost, in a line. labels: (H, W), instance i as i + 1."""
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


def _draw_bands(
    failures: Sequence[Failure],
    load: Callable[[str], Loaded],
    offsets: Offsets,
    thresholds: Mapping[int, float],
    size: tuple[int, int],
    width: int,
) -> list[Image.Image]:
    """One band a failure, in their order, drawn image by image so that each is loaded once and alone."""
    bands: dict[int, Image.Image] = {}
    for name in dict.fromkeys(failure.image for failure in failures):
        loaded = load(name)
        _check_sizes(name, *loaded, len(offsets))
        for place, failure in enumerate(failures):
            if failure.image == name:
                band, frame = _draw_row(failure, loaded, offsets, size, width)
                corner = (_left(4, size), _TITLE)
                _draw_bars(ImageDraw.Draw(band), frame, corner, size, thresholds)
                bands[place] = band
        del loaded  # before the next is asked for
    return [bands[place] for place in range(len(failures))]


def _check_sizes(
    name: str,
    sample: Sample,
    instances: Sequence[Instance],
    affinity: np.ndarray,
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


def _left(column: int, size: tuple[int, int]) -> int:
    return column * (size[0] + GAP)


def _step(size: tuple[int, int]) -> int:
    """How high a row is, with its title and the gap below."""
    return _TITLE + size[1] + GAP


def _draw_row(
    failure: Failure, loaded: Loaded, offsets: Offsets, size: tuple[int, int], width: int
) -> tuple[Image.Image, pd.DataFrame]:
    """A row without its last panel, and the affinities by distance that belong there."""
    sample, instances, affinity = loaded
    labels = label_map(instances, sample.instances.shape)
    one, other, where = _sides(failure, sample.instances, labels)
    box = failure.box  # both sides lie in it
    frame, part = affinities_across(one[box], other[box], affinity[:, *box], offsets)
    heat = np.full(labels.shape, np.nan)
    heat[box] = part

    band = Image.new("RGB", (width, _step(size)), "white")
    draw = ImageDraw.Draw(band)
    words = describe(failure, sample, labels)
    after = round(font().getlength(words)) + 2 * GAP
    write(draw, words, (0, _TITLE // 2), "lm")
    write(draw, failure.image, (after, _TITLE // 2 + 1), "lm", _SMALL, _QUIET)
    write(draw, where, (_left(3, size), _TITLE // 2 + 1), "lm", _SMALL, _QUIET)
    for column, picture in enumerate(_pictures(failure, sample, labels, heat, size)):
        x = _left(column, size)
        band.paste(Image.fromarray(picture), (x, _TITLE))
        draw.rectangle((x, _TITLE, x + size[0] - 1, _TITLE + size[1] - 1), outline=FRAME)
    return band, frame


def _sides(
    failure: Failure, objects: np.ndarray, labels: np.ndarray
) -> tuple[np.ndarray, np.ndarray, str]:
    """The ends of the pairs to show, and words for where these are."""
    if failure.seam is None:
        inside = objects == failure.objects[0]
        return inside, inside, "pairs inside the object"
    gap = failure.seam.gap
    away = f", {gap} px apart" if gap > 1 else ""
    return *sides_of(failure, objects, labels), f"pairs across the seam{away}"


def window_around(box: Window, shape: tuple[int, int]) -> Window:
    """The box with a margin, in the shape of a panel as far as the image (height, width) allows."""
    height, width = (each.stop - each.start for each in box)
    height = max((1 + 2 * _MARGIN) * height, _SHAPE * (1 + 2 * _MARGIN) * width, _LEAST_SIDE)
    sides = []
    for each, wanted, length in zip(box, (height, height / _SHAPE), shape, strict=True):
        side = min(round(wanted), length)
        start = round((each.start + each.stop - side) / 2)
        start = min(max(start, 0), length - side)
        sides.append(slice(start, start + side))
    return sides[0], sides[1]


def _pictures(
    failure: Failure,
    sample: Sample,
    labels: np.ndarray,
    heat: np.ndarray,
    size: tuple[int, int],
) -> list[np.ndarray]:
    """The first four panels, each (h, w, 3) uint8 of ``size`` (width, height)."""
    window = window_around(failure.box, labels.shape)
    image = _fit(_photo, sample.image[window], size)
    grey = _fit(_photo, faded(sample.image[window]), size)
    seam = np.zeros(labels.shape, np.int32)
    if failure.seam is not None:
        seam[tuple(failure.seam.pixels.T)] = 1
    seam = _fit(nearest, seam[window], size) > 0
    maps = [
        (sample.instances, failure.objects),
        (labels, [index + 1 for index in failure.predictions]),
    ]
    painted = [
        _paint(grey, _fit(nearest, numbers[window], size), involved, seam)
        for numbers, involved in maps
    ]
    colours = np.uint8(255 * _HEAT(np.nan_to_num(heat[window]))[..., :3])
    colours = _fit(scale, colours, size, Image.Resampling.NEAREST)
    hot = _fit(nearest, np.isfinite(heat[window]), size) > 0
    return [image, *painted, blend(grey, colours, hot, share=1)]


def _photo(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """True pixels where it is enlarged, as labels are: it shows where edges lie, and packs small."""
    smaller = size[0] < image.shape[1]
    return scale(image, size, Image.Resampling.LANCZOS if smaller else Image.Resampling.NEAREST)


def _fit(how: Callable, values: np.ndarray, size: tuple[int, int], *more) -> np.ndarray:
    """Values at the largest size that fits into ``size`` (width, height), with white or 0 around."""
    height, width = values.shape[:2]
    factor = min(size[0] / width, size[1] / height)
    inner = how(values, (round(width * factor), round(height * factor)), *more)
    blank = 255 if values.ndim == 3 else 0
    outer = np.full((size[1], size[0], *inner.shape[2:]), blank, inner.dtype)
    top, left = (size[1] - len(inner)) // 2, (size[0] - inner.shape[1]) // 2
    outer[top : top + len(inner), left : left + inner.shape[1]] = inner
    return outer


def _paint(
    grey: np.ndarray, numbers: np.ndarray, involved: Sequence[int], seam: np.ndarray
) -> np.ndarray:
    """Those involved in colours far apart, the largest part first; of others the outline."""
    ranks = np.zeros(int(numbers.max(initial=0)) + 1, np.int32)
    shown = [(rank, number) for rank, number in enumerate(involved, 1) if number < len(ranks)]
    for rank, number in shown:
        ranks[number] = rank
    ranks = ranks[numbers]
    picture = blend(grey, np.full_like(grey, 255), boundaries(numbers), share=0.4)
    picture = blend(picture, colour_instances(ranks), ranks > 0)
    picture[boundaries(ranks)] = BOUNDARY
    picture[seam] = _SEAM
    return picture


def _draw_bars(
    draw: ImageDraw.ImageDraw,
    frame: pd.DataFrame,
    corner: tuple[int, int],
    size: tuple[int, int],
    thresholds: Mapping[int, float],
) -> None:
    """A bar for each distance, with the mean affinity at its end and the number of pairs beside it."""
    step = size[1] / (len(frame) + 1)
    left, right = corner[0] + 26, corner[0] + size[0] - 128
    columns = {"px": left - 6, "mean": right + 46, "pairs": corner[0] + size[0] - 1}
    for heading, x in columns.items():
        write(draw, heading, (x, corner[1] + round(step / 2)), "rm", _SMALL, _QUIET)
    for row, values in enumerate(frame.itertuples(), start=1):
        y = corner[1] + round((row + 0.5) * step)
        half = max(2, round(0.3 * step))
        draw.rectangle((left, y - half, right, y + half), fill=_TRACK)
        write(draw, f"{values.distance}", (columns["px"], y), "rm", _SMALL)
        write(draw, f"{values.pairs:,}", (columns["pairs"], y), "rm", _SMALL, _QUIET)
        if values.pairs:
            end = left + round(values.affinity * (right - left))
            draw.rectangle((left, y - half, end, y + half), fill=_heat_colour(values.affinity))
        if values.distance in thresholds:
            x = left + round(thresholds[values.distance] * (right - left))
            draw.rectangle((x, y - half - 1, x + 1, y + half + 1), fill=_MARK)
        words = f"{values.affinity:.2f}" if values.pairs else "-"
        write(draw, words, (columns["mean"], y), "rm", _SMALL)


def _heat_colour(affinity: float) -> tuple[int, ...]:
    return tuple(round(255 * part) for part in _HEAT(affinity)[:3])


def _draw_key(draw: ImageDraw.ImageDraw, size: tuple[int, int], y: int, marked: bool) -> None:
    """The mark of seams below the second panel, the scale of the affinities, the mark of thresholds."""
    left, middle, right = (_left(column, size) for column in (1, 3, 4))
    draw.rectangle((left, y - 6, left + 12, y + 6), fill=_SEAM)
    write(draw, "seam: where the sides are closest", (left + 20, y), "lm", _SMALL)
    write(draw, "0", (middle, y), "lm", _SMALL)
    length = size[0] - 40
    for step in range(length):
        x = middle + 16 + step
        draw.line((x, y - 6, x, y + 6), fill=_heat_colour(step / (length - 1)))
    write(draw, "1", (middle + 22 + length, y), "lm", _SMALL)
    if marked:
        draw.rectangle((right + 26, y - 7, right + 27, y + 7), fill=_MARK)
        write(draw, "threshold of the merge", (right + 36, y), "lm", _SMALL)
