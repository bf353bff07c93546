"""The backend ``c``."""

from merge_impls._c_merge import lib
from merge_impls.builtin.c_calls import Prepared, call
from merge_impls.result import MergeResult


def merge(prepared: Prepared) -> MergeResult:
    """One thread. Raises as ``call`` does."""
    return call("c", lib.heap_merge, prepared)
