"""The steps of the method on one image, a picture each: sections 3 and 4 without 4.3 and 4.4."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PIL import Image, ImageDraw

from bench.report.pictures.colours import (
    Colour,
    Labels,
    Picture,
    class_colours,
)
from bench.report.pictures.legend import add_class_legend
from bench.report.pictures.neighbour_colours import renumber_for_colours
from bench.report.pictures.painting import (
    blend,
    fade_to_grey,
    paint_instances,
    save_picture,
    scale_image,
)
from bench.report.pictures.sheet import lay_out_sheet, panel_width
from bench.types import image_size, label_map
from merge_impls.arrays import Int32Array
from merge_impls.fixed_point_affinities import ONE
from merge_impls.merge_tree import smallest_vertices

if TYPE_CHECKING:
    from bench.pipeline.graph import RegionResult
    from bench.pipeline.regions import Region
    from bench.pipeline.segment import Pipeline, Segmentation

OVERVIEW = "method"
"""The name of the sheet that shows the main steps side by side."""

FAR = 16
"""The longest distance in pixels of affinities that are drawn."""

COLOURS = 256
"""A picture has at most so many colours, which keeps its file small."""

WITH_LEGEND = ("classes", OVERVIEW)
"""The pictures with a legend of the colours of classes."""

WHITE = (255, 255, 255)

OVERVIEW_ROWS = (
    {
        "image": "image",
        "classes": "classes",
        "affinities": "affinities",
        "refined": "refined affinities",
    },
    {
        "stage-1": "segments after stage 1",
        "stage-2": "segments after stage 2",
        "stage-3": "segments after stage 3",
        "objects": "objects",
    },
)
"""For each row of the overview, the headings of its steps, by the names of the steps."""


def draw_method_steps(folder: Path, image: Picture, pipeline: "Pipeline") -> list[Path]:
    """Segment ``image`` (H, W, 3) as one region and draw the steps; returns the files, the overview first.

    The regions of section 4.1 are drawn, too, but only to show them.
    """
    predictor = pipeline.predictor(image)
    found = pipeline.segment(predictor)
    regions = pipeline.replace(roi=True, block=max(1, image.shape[1] // 64), scp=True)
    panels = _prediction_panels(image, found, pipeline)
    boxes = regions.find_regions(predictor)
    lines = _colours_of_class_groups(boxes, pipeline)
    panels["regions"] = _draw_region_boxes(fade_to_grey(image), boxes, lines)
    panels |= _merge_panels(image, found, pipeline)
    files = {name: folder / f"{name}.png" for name in (OVERVIEW, *panels)}
    pictures = {name: Image.fromarray(panel) for name, panel in panels.items()}
    predicted = _predicted_class_colours(found, pipeline)
    pictures["classes"] = add_class_legend(pictures["classes"], predicted)
    pictures["regions"] = add_class_legend(pictures["regions"], dict(lines.values()))
    pictures[OVERVIEW] = _lay_out_overview_of_steps({"image": image} | panels, predicted)
    for name, path in files.items():
        kept = [WHITE, *predicted.values()] if name in WITH_LEGEND else []
        kept += [colour for _, colour in lines.values()] if name == "regions" else []
        save_picture(_reduce_colours(pictures[name], kept), path)
    return list(files.values())


def _reduce_colours(picture: Image.Image, kept: Collection[Colour]) -> Image.Image:
    """The picture with at most ``COLOURS`` colours; those that are ``kept`` stay exact.

    If more than half of all colours are to be kept, the picture is returned unchanged.
    """
    if len(kept) > COLOURS // 2:
        return picture
    others = picture.quantize(COLOURS - len(kept), dither=Image.Dither.NONE).getpalette() or []
    palette = Image.new("P", (1, 1))
    palette.putpalette([*others, *(level for colour in kept for level in colour)])
    return picture.quantize(palette=palette, dither=Image.Dither.NONE)


def _prediction_panels(
    image: Picture, found: "Segmentation", pipeline: "Pipeline"
) -> dict[str, Picture]:
    """The classes, and the affinities before and after refinement, by the name of the step."""
    (region,) = found.regions
    prediction, config = region.prediction, pipeline.config
    classes = _likeliest_classes(region)
    colours = np.array([(0, 0, 0), *class_colours(pipeline.model.classes).values()], np.uint8)
    affinity, refined = prediction.affinity, region.graph.problem.affinities / np.float32(ONE)
    far = max(down for down, _ in config.map_offsets if down <= FAR)
    maps = {
        "affinities": _lower_affinity_below_or_right(affinity, config.map_offsets, 1),
        "far-affinities": _lower_affinity_below_or_right(affinity, config.map_offsets, far),
        "refined": _lower_affinity_below_or_right(refined, config.graph_offsets, 1),
    }
    width_and_height = image.shape[1::-1]
    return {
        "classes": blend(fade_to_grey(image), colours[classes], classes > 0),
        **{name: _grey_picture(values, width_and_height) for name, values in maps.items()},
    }


def _likeliest_classes(region: "RegionResult") -> Labels:
    """(H, W): the likeliest class of each pixel at the size of the image, 0 for background."""
    classes: Labels = region.prediction.at_original_size().semantic.argmax(axis=0)
    return classes


def _predicted_class_colours(found: "Segmentation", pipeline: "Pipeline") -> dict[str, Colour]:
    """The colours of those classes that are the likeliest of at least one pixel, by their names."""
    (region,) = found.regions
    present = set(np.unique(_likeliest_classes(region)).tolist())
    colours = class_colours(pipeline.model.classes).items()
    return {name: colour for number, (name, colour) in enumerate(colours, 1) if number in present}


def _lower_affinity_below_or_right(
    affinity: npt.NDArray[np.floating], offsets: Sequence[tuple[int, int]], distance: int
) -> npt.NDArray[np.floating]:
    """(H, W): the lower of the affinities with the neighbours ``distance`` below and to the right.

    It is low at the outlines of instances.
    """
    channels = [offsets.index(offset) for offset in ((0, distance), (distance, 0))]
    lowest: npt.NDArray[np.floating] = affinity[channels].min(axis=0)
    return lowest


def _grey_picture(values: npt.NDArray[np.floating], width_and_height: tuple[int, int]) -> Picture:
    levels = (255 * np.clip(values, 0, 1)).astype(np.uint8)
    resized = scale_image(levels, width_and_height, Image.Resampling.BOX)
    return np.repeat(resized[..., None], 3, axis=2)


def _colours_of_class_groups(
    regions: Sequence["Region"], pipeline: "Pipeline"
) -> dict[int, tuple[str, Colour]]:
    """The classes and the colour of the boxes of each super-class with a region, by its number.

    The colour is that of the first of the classes.
    """
    colours, groups = class_colours(pipeline.model.classes), pipeline.model.super_classes
    numbers = sorted({region.super_class for region in regions})
    named = {number: groups[number - 1] for number in numbers}
    return {number: (", ".join(names), colours[names[0]]) for number, names in named.items()}


def _draw_region_boxes(
    picture: Picture, regions: Sequence["Region"], lines: Mapping[int, tuple[str, Colour]]
) -> Picture:
    """Draw the box of each region in the colour of its super-class. lines: names and colours."""
    drawn = Image.fromarray(picture)
    draw = ImageDraw.Draw(drawn)
    for region in regions:
        box = region.box
        colour = lines[region.super_class][1]
        draw.rectangle((box.left, box.top, box.right - 1, box.bottom - 1), outline=colour, width=2)
    return np.asarray(drawn)


def _merge_panels(
    image: Picture, found: "Segmentation", pipeline: "Pipeline"
) -> dict[str, Picture]:
    """The segments after each stage, and the objects, by the name of the step."""
    from bench.pipeline.resizing import resize_nearest

    (region,) = found.regions
    size, stages = image_size(image), len(pipeline.config.stage_thresholds)
    segments = {
        f"stage-{stage + 1}": resize_nearest(segments_after_stage(region, stage), size)
        for stage in range(stages)
    }
    in_objects = label_map(found.instances, size) > 0
    segments["objects"] = np.where(in_objects, segments[f"stage-{stages}"], 0)
    numbered = renumber_for_colours(*map(_without_single_pixels, segments.values()))
    grey = fade_to_grey(image)
    return {
        name: paint_instances(grey, numbers)
        for name, numbers in zip(segments, numbered, strict=True)
    }


def _without_single_pixels(segments: Labels) -> Labels:
    """The segments (H, W) of two pixels or more; others are left out, and stay grey in pictures."""
    sizes = np.bincount(segments.ravel())
    return np.where(sizes[segments] > 1, segments, 0)


def segments_after_stage(region: "RegionResult", stage: int) -> Int32Array:
    """(H, W) int32: the segment of each pixel after the merges of the stages 0..``stage``.

    A segment has the raster number of its first pixel, plus 1; 0 is outside the mask. The graph has a
    vertex for each pixel.
    """
    history = region.merge.history
    if history is None:
        raise ValueError("the result has no history of merges")
    names = smallest_vertices(history[history["stage"] <= stage], region.merge.labels)
    return (names + 1).astype(np.int32)


def _lay_out_overview_of_steps(
    panels: Mapping[str, Picture], predicted: Mapping[str, Colour], width: int = 1200
) -> Image.Image:
    """Eight steps in two rows of four, with headings. The colours of the classes are below the first row."""
    first, second = (
        lay_out_sheet(
            list(row.values()), [[_scale_to_column(panels[name], width) for name in row]], width
        )
        for row in OVERVIEW_ROWS
    )
    first = add_class_legend(first, predicted)
    overview = Image.new("RGB", (width, first.height + second.height), "white")
    overview.paste(first, (0, 0))
    overview.paste(second, (0, first.height))
    return overview


def _scale_to_column(panel: Picture, width: int) -> Picture:
    own = panel_width(width, 4)
    size = (own, round(own * panel.shape[0] / panel.shape[1]))
    return scale_image(panel, size, Image.Resampling.LANCZOS)
