"""The HTML report in Chromium: it is sorted, filtered, unfolded and readable, in both colour schemes.

Screenshots are written to runs/browser.
"""

import re
import shutil
from itertools import pairwise
from pathlib import Path

import pytest

from bench import paths
from bench.report.pages.comparison_part import comparison_part
from bench.report.pages.html_page import write_html_page
from bench.report.pages.html_report import ReportedRun, write_html_report
from bench.runner.records_of_runs import read_runs
from bench.runner.study_file import read_study
from merge_impls.run_comparison import Limits

pytestmark = pytest.mark.browser

ROOT = Path(__file__).parents[2]
SCREENSHOTS = paths.RUNS / "browser"
DESKTOP, PHONE = 1200, 390

CONTRASTS = """
() => {
  const numbers = (colour) => colour.match(/[0-9.]+/g).map(Number);
  const light = (colour) => {
    const [r, g, b] = numbers(colour).map((c) => c / 255)
      .map((c) => (c <= 0.04045 ? c / 12.92 : ((c + 0.055) / 1.055) ** 2.4));
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const behind = (element) => {
    const own = getComputedStyle(element).backgroundColor;
    return numbers(own)[3] === 0 ? behind(element.parentElement) : own;
  };
  return [...document.querySelectorAll("p, li, th, td, dt, dd, summary, label, code")].map((each) => {
    const pair = [light(getComputedStyle(each).color), light(behind(each))].sort((a, b) => b - a);
    return (pair[0] + 0.05) / (pair[1] + 0.05);
  });
}
"""
"""A function that returns the WCAG contrast of the text of each element."""

LEAST_TEXT = 9
"""The least size of the texts of a figure, in pixels of the screen."""

FIGURE_COUNTS = """
() => ({ drawn: [...document.querySelectorAll(".plot svg")].filter((each) => each.checkVisibility()).length })
"""
"""A function that counts the figures that are drawn."""

FIGURE_TEXTS = """
() => [...document.querySelectorAll(".plot svg")].filter((each) => each.checkVisibility()).flatMap((svg) => {
  const scale = svg.getBoundingClientRect().width / svg.viewBox.baseVal.width;
  return [...svg.querySelectorAll("text")].map((text) => {
    const box = text.getBoundingClientRect();
    const pixels = scale * parseFloat(getComputedStyle(text).fontSize);
    return { words: text.textContent, left: box.left, right: box.right, pixels };
  });
})
"""
"""A function that returns the place and the size of each text of the figures that are drawn."""


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright

    program = shutil.which("chromium")
    if not program:
        pytest.fail("Chromium is not installed; run: apt install chromium")
    with sync_playwright() as playwright:
        # The sandbox of Chromium does not run as root.
        opened = playwright.chromium.launch(executable_path=program, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture(scope="module")
def report_files(tmp_path_factory):
    """The HTML file of each study, by the name of the study."""
    folder = tmp_path_factory.mktemp("reports")
    runs = [
        ReportedRun(study, read_runs([ROOT / "results" / study]), read_study(study).goals)
        for study in ("default", "speed", "table2")
    ]
    for run in runs:
        write_html_report(folder / f"{run.name}.html", [run], "the command")
    write_html_report(folder / "several.html", [runs[0], runs[2]], "the command")
    part = comparison_part(runs[0].records, runs[0].records, Limits(), "the command")
    write_html_page(folder / "comparison.html", part.page.title, [part])
    return {path.stem: path for path in folder.iterdir()}


@pytest.fixture
def open_page(browser, report_files):
    """A function that opens the page of a study. At the end: no error, no request but the file."""
    contexts, requests, errors = [], [], []

    def opened(study, scheme="light", width=DESKTOP):
        context = browser.new_context(
            viewport={"width": width, "height": 900}, color_scheme=scheme, offline=True
        )
        contexts.append(context)
        page = context.new_page()
        page.on("request", lambda request: requests.append(request.url))
        page.on("pageerror", lambda error: errors.append(str(error)))
        page.goto(report_files[study].as_uri())
        page.wait_for_selector("html[data-ready=yes]", timeout=10_000)
        return page

    yield opened
    for context in contexts:
        context.close()
    assert errors == []
    assert {url.partition(":")[0] for url in requests} <= {"file", "data"}
    assert sum(url.startswith("file:") for url in requests) == len(contexts)


def cells(table, column):
    """The texts of the visible rows in a column, without the details."""
    found = table.locator(f"tbody tr td:nth-child({column})")
    return [each.evaluate("cell => cell.firstChild.textContent.trim()") for each in found.all()]


def test_a_click_on_a_heading_sorts_by_value(open_page):
    table = open_page("speed").locator("table[data-name=speed_mild]")
    headings = table.locator("th").all_inner_texts()
    column = next(i for i, text in enumerate(headings, start=1) if text.startswith("ms to merge"))
    before = cells(table, column)
    table.locator("th").nth(column - 1).click()
    times = [float(text.split()[0].replace(",", "")) for text in cells(table, column)]
    assert all(first <= second for first, second in pairwise(times))
    assert len(times) == len(before) and cells(table, column) != before
    table.locator("th").nth(column - 1).click()
    assert float(cells(table, column)[0].split()[0].replace(",", "")) == max(times)


def test_missing_numbers_come_last_at_the_first_click(open_page):
    table = open_page("default").locator("table[data-name=speed_accuracy]")
    assert "–" in cells(table, 3)
    table.locator("th").nth(2).click()
    scores = cells(table, 3)
    shown = [float(text) for text in scores if text != "–"]
    assert shown == sorted(shown, reverse=True) and set(scores[len(shown) :]) == {"–"}


def test_a_word_in_the_box_filters_the_rows(open_page):
    page = open_page("default")
    table = page.locator("table[data-name=speed_accuracy]")
    count = len(cells(table, 1))
    page.locator("input[type=search]").first.fill("weighted")
    linkages = cells(table, 2)
    assert set(linkages) == {"weighted"} and 0 < len(linkages) < count


@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_a_row_unfolds_to_all_its_values(open_page, width):
    table = open_page("table2", width=width).locator("table").first
    values, unfold = table.get_by_text("AP of motorcycle").first, table.locator("summary").first
    assert not values.is_visible()
    unfold.click()
    values.wait_for(state="visible", timeout=5_000)
    row, whole = table.locator("tr.values dl").bounding_box(), table.bounding_box()
    assert row["width"] > 0.9 * whole["width"]
    unfold.click()
    values.wait_for(state="hidden", timeout=5_000)


@pytest.mark.parametrize("study", ["default", "speed", "table2"])
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
def test_the_texts_of_a_figure_are_readable_without_scrolling(open_page, study, width):
    page = open_page(study, width=width)
    assert page.evaluate(FIGURE_COUNTS) == {"drawn": page.locator("figure:has(.plot)").count()}
    for shape in page.evaluate(FIGURE_TEXTS):
        assert shape["left"] >= 0 and shape["right"] <= width, shape
        assert shape["pixels"] >= LEAST_TEXT, shape


def test_a_point_of_a_figure_shows_its_row_and_opens_it(open_page):
    page = open_page("several")
    title = page.locator(".plot svg g:has(> title)", has_text="backend: numba").first
    assert re.match(r"backend: numba; linkage: \w+; AP: 0\.\d+; ms", title.text_content().strip())
    title.locator("a").first.click()
    row = page.locator("tr:target")
    assert row.count() == 1 and row.locator("td").first.inner_text().startswith("numba")


def test_a_link_to_a_row_of_a_folded_table_unfolds_it(open_page):
    page = open_page("speed")
    row = page.locator("tr[id$=row-families-0]")
    assert not row.is_visible()
    page.evaluate("location.hash = document.querySelector('tr[id$=row-families-0]').id")
    row.wait_for(state="visible", timeout=5_000)


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [DESKTOP, PHONE])
@pytest.mark.parametrize("study", ["default", "speed", "table2", "several", "comparison"])
def test_a_page_is_readable_and_as_wide_as_the_screen(open_page, study, width, scheme):
    page = open_page(study, scheme, width)
    SCREENSHOTS.mkdir(parents=True, exist_ok=True)
    page.screenshot(path=SCREENSHOTS / f"{study}-{scheme}-{width}.png", full_page=True)
    assert page.evaluate("document.documentElement.scrollWidth") == width
    contrasts = page.evaluate(CONTRASTS)
    assert len(contrasts) > 50 and min(contrasts) >= 4.5
    background = page.evaluate("getComputedStyle(document.body).backgroundColor")
    assert (int(re.findall(r"\d+", background)[0]) > 127) == (scheme == "light")
