"""Fixtures: affinities as a user has them, an empty current folder, and calls that must fail."""

import sys

import numpy as np
import pytest

from merge_impls.cli import main

OFFSETS = [(0, 1), (1, 0), (-1, 0), (3, -3), (0, -5)]


@pytest.fixture
def own_folder(tmp_path, monkeypatch):
    """An empty current folder. What a command adds to Python's path is removed after the test."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", [*sys.path])
    return tmp_path


@pytest.fixture(scope="module")
def user_affinities():
    """(5, 18, 24) uint8: four objects and noise."""
    rng = np.random.default_rng(0)
    rows, columns = np.indices((18, 24))
    objects = rows // 9 + 2 * (columns // 12)
    maps = [objects == np.roll(objects, (-dy, -dx), (0, 1)) for dy, dx in OFFSETS]
    return (np.stack(maps) * 200 + rng.integers(0, 55, (5, 18, 24))).astype(np.uint8)


@pytest.fixture
def refused(capsys):
    """A function that calls ``merge-impls run``, which must fail, and returns its one-line error message."""

    def call(*arguments: str, code: int = 2) -> str:
        capsys.readouterr()
        assert main(["run", *arguments]) == code
        (line,) = capsys.readouterr().err.splitlines()
        assert line.startswith("merge-impls run: ")
        return line

    return call
