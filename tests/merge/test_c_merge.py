"""The compiled merge at its own boundary: what it refuses, and that compilers stay silent."""

import shutil
import subprocess
from pathlib import Path

import numpy as np
import pytest
from merge_impls._c_merge import ffi, lib

ROOT = Path(__file__).parents[2]
SOURCES = sorted((ROOT / "c_merge").glob("*.c"))


def merge_status(**fields):
    """The status for one pixel or, with is_grid=0, for one edge between two vertices."""
    arrays = {
        "offsets_or_ends": np.array(fields.pop("offsets_or_ends", [0, 0, 1]), np.int64),
        "stages": np.array(fields.pop("stages", [0]), np.int32),
        "affinities": np.zeros(16, np.uint16),
        "mask": np.ones(16, np.uint8),
        "thresholds": np.zeros(4, np.float32),
    }
    room = np.zeros((8, 64), np.int64)
    outputs = ["labels", "sizes", "confidences", "history_stage", "history_a", "history_b"]
    outputs.append("history_weight")
    pointers = {name: ffi.cast("void *", ffi.from_buffer(array)) for name, array in arrays.items()}
    plain = {"is_grid": 1, "shape": [1, 1, 1], "num_stages": 1, "num_channels": 1} | fields
    problem = ffi.new("merge_problem *", plain | pointers)
    rows = {
        name: ffi.cast("void *", ffi.from_buffer(row))
        for name, row in zip(outputs, room[:7], strict=True)
    }
    return lib.heap_merge(problem, ffi.new("merge_output *", rows))


def test_one_pixel_and_one_edge_are_accepted():
    assert merge_status() == lib.MERGE_OK
    assert merge_status(is_grid=0, shape=[1, 1, 2], offsets_or_ends=[1, 0]) == lib.MERGE_OK


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
def test_argument_that_makes_no_sense_is_refused(fields):
    assert merge_status(**fields) == lib.MERGE_BAD_ARGUMENT


@pytest.mark.parametrize("shape", [[1, 2**16, 2**16], [2**62, 4, 4], [2, 2**30, 1]], ids=str)
def test_grid_with_more_pixels_than_labels_is_an_overflow(shape):
    assert merge_status(shape=shape) == lib.MERGE_OVERFLOW


@pytest.mark.parametrize("compiler", [c for c in ("gcc", "clang") if shutil.which(c)])
def test_compiler_has_no_warning(compiler):
    flags = ["-std=c11", "-O2", "-Wall", "-Wextra", "-Wpedantic", "-Wshadow", "-Werror"]
    for source in SOURCES:
        subprocess.run([compiler, *flags, "-c", source, "-o", "/dev/null"], check=True)
