"""The picture grid: its size, and errors for rows whose maps differ in size."""

import numpy as np
import pytest
from PIL import Image

from bench.report.pictures.segmentation_grid import SegmentationGridRow, draw_segmentation_grid

CLASSES = ("person", "car")


def grid_row(height=40, width=80) -> SegmentationGridRow:
    rng = np.random.default_rng(0)
    labels = np.zeros((height, width), dtype=np.int32)
    labels[5:20, 5:20], labels[5:20, 20:40] = 1, 2
    semantic = np.uint8(2 * (labels > 0))
    image = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    return SegmentationGridRow(
        image, semantic, rng.random((height, width)), labels, semantic, labels
    )


def test_the_grid_has_the_requested_width_and_grows_with_rows(tmp_path):
    heights = []
    for count in (1, 2, 3):
        draw_segmentation_grid([grid_row()] * count, CLASSES, tmp_path / "grid.png", width=800)
        with Image.open(tmp_path / "grid.png") as picture:
            assert (picture.format, picture.width) == ("PNG", 800)
            heights.append(picture.height)
    assert heights[2] - heights[1] == heights[1] - heights[0] > 0


def test_a_row_of_unequal_sizes_is_refused(tmp_path):
    small = grid_row(20, 40)
    row = SegmentationGridRow(**vars(grid_row()) | {"affinities": small.affinities})
    with pytest.raises(
        ValueError, match=r"affinities has size \(20, 40\), but the image has size \(40, 80\)"
    ):
        draw_segmentation_grid([row], CLASSES, tmp_path / "grid.png")


def test_a_grid_without_rows_is_refused(tmp_path):
    with pytest.raises(ValueError, match="at least one row"):
        draw_segmentation_grid([], CLASSES, tmp_path / "grid.png")
