"""The two figures of the speed study draw a method alike, and SVG files have a figure for a phone."""

import re
from pathlib import Path

import pytest
from matplotlib.figure import Figure

from bench.report.figures.style import Layout, narrow_path, save_layouts
from bench.report.figures.time_against_edges import names_of_methods, time_against_edges_figure
from bench.report.tables.graph_families import cpu_time_growths
from bench.report.tables.study_tables import study_tables
from bench.runner.records_of_runs import read_runs
from merge_impls.speed_comparison.plot import growth_figure

ROOT = Path(__file__).parents[4]
PHONE_PIXELS = 358
"""The width of a figure on a screen of 390 pixels."""


@pytest.fixture(scope="module")
def found():
    return read_runs([ROOT / "results" / "speed"])


def legend_styles(figure):
    """For each panel with a legend, (name, colour, marker, line) of each line of a method, in order."""
    return [
        [
            (text.get_text().partition(":")[0], *looks(line))
            for text, line in zip(
                panel.get_legend().texts, panel.get_legend().legend_handles, strict=True
            )
            if not text.get_text().startswith("proportional")
        ]
        for panel in figure.axes
        if panel.get_legend()
    ]


def looks(line):
    return line.get_color(), line.get_marker(), line.get_linestyle()


def test_both_figures_have_the_same_legend(found):
    scaling, growths = study_tables(found, ())["scaling"], cpu_time_growths(found)
    methods = {*names_of_methods(scaling), *(each.backend for each in growths)}
    for layout, columns in ((Layout.WIDE, 3), (Layout.NARROW, 1)):
        first = legend_styles(time_against_edges_figure(scaling, layout, methods))
        second = legend_styles(growth_figure(growths, columns, methods))
        assert len(first) == 2 and len(second) > 10
        assert all(panel == first[0] and len(panel) == 6 for panel in (*first, *second))


def test_methods_of_another_figure_do_not_change_the_style_of_a_method(found):
    growths = cpu_time_growths(found)
    alone = legend_styles(growth_figure(growths))
    assert legend_styles(growth_figure(growths, methods=["c", "networkx", "a plug-in"])) == alone


def test_a_narrow_figure_has_readable_texts_on_a_phone(found, tmp_path):
    scaling = study_tables(found, ())["scaling"]
    save_layouts(lambda layout: time_against_edges_figure(scaling, layout), tmp_path / "plot.svg")
    text = narrow_path(tmp_path / "plot.svg").read_text()
    width = float(re.search(r'viewBox="0 0 ([0-9.]+) ', text)[1])
    sizes = [float(each) for each in re.findall(r"font-size: ([0-9.]+)px", text)]
    assert len(sizes) > 20 and min(sizes) * PHONE_PIXELS / width >= 9


def test_a_png_has_one_layout_alone(tmp_path):
    save_layouts(lambda _: Figure(), tmp_path / "plot.png")
    assert [path.name for path in tmp_path.iterdir()] == ["plot.png"]
