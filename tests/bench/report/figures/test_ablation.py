"""The figure of a study with rows: a legend for the bars and for the whiskers."""

import numpy as np
import pandas as pd
import pytest

from bench.report.figures.ablation import ablation_figure
from bench.report.figures.style import Layout

COLUMNS = {
    "linkage": "average",
    "paper": np.nan,
    "images": 32,
    "backend": "c",
    "ms": 1.0,
    "ms_q1": 1.0,
    "ms_q3": 1.0,
}


def ablation_frame(images, name="RR"):
    first = {"row": "bare", "AP": 0.4, "against": "", "change": np.nan}
    first |= {"change_low": np.nan, "change_high": np.nan}
    later = [
        {"row": name, "AP": 0.5, "against": "bare", "change": 0.1, "change_low": 0.05}
        | {"change_high": 0.15}
        for name in ("PAR", name)
    ]
    return pd.DataFrame([COLUMNS | row | {"images": images} for row in (first, *later)])


def legend_texts(images):
    figure = ablation_figure(ablation_frame(images))
    return [text.get_text() for text in figure.legends[0].get_texts()]


@pytest.mark.parametrize(("images", "whiskers"), [(32, 1), (2, 0)])
def test_the_legend_names_the_whiskers_once_if_there_are_any(images, whiskers):
    texts = legend_texts(images)
    assert texts[0] == "here"
    assert sum("95% interval" in text for text in texts) == whiskers


@pytest.mark.parametrize("layout", Layout)
@pytest.mark.parametrize("images", [32, 2])
def test_no_text_of_the_figure_is_cut(layout, images):
    long = "local merge of 4x4 forced: a library, with a long name (approximate)"
    figure = ablation_figure(ablation_frame(images, long), layout)
    figure.draw_without_rendering()
    (axes,) = figure.axes
    texts = [*axes.texts, axes.xaxis.label, *axes.get_yticklabels()]
    for text in texts:
        box = text.get_window_extent()
        assert box.x0 >= 0 and box.x1 <= figure.bbox.width, text.get_text()
