"""The C library, called directly: invalid arguments are refused, and compilers have no warnings."""

import runpy
import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from merge_impls._c_merge import ffi, lib

from merge_impls import HISTORY_DTYPE, _c_merge

ROOT = Path(__file__).parents[3]
SOURCES = sorted((ROOT / "c_merge").rglob("*.c"))
OUTPUTS = ["labels", "sizes", "confidences", "history"]
CALLS = {
    "heap": lib.merge_heap,
    "c": lambda problem, output: lib.merge_fast(problem, 1, output),
}
"""For each backend, the C function that it calls with a problem and an output."""


@pytest.fixture(params=CALLS)
def merge_status(request):
    """A function that merges a grid of one pixel, with some fields replaced, and returns the status."""

    def call(capacity=64, **fields):
        arrays = {
            "offsets_or_ends": np.array(fields.pop("offsets_or_ends", [0, 0, 1]), np.int64),
            "stages": np.array(fields.pop("stages", [0]), np.int32),
            "affinities": np.zeros(16, np.uint16),
            "mask": np.ones(16, np.uint8),
            "thresholds": np.zeros(4, np.float32),
        }
        plain = {"is_grid": 1, "shape": [1, 1, 1], "num_stages": 1, "num_channels": 1} | fields
        buffers = {name: np.zeros(256, np.int64) for name in OUTPUTS}
        problem = ffi.new("merge_problem *", plain | pointers(arrays))
        output = ffi.new("merge_output *", {"capacity": capacity} | pointers(buffers))
        return CALLS[request.param](problem, output)

    return call


def pointers(arrays):
    return {name: ffi.cast("void *", ffi.from_buffer(array)) for name, array in arrays.items()}


def test_one_pixel_and_one_edge_are_accepted(merge_status):
    assert merge_status() == lib.MERGE_OK
    assert merge_status(is_grid=0, shape=[1, 1, 2], offsets_or_ends=[1, 0]) == lib.MERGE_OK


def test_a_history_row_has_the_same_size_in_c_and_numpy():
    assert lib.HISTORY_ROW_BYTES == HISTORY_DTYPE.itemsize


@pytest.mark.parametrize(
    "fields",
    [
        {"shape": [1, 0, 1]},
        {"shape": [1, -4, 1]},
        {"linkage": 7},
        {"num_stages": 0},
        {"num_channels": -1},
        {"stages": [1]},
        {"stages": [-1]},
        {"offsets_or_ends": [0, 0, 0]},
        {"offsets_or_ends": [0, 0, -1]},
        {"offsets_or_ends": [0, -1, 5]},
        {"offsets_or_ends": [-1, 5, 5]},
        {"capacity": 0},
        {"capacity": 1, "is_grid": 0, "shape": [1, 1, 2], "offsets_or_ends": [0, 1]},
        {"is_grid": 0, "shape": [1, 1, 2], "offsets_or_ends": [0, 2]},
        {"is_grid": 0, "shape": [1, 1, 2], "offsets_or_ends": [-1, 1]},
        {"is_grid": 0, "shape": [1, 1, 2], "offsets_or_ends": [1, 1]},
        {
            "is_grid": 0,
            "shape": [1, 1, 2],
            "num_channels": 2,
            "num_stages": 2,
            "offsets_or_ends": [0, 1, 0, 1],
            "stages": [1, 0],
        },
    ],
    ids=str,
)
def test_invalid_argument_is_refused(merge_status, fields):
    assert merge_status(**fields) == lib.MERGE_BAD_ARGUMENT


@pytest.mark.parametrize("shape", [[1, 2**16, 2**16], [2**62, 4, 4], [2, 2**30, 1]], ids=str)
def test_grid_with_more_pixels_than_labels_is_an_overflow(merge_status, shape):
    assert merge_status(shape=shape) == lib.MERGE_OVERFLOW


def test_build_compiles_every_c_file_and_depends_on_every_header(monkeypatch):
    monkeypatch.chdir(ROOT)
    build = runpy.run_path("c_merge/build_c_merge.py")
    for patterns, suffix in ((build["SOURCES"], ".c"), (build["HEADERS"], ".h")):
        present = [str(path.relative_to(ROOT)) for path in (ROOT / "c_merge").rglob(f"*{suffix}")]
        assert build["files"](*patterns) == sorted(present)


@pytest.mark.skipif(not shutil.which("nm"), reason="nm, of the binutils, lists the symbols")
def test_every_symbol_that_the_linker_sees_begins_with_merge():
    command = ["nm", "--dynamic", "--defined-only", "--format=posix", _c_merge.__file__]
    listed = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    names = {line.split()[0] for line in listed.splitlines()} - {"PyInit__c_merge"}
    assert {"merge_heap", "merge_fast"} <= names
    assert [name for name in names if not name.startswith(("merge_", "_init", "_fini"))] == []


@pytest.mark.parametrize("compiler", [c for c in ("gcc", "clang") if shutil.which(c)])
def test_no_compiler_has_a_warning(compiler):
    warnings = [
        "-Wall",
        "-Wextra",
        "-Wpedantic",
        "-Wshadow",
        "-Wconversion",
        "-Wno-psabi",
        "-Werror",
    ]
    # gcc finds some mistakes only when it optimizes; all warnings of clang come before that.
    mode = {"gcc": ["-O2", "-c"], "clang": ["-fsyntax-only"]}[compiler]
    flags = ["-std=c11", "-D_GNU_SOURCE", *mode, *warnings]
    assert {source.parent.name for source in SOURCES} == {"c_merge", "heap", "fast"}
    for source in SOURCES:
        subprocess.run([compiler, *flags, source, "-o", "/dev/null"], check=True)
