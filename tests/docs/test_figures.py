"""Every table and figure of the pages is that of the committed records."""

import re

import pytest

from merge_impls.measurement_statistics import (
    LEAST_IMAGES,
    LEAST_ROUNDS,
    LEAST_ROUNDS_OF_A_VERDICT,
    SHORT_FLOOR,
    SHORT_SECONDS,
)
from merge_impls.timing import LEAST_SECONDS
from tests.docs.committed_figures import MARKED, with_figures
from tests.docs.pages import PAGES, ROOT, prose, relative

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


def test_the_page_on_verdicts_has_the_limits_of_the_code():
    text = " ".join(prose(ROOT / "docs" / "measure-your-merge.md").split())
    short, rounds = f"{1000 * SHORT_SECONDS:.0f} milliseconds", LEAST_ROUNDS_OF_A_VERDICT
    for words in (
        f"less than {short}, and the difference is below {SHORT_FLOOR:.0%}",
        f"of less than {short} is at least {SHORT_FLOOR:.0%}",
        f"shorter than {1000 * LEAST_SECONDS:.0f} milliseconds is repeated",
        f"fewer than {rounds} rounds: give `--rounds {LEAST_ROUNDS}` or more; below {LEAST_ROUNDS} rounds",
        f"fewer than {LEAST_IMAGES} images",
        f"{LEAST_IMAGES} images of both runs, or {rounds} rounds of a graph",
    ):
        assert words in text
