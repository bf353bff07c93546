"""The HTML report: one file, made from records alone, that loads nothing and says what is wrong."""

import shutil
from dataclasses import replace
from functools import cache
from html.parser import HTMLParser
from pathlib import Path

import pytest

from bench.report.pages.html_report import ReportedRun, write_html_report
from bench.report.pages.study_report import FIGURES
from bench.report.pages.summary import LEAST_FALL_OF_CLASS
from bench.runner import records
from bench.runner.study_file import read_study

ROOT = Path(__file__).parents[4]
STUDIES = sorted(path.parent.name for path in (ROOT / "results").glob("*/records.jsonl"))


ADDRESSES = ("src", "href", "xlink:href")


class Reader(HTMLParser):
    """The headings of each table, the addresses of all resources, and the words of a page."""

    def __init__(self, text):
        super().__init__()
        self.tables, self.addresses, self.words = [], [], []
        self._hidden = 0
        self.feed(text)

    def handle_starttag(self, tag, attributes):
        self._hidden += tag in ("script", "style")
        self.addresses += [value for name, value in attributes if name in ADDRESSES]
        if tag == "table":
            self.tables.append([])
        if tag == "th":
            self.tables[-1].append(dict(attributes))

    def handle_endtag(self, tag):
        self._hidden -= tag in ("script", "style")

    def handle_data(self, data):
        if not self._hidden:
            self.words.append(data.strip())


def read_records(study):
    return records.read(ROOT / "results" / study / "records.jsonl")


def write_page(study, folder, figures=(), change=lambda record: record):
    """Write the page of a study's committed records, each of which ``change`` may replace; return its text.

    figures: the figures to draw. Drawing them takes most of the time of a page.
    """
    found = [change(each) for each in read_records(study)]
    goals = read_study(study).goals
    run = ReportedRun(study, found, goals, picture_folders=(folder,), figures=figures)
    write_html_report(folder / "report.html", [run], "the command")
    return (folder / "report.html").read_text(encoding="utf-8")


@pytest.fixture(scope="module")
def folder_of(tmp_path_factory):
    """A function folder_of(study): a folder with the page of the committed records, and with all figures."""

    @cache
    def write(study):
        folder = tmp_path_factory.mktemp(study)
        write_page(study, folder, FIGURES)
        return folder

    return write


@pytest.fixture(scope="module")
def page_of(folder_of):
    """A function page_of(study): the text of the page of the committed records, with all figures."""
    return lambda study: (folder_of(study) / "report.html").read_text(encoding="utf-8")


@pytest.mark.parametrize("study", STUDIES)
def test_a_page_loads_nothing_and_shows_at_most_seven_columns(study, folder_of, page_of):
    text = page_of(study)
    page = Reader(text)
    assert [path.name for path in folder_of(study).iterdir()] == ["report.html"]
    assert page.addresses and all(each.startswith(("data:", "#")) for each in page.addresses)
    assert "@import" not in text and "fetch(" not in text
    assert "url(" not in text.replace("url(#", "")  # of a figure: a part of the same file
    assert page.tables and all(0 < len(headings) <= 7 for headings in page.tables)
    assert not any("CSV" in words for words in page.words)
    assert not {"noise_floor", "all_ms", "slow_family", "lowest_speed"} & {*page.words}


def test_a_page_with_a_summary_does_not_list_the_failures_twice(page_of):
    words = " ".join(filter(None, Reader(page_of("speed")).words))
    found = read_records("speed")
    failed = [each.cell for each in found if each.state == "failed"]
    assert len(failed) > 1
    families = ", ".join(cell.split for cell in failed)
    line = f"{failed[0].backend}, {failed[0].linkage}, {families}: failed"
    assert words.count(line) == 1 and "What went wrong" not in words


def test_the_summary_says_what_is_fastest_and_best(page_of):
    words = " ".join(filter(None, Reader(page_of("default")).words))
    table = (ROOT / "results" / "default" / "report.md").read_text()
    fastest = next(line for line in table.splitlines() if line.startswith("| c "))
    _, _, linkage, ap, time, *_ = (cell.strip() for cell in fastest.split("|"))
    median = time.split()[0]
    assert f"{linkage.capitalize()} linkage, exact: c with {median} ms" in words
    assert f"c, numba, heap , {linkage} linkage: AP {ap} on" in words
    assert "What is wrong? Nothing: 17 of 17 cells are done" in words
    assert "the command" in words and "python -m bench run default" in words


def test_a_wrong_record_stands_in_the_summary_and_in_the_table(tmp_path):
    def disagree(record):
        if (record.cell.backend, record.cell.linkage) != ("numba", "average"):
            return record
        return replace(
            record, state="disagreed", reason="labels <b>differ</b> at pixel 7", images=[]
        )

    page = Reader(write_page("default", tmp_path, change=disagree))
    summary = summary_between(page, "What is wrong?", "What is not measured?")
    assert "numba, average, maps, crops: disagreed: labels <b>differ</b> at pixel 7" in summary
    assert "Nothing" not in summary
    assert "DIFFERS" in page.words


def summary_between(page, question, next_question):
    words = " ".join(filter(None, page.words))
    return words[words.index(question) : words.index(next_question)]


def test_a_change_of_ap_whose_interval_spans_0_may_be_chance(page_of, tmp_path):
    page = Reader(page_of("table2"))
    certain = summary_between(page, "What may be chance?", "What is wrong?")
    assert "to PAR, RR, FLM 2 (approximate) , average" in certain and "to PAR, RR ," not in certain

    better = summary_between(page, "Which changes of AP are more", "What may be chance?")
    assert "PAR, RR is better than PAR , average linkage: +0." in better
    assert "PAR, RR, FLM 2 (approximate) is better than" not in better

    def widen(record):
        change = record.change and replace(record.change, low=-1.0, high=1.0)
        return replace(record, change=change)

    page = Reader(write_page("table2", tmp_path, change=widen))
    unsure = summary_between(page, "What may be chance?", "What is wrong?")
    assert unsure.count("spans 0") > certain.count("spans 0") and "to PAR, RR ," in unsure


def test_a_class_that_falls_while_ap_rises_is_named(page_of):
    page = Reader(page_of("table2"))
    changes = summary_between(page, "Which changes of AP are more", "What may be chance?")
    rise, rest = changes.split("PAR, RR, FLM 2, SCP (approximate) is better than", 1)
    rule = f"AP of a class falls by {LEAST_FALL_OF_CLASS} or more (without an interval)"
    assert f"{rule}: bicycle -0." in rest and rule not in rise


def test_the_ceiling_and_the_absence_of_changes_are_named(page_of):
    page = Reader(page_of("default"))
    best = summary_between(page, "What has the best AP?", "Which changes of AP are more")
    assert "Ceiling: truth , average linkage" in best
    changes = summary_between(page, "Which changes of AP are more", "What may be chance?")
    assert "No change of AP was measured." in changes


def test_the_absence_of_an_a_a_measurement_is_said(page_of, tmp_path):
    def without_second_process(record):
        images = [replace(image, seconds_again=None) for image in record.images]
        return replace(record, images=images)

    changed = write_page("default", tmp_path, change=without_second_process)
    for text, is_said in ((changed, True), (page_of("default"), False)):
        chance = summary_between(Reader(text), "What may be chance?", "What is wrong?")
        assert ("the times have no A/A measurement" in chance) == is_said


def test_headings_have_the_number_of_images_and_of_edges(page_of):
    default, speed = (
        records.read(ROOT / "results" / study / "records.jsonl") for study in ("default", "speed")
    )
    (images,) = {len(each.images) for each in default if each.images}
    words = Reader(page_of("default")).words
    assert f"AP against speed, {images} images" in words
    (edges,) = {
        image.edges
        for each in speed
        for image in each.images
        if each.cell.split == "mild" and image.name == "512x1024"
    }
    words = Reader(page_of("speed")).words
    assert f"Side by side, 512x1024, mild noise, {edges:,} edges (wall time)" in words


def test_a_study_of_fields_has_no_questions_about_ap(page_of):
    page = Reader(page_of("speed"))
    assert not any("best AP" in words or "changes of AP" in words for words in page.words)


def test_the_words_of_a_page_are_those_that_it_has(page_of):
    text = page_of("table2")
    words = text[text.index('<details class="words">') : text.index("</details>")]
    assert "<dt>SCP</dt>" in words and "<dt>numba</dt>" not in words


@pytest.mark.parametrize(("study", "has_whiskers"), [("table2", True), ("exactness", False)])
def test_the_caption_of_the_figure_explains_its_whiskers(study, has_whiskers, page_of):
    words = " ".join(filter(None, Reader(page_of(study)).words))
    assert ("compared with no other row have no whisker" in words) == has_whiskers
    assert ("no interval because there are few images" in words) != has_whiskers


def test_the_command_of_a_study_names_the_number_of_its_images(page_of):
    found = read_records("table2")
    (images,) = {len(each.images) for each in found if each.images}
    words = " ".join(Reader(page_of("table2")).words)
    assert f"The records are on {images} images" in words and "--limit" in words


def test_a_time_that_cannot_be_told_from_the_baseline_may_be_chance(tmp_path):
    found = read_records("default")
    heap = {
        (each.cell.linkage, each.cell.scope): each.images
        for each in found
        if each.cell.backend == "heap"
    }

    def as_slow_as_heap(record):
        if record.cell.backend != "numba":
            return record
        return replace(record, images=heap[record.cell.linkage, record.cell.scope])

    page = Reader(write_page("default", tmp_path, change=as_slow_as_heap))
    chance = summary_between(page, "What may be chance?", "What is wrong?")
    assert "The time of numba (average) and that of heap: indistinguishable" in chance


def test_a_missed_goal_stands_in_the_summary(tmp_path):
    def slow(record):
        if record.cell.backend != "c":
            return record
        slower = [
            replace(each, seconds=[100 * time for time in each.seconds]) for each in record.images
        ]
        return replace(record, images=slower)

    assert "goal missed: c average" in write_page("speed", tmp_path, change=slow)


def test_pictures_beside_the_page_are_contained_in_it(tmp_path):
    without = Reader(write_page("table2", tmp_path)).addresses
    shutil.copy(ROOT / "results" / "table2" / "ablation.png", tmp_path / "failures.png")
    assert len(Reader(write_page("table2", tmp_path)).addresses) == len(without) + 1
