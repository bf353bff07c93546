"""Rules for all code of the repository: the lengths of files, functions and test names, and file names."""

import ast
from collections import defaultdict
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[1]
PACKAGES = ("merge_impls", "bench", "models")
FOLDERS = (*PACKAGES, "benchmarks", "c_merge", "tests")

SHARED_FILE_NAMES = {
    "__init__.py": "what its package is",
    "__main__.py": "`python -m` of its package",
    "ablation.py": "the ablation study: its table, its figure",
    "cache.py": "the cache of predictions, and the command for it",
    "cli.py": "the command line of its package",
    "compare.py": "the command `compare` of its package",
    "confusion.py": "the confusion of classes: its counts, table, figure and command",
    "conftest.py": "pytest's fixtures and options of its folder",
    "image_study.py": "a study of images: its tables, its page",
    "run.py": "the command `run` of its package",
    "score.py": "the command `score`, and its page",
    "segment.py": "the segmentation of an image, and the command for it",
    "speed_study.py": "the speed study: its tables, its page",
    "time_against_edges.py": "time against edges: its table, its figure",
}
"""File names that may occur in several packages, and what a file of this name contains in each of them."""


def source_files(folder, *endings):
    paths = (path for ending in endings for path in (ROOT / folder).rglob(f"*.{ending}"))
    return sorted(path for path in paths if not {"build", "__pycache__"} & set(path.parts))


def functions_with_lengths(path):
    """Yield the name and the number of lines of every function in a file, including methods."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node.name, node.end_lineno - node.lineno + 1


def relative_path(path):
    return path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("folder", FOLDERS)
def test_no_file_is_longer_than_300_lines(folder):
    lengths = {
        path: len(path.read_text().splitlines()) for path in source_files(folder, "py", "c", "h")
    }
    long = [f"{relative_path(path)}: {lines}" for path, lines in lengths.items() if lines > 300]
    assert not long, "\n".join(long)


@pytest.mark.parametrize("package", PACKAGES)
def test_functions_have_fewer_than_40_lines(package):
    long = [
        f"{relative_path(path)}: {name}, {lines}"
        for path in source_files(package, "py")
        for name, lines in functions_with_lengths(path)
        if lines >= 40
    ]
    assert not long, "\n".join(long)


@pytest.mark.parametrize("package", PACKAGES)
def test_nine_of_ten_functions_have_at_most_20_lines(package):
    lines = [
        lines for path in source_files(package, "py") for _, lines in functions_with_lengths(path)
    ]
    assert np.percentile(lines, 90) <= 20


def test_names_of_tests_have_at_most_70_characters():
    long = [
        f"{relative_path(path)}: {name}"
        for folder in ("tests", "benchmarks")
        for path in source_files(folder, "py")
        for name, _ in functions_with_lengths(path)
        if name.startswith("test_") and len(name) > 70
    ]
    assert not long, "\n".join(long)


def test_a_file_name_in_two_places_names_one_thing():
    places = defaultdict(list)
    for folder in (*PACKAGES, "benchmarks", "c_merge"):
        for path in source_files(folder, "py"):
            places[path.name].append(relative_path(path))
    shared = {name: found for name, found in places.items() if len(found) > 1}
    unlisted = [" ".join(found) for name, found in shared.items() if name not in SHARED_FILE_NAMES]
    assert not unlisted, "\n".join(unlisted)
    assert SHARED_FILE_NAMES.keys() <= shared.keys()
