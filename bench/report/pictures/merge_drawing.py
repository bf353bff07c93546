"""A picture of the merges of one object: its parts in the image, and the tree that joins them."""

from pathlib import Path

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from bench.report.figures.style import GREY, save_figure
from bench.report.pictures.colours import Picture, colour_instances, instance_colour
from bench.report.pictures.object_merges import ObjectMerges
from bench.report.pictures.painting import blend, fade_to_grey
from bench.types import bounding_box

MARGIN = 12
"""Pixels of the image that are shown around the object."""


def draw_object_merges(path: Path, image: Picture, found: ObjectMerges, title: str) -> None:
    """Write a PNG of 1400 x 600 pixels: on the left the parts, on the right the tree of their merges.

    image: (H, W, 3), of the size of ``found.parts``. A leaf of the tree has the colour of its part. The
    merges follow one another from the bottom to the top; each has its stage, its weight and the numbers of
    pixels of both sides.
    """
    figure = Figure(figsize=(14, 6), dpi=100)
    left, right = figure.subplots(1, 2, width_ratios=(4, 6))
    figure.subplots_adjust(0.02, 0.05, 0.98, 0.9, wspace=0.05)
    window = tuple(
        slice(max(each.start - MARGIN, 0), each.stop + MARGIN)
        for each in bounding_box(found.parts > 0)
    )
    painted = blend(fade_to_grey(image), colour_instances(found.parts), found.parts > 0)
    left.imshow(painted[window], interpolation="nearest")
    left.set_axis_off()
    _draw_tree(right, found)
    figure.suptitle(f"{title}: {len(found.merges)} largest of {found.all_merges} merges")
    save_figure(figure, path)


def _draw_tree(axes: Axes, found: ObjectMerges) -> None:
    """Draw the leaves at height 0 and the i-th merge at height i, with a line of text for each merge."""
    places = _places_of_clusters(found)
    heights = [0] * (len(found.merges) + 1) + [*range(1, len(found.merges) + 1)]
    for height, merge in enumerate(found.merges, start=1):
        (one, other), (a, b) = merge.clusters, merge.pixels
        left, right = places[one], places[other]
        x = [left, left, right, right]
        axes.plot(x, [heights[one], height, height, heights[other]], color=GREY, zorder=1)
        text = f"stage {merge.stage}, weight {merge.weight:.4f}, {a:,} + {b:,} px"
        axes.text(len(found.merges) + 0.8, height, text, va="center")
    for leaf in range(len(found.merges) + 1):
        colour = np.array(instance_colour(leaf + 1)) / 255
        axes.scatter(places[leaf], 0, s=160, color=colour, marker="s", edgecolors="black", zorder=2)
    axes.set_xlim(-0.5, 2 * len(found.merges) + 2)
    axes.set_axis_off()


def _places_of_clusters(found: ObjectMerges) -> list[float]:
    """The horizontal place of each cluster: leaves side by side so that no two lines of the tree cross."""
    parts = len(found.merges) + 1
    order = [[part] for part in range(parts)]
    for merge in found.merges:
        order.append(order[merge.clusters[0]] + order[merge.clusters[1]])
    places = [float(order[-1].index(part)) for part in range(parts)]
    for merge in found.merges:
        places.append(sum(places[cluster] for cluster in merge.clusters) / 2)
    return places
