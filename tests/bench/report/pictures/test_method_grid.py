"""The picture that shows the instances of several methods side by side."""

from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from bench.report.pictures.colours import instance_colour
from bench.report.pictures.method_grid import MethodGridRow, draw_method_grid


@pytest.fixture
def row():
    """A dark image with one object, which only the first of two methods finds."""
    labels = np.zeros((40, 80), dtype=np.int32)
    labels[10:30, 10:30] = 1
    semantic = np.uint8(labels)
    semantic[:, 60:] = 255
    image = np.zeros((40, 80, 3), dtype=np.uint8)
    return MethodGridRow(image, [7 * labels, 0 * labels], semantic, labels)


def test_each_panel_shows_its_own_map(row, tmp_path):
    """Instances have the colour of their object; void is dark; each panel shows its own instances."""
    draw_method_grid([row], ["a", "b"], 1, tmp_path / "p.png", width=4 * 80 + 3 * 6)
    with Image.open(tmp_path / "p.png") as picture:
        assert picture.size == (338, 30 + 40 + 6)
        sheet = np.asarray(picture).astype(int)
    panels = [sheet[30:70, left : left + 80] for left in range(0, 338, 86)]
    centres = [panel[20, 20] for panel in panels]
    painted = 0.75 * np.array(instance_colour(1)) + 0.25 * 60
    assert centres[0].tolist() == [0, 0, 0] and centres[2].tolist() == [60, 60, 60]
    np.testing.assert_allclose(centres[1], painted, atol=1)
    np.testing.assert_array_equal(centres[3], centres[1])
    assert panels[3][20, 70].tolist() == [20, 20, 20] and panels[1][20, 70].tolist() == [60] * 3


def test_rows_that_do_not_fit_are_refused(row, tmp_path):
    path = tmp_path / "p.png"
    with pytest.raises(ValueError, match="at least one row"):
        draw_method_grid([], ["a", "b"], 1, path)
    with pytest.raises(ValueError, match="has the instances of 2 methods, but there are 1 names"):
        draw_method_grid([row], ["a"], 1, path)
    with pytest.raises(
        ValueError, match=r"a map has size \(39, 80\), but its image has size \(40, 80\)"
    ):
        draw_method_grid(
            [replace(row, truth_instances=row.truth_instances[1:])],
            ["a", "b"],
            1,
            path,
        )
    assert not path.exists()
