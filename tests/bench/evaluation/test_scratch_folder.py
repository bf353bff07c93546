"""Temporary folders of killed evaluations are removed by the next evaluation; those in use are not."""

import os
import tempfile

import pytest

from bench.evaluation.scratch_folder import PREFIX, UNTOUCHED_SECONDS, scratch_folder


@pytest.fixture
def place(tmp_path, monkeypatch):
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def make_old(folder):
    folder.mkdir(exist_ok=True)
    (folder / "file").touch()
    before = folder.stat().st_mtime - 2 * UNTOUCHED_SECONDS
    os.utime(folder, (before, before))


def test_only_an_abandoned_folder_of_the_same_purpose_is_removed(place):
    names = [f"{PREFIX}evaluation-left", f"{PREFIX}predictions-left", "evaluation-of-others"]
    for name in names:
        make_old(place / name)
    (place / f"{PREFIX}evaluation-new").mkdir()
    with scratch_folder("evaluation") as scratch:
        left = {path.name for path in place.iterdir()}
    assert left == {*names[1:], f"{PREFIX}evaluation-new", scratch.name} and not scratch.exists()


def test_a_folder_in_use_is_not_removed(place):
    with scratch_folder("evaluation") as outer:
        make_old(outer)
        with scratch_folder("evaluation"):
            assert (outer / "file").exists()
