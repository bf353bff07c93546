"""Fixtures: a current folder with a module of wrong backends, and the command ``merge-impls``."""

import sys

import pytest

from merge_impls.builtin import networkx_merge
from merge_impls.cli import main
from tests.merge_impls.remembered_reference import REMEMBERING_REFERENCE

WRONG = """
import os, sys, time
import numpy as np
from merge_impls import Backend, merge as merge_with

def merges_nothing(problem):
    labels = np.zeros(problem.num_vertices, np.int32)
    inside = problem.mask.ravel() if problem.is_grid else np.ones(len(labels), bool)
    labels[inside] = np.arange(inside.sum()) + 1
    return labels.reshape(problem.shape)

def threaded(problem, threads):
    return merges_nothing(problem) if threads == 4 else merge_with(problem, "heap")

def crashes(problem):
    if problem.num_vertices == 3:
        os.abort()
    return merge_with(problem, "heap")

def hangs(problem):
    while problem.num_vertices == 3:
        time.sleep(1)
    return merge_with(problem, "heap")

def always_hangs(problem):
    while True:
        time.sleep(1)

def averages(problem):
    return merge_with(problem.replace(linkage="average"), "heap").labels

def exceeds_memory(problem):
    if problem.num_vertices == 3:
        np.ones(1 << 27)
    return merge_with(problem, "heap")

ROUGH = Backend("rough", "", "1", "wrong:merges_nothing", linkages=("average",), approximate=("average",))
FLAT = Backend("flat", "2-D only", "3.1", "wrong:merges_nothing", dimensions=(2,))
"""


@pytest.fixture(autouse=True, scope="module")
def fast_workers(forked_workers):
    """Tests of these modules start many workers."""


@pytest.fixture(autouse=True, scope="module")
def remembered_reference():
    """Merge each problem only once with the reference, however many backends are validated on it."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(networkx_merge, "merge", REMEMBERING_REFERENCE)
        yield


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """An empty current folder in which only the module ``wrong`` is."""
    (tmp_path / "wrong.py").write_text(WRONG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return tmp_path


@pytest.fixture
def merge_impls(folder, capsys):
    """A function that runs the command ``merge-impls``; it returns the exit code, stdout and stderr."""

    def run(*arguments):
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run
