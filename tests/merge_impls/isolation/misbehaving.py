"""Backends that misbehave, and the one line in which a worker says so."""

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
"""A backend's source: what is put in runs on every problem but the worker's first, of shape (4, 4)."""


def failure_of(worker, problem, kind="raised"):
    with pytest.raises(BackendFailed) as failed:
        worker.merge(problem)
    assert "\n" not in str(failed.value)
    assert failed.value.kind == kind
    return str(failed.value)
