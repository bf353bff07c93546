"""A study is measured again after a change of any source file that may affect its results."""

import importlib.util
import subprocess
import sys
from pathlib import Path

import pytest

from bench.digests import PACKAGES, ROOT
from bench.runner.input_digests import (
    MERGE_IMPLS,
    imported_bench_and_models_files,
    merge_impls_files,
)

IMAGES, FIELDS = "bench.runner.image_problems", "bench.runner.field_problems"

LOAD_ALL = """
import sys
from importlib import import_module

import_module(sys.argv[1])
from bench.datasets import datasets
from bench.methods.all_methods import methods_in_this_folder

datasets(), methods_in_this_folder()
print(*sys.modules)
"""


def names(module):
    return {path.relative_to(ROOT).as_posix() for path in imported_bench_and_models_files(module)}


def test_all_that_a_study_of_images_loads_is_among_its_sources():
    command = [sys.executable, "-c", LOAD_ALL, IMAGES]
    run = subprocess.run(command, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    ours = [name for name in run.stdout.split() if name.partition(".")[0] in PACKAGES]
    loaded = {Path(importlib.util.find_spec(name).origin) for name in ours}
    lacking = loaded - {*imported_bench_and_models_files(IMAGES), *merge_impls_files()}
    assert all(path.name == "__init__.py" for path in lacking)  # files that hold only a docstring


@pytest.mark.parametrize(
    "path",
    [
        "bench/datasets/image_folder.py",  # found by scanning
        "bench/methods/higra.py",  # found by scanning
        "bench/evaluation/official_process.py",  # found as a string
        "bench/pipeline/resizing.py",
        "models/flip_averaging.py",
    ],
)
def test_files_named_in_strings_or_found_by_scanning_are_sources(path):
    assert path in names(IMAGES)


@pytest.mark.parametrize("module", [IMAGES, FIELDS])
def test_modules_that_only_show_results_are_not_sources(module):
    shows = ("bench/report/", "bench/commands/", "bench/cli.py", "bench/training/")
    assert not [name for name in names(module) if name.startswith(shows)]


def test_a_study_of_fields_does_not_depend_on_the_networks():
    assert "bench/runner/field_rounds.py" in names(FIELDS)
    models = [name for name in names(FIELDS) if name.startswith("models/")]
    assert models == ["models/kept_files.py"]  # how files are kept; the networks are not among them


def test_the_digest_covers_the_compiled_backend():
    assert {path.suffix for path in merge_impls_files()} == {".py", ".so"}
    assert all(path.is_relative_to(MERGE_IMPLS) for path in merge_impls_files())
