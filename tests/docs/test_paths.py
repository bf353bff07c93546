"""Every file, folder and name of the code that a page mentions exists."""

import pkgutil
import re
from dataclasses import fields

import pytest

from bench.pipeline.config import PipelineConfig
from tests.docs.pages import LINKED, PAGES, ROOT, blocks, prose, relative

TOP_FOLDERS = (
    "bench",
    "benchmarks",
    "c_merge",
    "docs",
    "merge_impls",
    "models",
    "notebooks",
    "results",
    "tests",
)
PATH = re.compile(rf"(?<![\w./*-])(?:{'|'.join(TOP_FOLDERS)})/[\w./-]*")
FILE_NAME = re.compile(r"`([\w-]+\.(?:py|c|h))`")
DOTTED_NAME = re.compile(r"`((?:bench|merge_impls|models)(?:\.\w+)+)")
PLACEHOLDER = re.compile(r"(?<![A-Z])[A-Z]{3,}(?![A-Z])")
"""A word in capitals stands for any name, as in ``results/STUDY``."""

METHOD = ROOT / "docs" / "method.md"
ROW = re.compile(r"^\| ([^|]*) \| ([^|]*) \| ([^|]*\]\(\.\./[^|]*) \|([^|]*)\|$", re.MULTILINE)
FILE_AND_NAMES = re.compile(r"\]\((\.\./[^)]+)\)((?: `\w+`)*)")
PARTS = {
    *(f"Eq. {number}" for number in range(1, 7)),
    *("3.1", "3.2", "3.3", "3.4", "Algorithm 1"),
    *("4.1", "4.2", "4.3", "4.4", "4.5", "5.1", "5.3"),
}
"""The parts of the paper whose files the page must name."""


def exists(path):
    """Whether a file or folder of this name exists; capitals may stand for any name."""
    return (ROOT / path).exists() or any(ROOT.glob(PLACEHOLDER.sub("*", path).rstrip("/")))


def mentioned_text(page):
    """The prose of a page and its drawings, without commands and files that a reader writes."""
    drawings = [block.content for block in blocks(page) if not block.language]
    return "\n".join([prose(page), *drawings])


@pytest.mark.parametrize("page", [page for page in LINKED if page.suffix == ".md"], ids=relative)
def test_every_path_that_a_page_mentions_exists(page):
    text = re.sub(r"\]\([^)]*\)", "]", mentioned_text(page))
    paths = {path.rstrip(".") for path in PATH.findall(text)}
    assert [path for path in sorted(paths) if not exists(path)] == []


@pytest.mark.parametrize("page", PAGES, ids=relative)
def test_every_file_name_and_module_that_a_page_mentions_exists(page):
    text = mentioned_text(page)
    sources = [path for top in TOP_FOLDERS for path in (ROOT / top).rglob("*.[pch]*")]
    assert set(FILE_NAME.findall(text)) <= {path.name for path in sources}
    for name in DOTTED_NAME.findall(text):
        pkgutil.resolve_name(name)


def test_the_method_names_a_file_for_each_part_of_the_paper():
    rows = ROW.findall(METHOD.read_text(encoding="utf-8"))
    assert {part for parts, *_ in rows for part in parts.split(", ")} >= PARTS


def test_each_file_of_the_method_has_the_names_beside_it():
    for _, _, files, _ in ROW.findall(METHOD.read_text(encoding="utf-8")):
        for path, names in FILE_AND_NAMES.findall(files):
            text = (METHOD.parent / path).read_text(encoding="utf-8")
            for name in re.findall(r"\w+", names):
                assert re.search(rf"^\s*(def |class )?{name}\b\s*[(=:]", text, re.MULTILINE), (
                    f"{path} does not define {name}"
                )


NOT_IN_THE_PAPER = {"model", "tile"}


def test_the_method_names_every_switch_once():
    rows = ROW.findall(METHOD.read_text(encoding="utf-8"))
    switches = [name for *_, column in rows for name in re.findall(r"`(\w+)`", column)]
    entries = [entry.name for entry in fields(PipelineConfig) if entry.name not in NOT_IN_THE_PAPER]
    assert sorted(switches) == sorted(entries)
