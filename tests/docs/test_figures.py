"""Every table and figure of the pages is that of the committed records."""

import re

import pytest

from tests.docs.committed_figures import MARKED, with_figures
from tests.docs.pages import PAGES, prose, relative

NEEDED = {
    "default/speed_accuracy",
    "nuclei/accuracy",
    "scenes/accuracy",
    "speed/goals",
    "speed/speed_mild",
    "stability/stability",
    "table2/ablation",
    "table3/ablation",
}
"""The tables that the pages must show."""

MEASURED = re.compile(r"(?<![\d.])0\.\d{3}(?!\d)|\d ms\b|\d MiB\b|\d times as fast")
"""What a measured figure looks like: an AP, a time, a size, a ratio of speeds."""


def marked(page):
    """Kind and name of every marked table and cell of a page."""
    return [(kind, name) for kind, name, _, _ in MARKED.findall(prose(page))]


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_tables_and_figures_are_those_of_the_committed_records(page):
    text = page.read_text(encoding="utf-8")
    assert text == with_figures(text)


def test_the_pages_show_the_main_tables_once():
    shown = [name for page in PAGES for kind, name in marked(page) if kind == "table"]
    assert len(set(shown)) == len(shown)
    assert set(shown) >= NEEDED


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_measured_figure_in_the_text_is_marked(page):
    assert MEASURED.findall(MARKED.sub("", prose(page))) == []


def test_every_marker_is_read():
    """A marker with a mistake would leave a figure that nothing checks."""
    for page in PAGES:
        text = prose(page)
        assert len(re.findall(r"<!--", text)) == 2 * len(MARKED.findall(text)), relative(page)


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_no_line_begins_with_the_marker_of_a_cell(page):
    """A comment at the beginning of a line ends a paragraph in Markdown."""
    assert re.findall(r"^<!-- cell.*", prose(page), re.MULTILINE) == []
