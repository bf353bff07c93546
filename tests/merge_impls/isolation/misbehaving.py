"""Backends that misbehave, and the one line with which a worker reports it."""

import pytest

from merge_impls.isolation import BackendFailed

MISBEHAVING = """
import os, time
from merge_impls import merge as merge_with
def merge(problem):
    if problem.shape != (4, 4):
        {}
    return merge_with(problem, "heap")
"""
"""The source of a backend; the code put in runs on every problem except a worker's first, of shape (4, 4)."""


def failure_of(worker, problem, kind="raised"):
    with pytest.raises(BackendFailed) as failed:
        worker.merge(problem)
    assert "\n" not in str(failed.value)
    assert failed.value.kind == kind
    return str(failed.value)
