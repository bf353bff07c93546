"""The plot and the picture grid, and the colours that they rest on."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from bench.report.figures.speed_accuracy import plot_speed_accuracy
from bench.report.pictures.colours import (
    boundaries,
    colour_instances,
    instance_colour,
    like_ground_truth,
)
from bench.report.pictures.segmentation_grid import ImagePanels, draw_grid

COLOURS = {"person": (220, 20, 60), "car": (0, 0, 142)}


def frame(**changes) -> pd.DataFrame:
    one = {"backend": "c", "linkage": "average", "AP": 0.4, "ms": 9.0, "ms_q1": 8.0, "ms_q3": 12.0}
    return pd.DataFrame([one | {"threads": 1, "scope": "maps"} | changes])


def grid_row(height=40, width=80) -> ImagePanels:
    rng = np.random.default_rng(0)
    labels = np.zeros((height, width), dtype=np.int32)
    labels[5:20, 5:20], labels[5:20, 20:40] = 1, 2
    semantic = np.uint8(2 * (labels > 0))
    image = rng.integers(0, 256, (height, width, 3), dtype=np.uint8)
    return ImagePanels(image, semantic, rng.random((height, width)), labels, semantic, labels)


@pytest.mark.parametrize("changes", [{}, {"AP": np.nan, "scope": "crops"}])
def test_the_plot_is_a_png_of_the_stated_size(tmp_path, changes):
    both = pd.concat([frame(linkage="max", ms=3.0, ms_q1=2.0), frame(**changes)])
    plot_speed_accuracy(both, tmp_path / "new" / "plot.png", {"connected components": 0.2})
    with Image.open(tmp_path / "new" / "plot.png") as picture:
        assert (picture.format, picture.size) == ("PNG", (1600, 900))


def test_a_plot_without_times_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="no row of the table has a time"):
        plot_speed_accuracy(frame(ms=np.nan), tmp_path / "plot.png")
    assert not list(tmp_path.iterdir())


def test_the_grid_is_as_wide_as_asked_and_grows_with_its_rows(tmp_path):
    heights = []
    for count in (1, 2, 3):
        draw_grid([grid_row()] * count, COLOURS, tmp_path / "grid.png", width=800)
        with Image.open(tmp_path / "grid.png") as picture:
            assert (picture.format, picture.width) == ("PNG", 800)
            heights.append(picture.height)
    assert heights[2] - heights[1] == heights[1] - heights[0] > 0


def test_a_row_of_unequal_sizes_is_refused(tmp_path):
    small = grid_row(20, 40)
    row = ImagePanels(**vars(grid_row()) | {"affinities": small.affinities})
    with pytest.raises(ValueError, match=r"affinities has size \(20, 40\), the image \(40, 80\)"):
        draw_grid([row], COLOURS, tmp_path / "grid.png")


def test_a_grid_without_rows_is_refused(tmp_path):
    with pytest.raises(ValueError, match="at least one row"):
        draw_grid([], COLOURS, tmp_path / "grid.png")


def test_colours_of_many_instances_are_distinct():
    colours = np.array([instance_colour(number) for number in range(1, 31)], dtype=float)
    apart = np.linalg.norm(colours[:, None] - colours[None], axis=2)
    assert apart[~np.eye(30, dtype=bool)].min() > 10
    assert np.diagonal(apart, 1).min() > 100


def test_pixels_of_no_instance_are_black_and_all_others_are_not():
    labels = np.array([[0, 1, 7], [0, 25, 7]])
    assert np.array_equal(colour_instances(labels).any(axis=2), labels > 0)


def test_a_prediction_gets_the_number_of_the_object_that_it_covers_best():
    truth = np.array([[1, 1, 1, 2, 2, 0, 0]])
    predicted = np.array([[7, 7, 3, 3, 3, 0, 5]])
    assert like_ground_truth(predicted, truth).tolist() == [[1, 1, 2, 2, 2, 0, 3]]


def test_renumbering_keeps_the_partition():
    rng = np.random.default_rng(1)
    predicted, truth = rng.integers(0, 9, (2, 20, 30))
    renumbered = like_ground_truth(predicted, truth)
    pairs = np.unique(np.stack([predicted.ravel(), renumbered.ravel()]), axis=1)
    assert pairs.shape[1] == len(np.unique(predicted)) == len(np.unique(renumbered))


def test_boundaries_lie_between_different_labels():
    assert boundaries(np.array([[1, 1, 2, 2, 0]])).tolist() == [[False, False, True, False, True]]
