"""What holds for all tests."""

import shutil
import sys

import pytest
import torch

from merge_impls import registry


@pytest.fixture(autouse=True, scope="module")
def one_thread():
    """Tiny networks gain nothing from threads, and one adds up in the same order every time."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(before)


@pytest.fixture
def plug_in(tmp_path, monkeypatch):
    """A function that installs backends, name -> source of a module with ``merge``, for this process and
    for those it starts."""
    place = tmp_path / "plug_ins"
    monkeypatch.syspath_prepend(place)

    def install(**sources: str) -> None:
        info = place / "plug_ins_of_a_test-1.0.dist-info"
        info.mkdir(parents=True, exist_ok=True)
        (info / "METADATA").write_text(
            "Metadata-Version: 2.1\nName: plug-ins-of-a-test\nVersion: 1.0\n"
        )
        points = [f"{name} = {name}_backend:merge" for name in sources]
        (info / "entry_points.txt").write_text("\n".join([f"[{registry.GROUP}]", *points]) + "\n")
        for name, source in sources.items():
            (place / f"{name}_backend.py").write_text(source)
            sys.modules.pop(f"{name}_backend", None)
        shutil.rmtree(place / "__pycache__", ignore_errors=True)
        registry._registered_backends.cache_clear()

    yield install
    registry._registered_backends.cache_clear()


@pytest.fixture
def wrong():
    """A backend's source: right on a worker's first, tiny problem; then the third merge is off by one bit."""
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
