"""Lines of figures differ from the background, in light and dark, and from each other for all readers."""

import math
import re
from itertools import combinations
from pathlib import Path

import numpy as np
import pytest

import bench.report.pages
from bench.report.figures.style import GREY, GRID, OTHERS, TEXT, narrow_path
from bench.report.figures.time_against_edges import plot_time_against_edges
from bench.report.tables.study_tables import study_tables
from bench.runner.records_of_runs import read_runs
from merge_impls.speed_comparison.method_styles import COLOURS, MARKERS, method_styles

ROOT = Path(__file__).parents[4]
STYLES = (Path(bench.report.pages.__file__).parent / "templates" / "report.css").read_text()
LIGHT, DARK = re.findall(r"--back: (#[0-9a-f]{6})", STYLES)
WHITE, BLACK = "#ffffff", "#000000"

LEAST_CONTRAST = 3
"""The contrast with the background that lines need (WCAG 2.1, success criterion 1.4.11)."""

LEAST_DISTANCE = 10
"""The least distance of two colours in CIELAB. A distance of 2.3 can just be seen."""

SIGHTS = {
    "full": np.eye(3),
    "no red": [[0.1523, 1.0526, -0.2049], [0.1145, 0.7863, 0.0992], [-0.0039, -0.0481, 1.0520]],
    "no green": [[0.3673, 0.8606, -0.2280], [0.2801, 0.6725, 0.0474], [-0.0118, 0.0429, 0.9689]],
}
"""What a reader sees of linear RGB (Machado, Oliveira and Fernandes 2009, severity 1)."""


def rgb(text):
    return np.array([int(text[at : at + 2], 16) / 255 for at in (1, 3, 5)])


def linear(colour):
    return np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)


def contrast(first, second):
    """The contrast of WCAG between two colours."""
    low, high = sorted(float(linear(each) @ [0.2126, 0.7152, 0.0722]) for each in (first, second))
    return (high + 0.05) / (low + 0.05)


def in_dark_mode(colour):
    """The colour after the filter of the styles (Filter Effects Module Level 1, 180 degrees)."""
    amount = float(re.search(r"filter: invert\(([0-9.]+)\) hue-rotate\(180deg\)", STYLES)[1])
    inverted = amount + colour * (1 - 2 * amount)
    luminance = np.array([0.213, 0.715, 0.072])
    return np.clip(2 * luminance @ inverted - inverted, 0, 1)


MODES = {"light": (lambda colour: colour, LIGHT), "dark": (in_dark_mode, DARK)}


def lab(colour):
    """CIELAB, white D65."""
    to_xyz = [[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]]
    shares = np.clip(to_xyz @ colour, 0, 1) / np.sum(to_xyz, axis=1)
    x, y, z = np.where(shares > 0.008856, np.cbrt(shares), 7.787 * shares + 16 / 116)
    return 116 * y - 16, 500 * (x - y), 200 * (y - z)


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("colour", [*COLOURS, GREY, OTHERS, TEXT])
def test_lines_have_contrast_with_the_background(mode, colour):
    shown, background = MODES[mode]
    assert contrast(shown(rgb(colour)), rgb(background)) >= LEAST_CONTRAST


@pytest.mark.parametrize("mode", MODES)
@pytest.mark.parametrize("sight", SIGHTS)
def test_readers_can_tell_the_colours_apart(mode, sight):
    shown, _ = MODES[mode]
    seen = [lab(SIGHTS[sight] @ linear(shown(rgb(each)))) for each in COLOURS]
    assert min(math.dist(*pair) for pair in combinations(seen, 2)) >= LEAST_DISTANCE


def test_a_figure_has_no_other_colours(tmp_path):
    tables = study_tables(read_runs([ROOT / "results" / "speed"]), ())
    plot_time_against_edges(tables["scaling"], tmp_path / "scaling.svg")
    for path in (tmp_path / "scaling.svg", narrow_path(tmp_path / "scaling.svg")):
        found = set(re.findall(r"(?:stroke|fill): (#[0-9a-f]{6})", path.read_text()))
        known = {each.lower() for each in (*COLOURS, GREY, TEXT, GRID, WHITE, BLACK)}
        assert found <= known and COLOURS[0].lower() in found


def test_the_first_methods_differ_in_colour_or_marker():
    names = [f"method {number:02}" for number in range(len(COLOURS) * len(MARKERS) - 4)]
    styles = method_styles([*names, "c", "numba", "heap", "networkx"])
    assert len(set(styles.values())) == len(styles)
    assert list(styles) == ["c", "numba", "heap", "networkx", *names]


def test_a_built_in_backend_has_one_style_in_all_figures():
    few, many = method_styles(["heap"]), method_styles(["heap", "another", "c"])
    assert few["heap"] == many["heap"] != many["c"]
