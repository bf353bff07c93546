"""A folder with wrong backends for each test of a command."""

import sys

import pytest

from merge_impls.cli import main

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

def dies(problem):
    if problem.num_vertices == 3:
        os.abort()
    return merge_with(problem, "heap")

def hangs(problem):
    while problem.num_vertices == 3:
        time.sleep(1)
    return merge_with(problem, "heap")

def hoards(problem):
    if problem.num_vertices == 3:
        np.ones(1 << 27)
    return merge_with(problem, "heap")

FLAT = Backend("flat", "2-D only", "3.1", "wrong:merges_nothing", dimensions=(2,))
"""


@pytest.fixture
def folder(tmp_path, monkeypatch):
    """The current folder of a user who has a module ``wrong`` there."""
    (tmp_path / "wrong.py").write_text(WRONG)
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(sys, "path", list(sys.path))
    return tmp_path


@pytest.fixture
def merge_impls(folder, capsys):
    """Run the command; returns its exit code, stdout and stderr."""

    def run(*arguments):
        try:
            code = main([str(argument) for argument in arguments])
        except SystemExit as end:
            code = end.code
        printed = capsys.readouterr()
        return code, printed.out, printed.err

    return run
