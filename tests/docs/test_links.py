"""The README is short, and every link, anchor and picture of the pages exists."""

import re

import pytest

from tests.docs.pages import (
    DOCS,
    INDEX,
    LINKED,
    PAGES,
    README,
    ROOT,
    anchors,
    links,
    pictures,
    prose,
    relative,
)

README_LINES, README_WIDTH, README_COLUMNS = 120, 120, 6
DOORS = ["I have a merge", "I have affinities", "I have images", "I study the paper"]
LARGEST_PICTURE = 250_000
"""Bytes; a page shows several."""


def test_the_readme_is_short_and_narrow():
    lines = README.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= README_LINES
    assert [line for line in lines if len(line) > README_WIDTH] == []


def test_tables_of_the_readme_have_at_most_six_columns():
    rows = re.findall(r"^\|(.*)\|$", prose(README), re.MULTILINE)
    assert rows
    assert max(row.count("|") + 1 for row in rows) <= README_COLUMNS


def test_the_readme_has_one_picture():
    assert len(pictures(README)) == 1


@pytest.mark.parametrize("door", DOORS)
def test_a_door_has_three_lines_and_one_command(door):
    found = re.search(
        rf"^### {door}\n\n(.*?)\n\n```sh\n(.*?)\n```$", README.read_text(), re.S | re.M
    )
    text, command = (part.splitlines() for part in found.groups())
    assert 1 <= len(text) <= 3
    assert len(command) == 1


def test_the_readme_has_no_other_door():
    assert re.findall(r"^### (.*)$", prose(README), re.MULTILINE) == DOORS


@pytest.mark.parametrize("page", LINKED, ids=relative)
def test_every_link_leads_to_a_file_and_its_heading(page):
    for target in links(page):
        if target.startswith("https://"):
            continue
        name, _, anchor = target.partition("#")
        file = (page.parent / name).resolve() if name else page
        assert file.exists(), f"{relative(page)}: {target}"
        assert ROOT in file.parents, f"{relative(page)}: {target} is outside the repository"
        assert not anchor or anchor in anchors(file), (
            f"{relative(page)}: {target} has no such heading"
        )


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_pictures_are_small(page):
    large = {str(path): path.stat().st_size for path in pictures(page)}
    assert {path: size for path, size in large.items() if size > LARGEST_PICTURE} == {}


def test_the_index_links_every_page():
    linked = {(INDEX.parent / target.partition("#")[0]).resolve() for target in links(INDEX)}
    assert set(DOCS) - {INDEX} <= linked


def test_every_file_of_docs_is_used_by_a_page():
    """docs is Markdown, with the pictures and the example files that its pages name."""
    text = "".join(page.read_text(encoding="utf-8") for page in PAGES)
    files = [path for path in (ROOT / "docs").rglob("*") if path.is_file()]
    others = [path for path in files if path.suffix != ".md" and "__pycache__" not in path.parts]
    assert [str(path) for path in others if path.stem not in text] == []
