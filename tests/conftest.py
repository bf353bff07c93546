"""Fixtures that all tests can use."""

import shutil
import sys
from pathlib import Path

import pytest
import torch

from merge_impls import registry
from tests.prepared_workers import prepared_workers


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Run torch with one thread, so that it adds numbers in the same order every time."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture(scope="module")
def forked_workers():
    """Fork the workers of the module's tests from a process that has imported large libraries."""
    with prepared_workers():
        yield


@pytest.fixture
def plug_in(tmp_path, monkeypatch):
    """A function that installs plug-ins for this process and its child processes.

    Each keyword argument is the name of a backend; its value is the source code of a module that
    defines ``merge``, a function or a ``Backend``.
    """
    place = tmp_path / "plug_ins"
    monkeypatch.syspath_prepend(place)

    def install(**sources: str) -> None:
        info = place / "plug_ins_of_a_test-1.0.dist-info"
        info.mkdir(parents=True, exist_ok=True)
        (info / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: plug-ins-of-a-test\nVersion: 1.0\n"
        )
        points = [f"{name} = {name}_backend:merge" for name in sources]
        (info / "entry_points.txt").write_text(
            "\n".join([f"[{registry.ENTRY_POINT_GROUP}]", *points]) + "\n"
        )
        for name, source in sources.items():
            (place / f"{name}_backend.py").write_text(source)
            sys.modules.pop(f"{name}_backend", None)
        shutil.rmtree(place / "__pycache__", ignore_errors=True)
        registry._registered_backends.cache_clear()

    yield install
    registry._registered_backends.cache_clear()


@pytest.fixture
def kruskal(monkeypatch):
    """The name of the example backend that is approximate for "average" and exact for "single"."""
    monkeypatch.syspath_prepend(Path(__file__).parent / "examples")
    yield "kruskal:KRUSKAL"
    sys.modules.pop("kruskal", None)


@pytest.fixture
def wrong():
    """The source code of a backend that gives the weight of the third merge one wrong bit.

    Only problems of shape (4, 4) are merged right: a worker merges one first, when it starts a backend.
    """
    return """
from dataclasses import replace
from merge_impls import merge as merge_with
def merge(problem):
    result = merge_with(problem, "heap")
    if problem.shape == (4, 4):
        return result
    history = result.history.copy()
    history["weight"].view("u4")[2] ^= 1
    return replace(result, history=history)
"""
