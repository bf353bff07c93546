"""The backend ``c``: no heap, on one thread or several (c_merge/fast)."""

from merge_impls._c_merge import lib
from merge_impls.builtin.c_calls import Prepared, call
from merge_impls.result import MergeResult

MOST_THREADS = 1024
"""More would only take memory."""


def merge(prepared: Prepared, threads: int = 1) -> MergeResult:
    """On at most so many threads. Raises as ``call`` does."""
    return call("c", lib.merge_fast, prepared, min(threads, MOST_THREADS))
