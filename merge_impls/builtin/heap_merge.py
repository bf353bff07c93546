"""The backend ``heap``: the literal greedy loop in C, which faster merges are held against."""

from merge_impls._c_merge import lib
from merge_impls.builtin.c_calls import Prepared, call
from merge_impls.result import MergeResult


def merge(prepared: Prepared) -> MergeResult:
    """A heap and a hash map; one thread. Raises as ``call`` does: edges are numbered in 31 bits."""
    return call("heap", lib.merge_heap, prepared)
