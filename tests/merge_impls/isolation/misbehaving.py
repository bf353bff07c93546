"""The source of a backend that misbehaves, and the error that a worker raises for it."""

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
"""The source of a backend. ``format`` inserts code, which runs for every problem but those of shape (4, 4).

A worker merges a problem of this shape first, when it starts its backend.
"""


def failure_of(worker, problem, kind="raised"):
    """Merge a problem, which must fail with this kind of ``BackendFailed``; return its one-line message."""
    with pytest.raises(BackendFailed) as failed:
        worker.merge(problem)
    assert "\n" not in str(failed.value)
    assert failed.value.kind == kind
    return str(failed.value)
