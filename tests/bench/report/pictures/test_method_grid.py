"""Several methods side by side: the table of what changed, and the pictures."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from bench.report.pictures.colours import instance_colour
from bench.report.pictures.method_grid import MethodPanels, draw_methods
from bench.report.tables.comparison import MethodScore, comparison
from bench.report.tables.formats import to_markdown, write_csv

THEIRS = MethodScore("theirs", 0.5, {"small": 0.1, "large": np.nan})
OURS = MethodScore("ours", 0.52, {"small": 0.25, "large": np.nan}, (0.02, -0.0114, 0.05))


def test_a_row_says_what_changed_and_the_first_one_nothing():
    frame = comparison([THEIRS, OURS])
    heading, _, *rows = [
        [cell.strip() for cell in line.strip("|").split("|")]
        for line in to_markdown(frame).splitlines()
    ]
    assert heading == ["method", "AP", "small", "change (95% interval)"]
    assert rows == [
        ["theirs", "0.500", "0.100", "–"],
        ["ours", "0.520", "0.250", "+0.020 (-0.011 to +0.050)"],
    ]


def test_one_method_has_no_column_of_changes(tmp_path):
    assert "change" not in to_markdown(comparison([THEIRS]))


def test_the_csv_shows_as_the_table_does(tmp_path):
    frame = comparison([THEIRS, OURS])
    write_csv(frame, tmp_path / "comparison.csv")
    assert to_markdown(pd.read_csv(tmp_path / "comparison.csv")) == to_markdown(frame)


@pytest.fixture
def seen():
    """A dark image with one object, found by the first of two methods."""
    labels = np.zeros((40, 80), dtype=np.int32)
    labels[10:30, 10:30] = 1
    semantic = np.uint8(labels)
    semantic[:, 60:] = 255
    image = np.zeros((40, 80, 3), dtype=np.uint8)
    return MethodPanels(image, [7 * labels, 0 * labels], semantic, labels)


def test_each_panel_shows_its_own(seen, tmp_path):
    """What was found has the object's colour, whatever its number; void is dark; no panel shows another's."""
    draw_methods([seen], ["a", "b"], 1, tmp_path / "p.png", width=4 * 80 + 3 * 6)
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


def test_rows_that_do_not_fit_are_refused(seen, tmp_path):
    path = tmp_path / "p.png"
    with pytest.raises(ValueError, match="at least one row"):
        draw_methods([], ["a", "b"], 1, path)
    with pytest.raises(ValueError, match="has the instances of 2 methods, not of 1"):
        draw_methods([seen], ["a"], 1, path)
    with pytest.raises(ValueError, match=r"a map has size \(39, 80\), its image \(40, 80\)"):
        draw_methods([replace(seen, truth_instances=seen.truth_instances[1:])], ["a", "b"], 1, path)
    assert not path.exists()
