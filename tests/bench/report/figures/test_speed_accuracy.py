"""The figure of AP against merge time."""

from xml.etree import ElementTree

import numpy as np
import pandas as pd
import pytest
from matplotlib.figure import Figure
from PIL import Image

from bench.report.figures.speed_accuracy import (
    _draw_fronts,
    _draw_point_with_quartiles,
    plot_speed_accuracy,
)

ANCHOR = "{http://www.w3.org/2000/svg}a"


def frame(**changes) -> pd.DataFrame:
    one = {"backend": "c", "linkage": "average", "AP": 0.4, "ms": 9.0, "ms_q1": 8.0, "ms_q3": 12.0}
    setting = {"threads": 1, "scope": "maps", "identical": "yes", "front": "all, exact"}
    setting |= {"identical_to": "heap", "verdict": "", "speedup": np.nan, "note": ""}
    return pd.DataFrame([one | setting | changes])


@pytest.mark.parametrize(
    "changes", [{}, {"AP": np.nan, "scope": "crops"}, {"identical": "approximate"}]
)
def test_the_plot_is_a_png_of_the_stated_size(tmp_path, changes):
    both = pd.concat([frame(linkage="max", ms=3.0, ms_q1=2.0), frame(**changes)])
    plot_speed_accuracy(both, tmp_path / "new" / "plot.png", {"connected components": 0.2})
    with Image.open(tmp_path / "new" / "plot.png") as picture:
        assert (picture.format, picture.size) == ("PNG", (1600, 900))


def test_each_point_of_an_svg_has_its_row_as_title_and_link(tmp_path):
    both = pd.concat([frame(backend="a<b"), frame(ms=np.nan), frame(ms=9.5, AP=np.nan)])
    plot_speed_accuracy(both.reset_index(drop=True), tmp_path / "plot.svg")
    drawing = ElementTree.fromstring((tmp_path / "plot.svg").read_text())
    titles = {each.text for each in drawing.iter("{http://www.w3.org/2000/svg}title")}
    links = [each.get("{http://www.w3.org/1999/xlink}href") for each in drawing.iter(ANCHOR)]
    assert links == ["#row-speed_accuracy-0", "#row-speed_accuracy-2"]
    assert {title.partition("; linkage: average; ")[0] for title in titles} == {
        "backend: a<b",
        "backend: c",
    }


def caps_of_point(**changes):
    """How many caps of whiskers the figure of one point has."""
    axes = Figure().subplots()
    row = frame(title="", link="", **changes).iloc[0].to_dict()
    _draw_point_with_quartiles(axes, row, 0.4, "o", "black")
    positions = [line.get_xdata() for line in axes.lines if line.get_marker() == "|"]
    return int(np.isfinite(np.concatenate(positions).astype(float)).sum())


def test_a_point_that_was_measured_once_has_no_whisker():
    assert caps_of_point() == 2
    assert caps_of_point(ms_q1=9.0) == 2  # the other quartile differs
    assert caps_of_point(ms_q1=9.0, ms_q3=9.0) == 0


def drawn_lines(*frames):
    axes = Figure().subplots()
    _draw_fronts(axes, pd.concat(frames))
    return {line.get_linestyle(): line.get_xdata().tolist() for line in axes.lines}


def test_the_front_over_the_exact_is_drawn_if_it_may_differ():
    exact, slow = frame(), frame(ms=20.0, AP=0.9, front="exact")
    rough = frame(ms=5.0, AP=0.9, identical="approximate", front="all")
    assert drawn_lines(exact, slow, rough) == {"-": [5, 9], "--": [9, 20]}
    assert drawn_lines(exact) == {"-": [9]}


def test_a_plot_without_times_is_an_error(tmp_path):
    with pytest.raises(ValueError, match="no row of the table has a time"):
        plot_speed_accuracy(frame(ms=np.nan), tmp_path / "plot.png")
    assert not list(tmp_path.iterdir())
