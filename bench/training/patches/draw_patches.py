"""Draw examples of each set of patches on one sheet, with the annotation in colours."""

import numpy as np
from PIL import Image

from bench.datasets.cityscapes import Cityscapes
from bench.datasets.cityscapes_labels import CLASS_NAMES
from bench.report.pictures.colours import Picture, instance_colour
from bench.report.pictures.legend import add_class_legend
from bench.report.pictures.painting import fade_to_grey, paint_found_and_annotated
from bench.report.pictures.sheet import lay_out_sheet, panel_width
from bench.training.patches.patch import Patch
from bench.training.patches.patch_images import PatchImages
from bench.training.patches.patch_index import PatchIndex
from models.training.crop_batches import AnnotatedImage

SHEET_WIDTH = 1400
"""The width of the sheet in pixels."""

_KEY = {
    "dark: no annotation (void)": (64, 64, 64),
    "white: outside the patch": (255, 255, 255),
    "a colour: an object; neighbours differ": instance_colour(1),
}
"""The key below the sheet: a text and a colour of each kind of pixel."""


def draw_patches(data: Cityscapes, index: PatchIndex, rows: int) -> Image.Image:
    """A sheet with a column for each set of patches, and evenly chosen patches of it in the rows.

    rows: the largest number of patches of a set.
    """
    chosen = {name: _spread(index.patches_of_set(name), rows) for name in index.patches}
    width = panel_width(SHEET_WIDTH, len(chosen))
    panels = {
        name: [_panel(each, width) for each in PatchImages(data, patches, "")]
        for name, patches in chosen.items()
    }
    blank = np.full((width, width, 3), 255, np.uint8)
    table = [
        [panels[name][row] if row < len(panels[name]) else blank for name in panels]
        for row in range(max(map(len, panels.values())))
    ]
    return add_class_legend(lay_out_sheet([*panels], table, SHEET_WIDTH), _KEY)


def _spread(patches: list[Patch], count: int) -> list[Patch]:
    """At most ``count`` patches, at equal distances in the list."""
    places = np.linspace(0, len(patches) - 1, min(count, len(patches))).round().astype(int)
    return [patches[place] for place in places]


def _panel(patch: AnnotatedImage, side: int) -> Picture:
    """A patch with its annotation in colours, scaled to fit the middle of a white square."""
    height, width = patch.semantic.shape
    factor = side / max(height, width)
    size = (max(1, round(width * factor)), max(1, round(height * factor)))
    grey = fade_to_grey(np.asarray(Image.fromarray(patch.image).resize(size)))
    instances = np.maximum(patch.instances, 0)
    (painted,) = paint_found_and_annotated(grey, [], patch.semantic, instances, len(CLASS_NAMES))
    panel = np.full((side, side, 3), 255, np.uint8)
    top, left = (side - size[1]) // 2, (side - size[0]) // 2
    panel[top : top + size[1], left : left + size[0]] = painted
    return panel
