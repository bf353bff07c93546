"""The backends ``heap`` and ``c``: how Python calls the C code (c_merge), which runs without the GIL."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from merge_impls._c_merge import ffi, lib
from merge_impls.arrays import AnyArray
from merge_impls.problem import MergeProblem
from merge_impls.result import HISTORY_DTYPE, MergeResult

LINKAGE_NUMBERS = {
    constant.removeprefix("LINKAGE_").lower(): number
    for number, constant in ffi.typeof("merge_linkage").elements.items()
}
"""The numbers of the linkages that the C code knows, by name."""

CTYPES = {
    np.dtype(np.uint8): "uint8_t[]",
    np.dtype(np.uint16): "uint16_t[]",
    np.dtype(np.int32): "int32_t[]",
    np.dtype(np.int64): "int64_t[]",
    np.dtype(np.float32): "float[]",
    np.dtype(np.float64): "double[]",
    HISTORY_DTYPE: "char[]",
}


MAX_THREADS = 1024
"""More threads would only take memory."""


@dataclass(frozen=True)
class PreparedProblem:
    """A problem as C takes it.

    inputs: the fields of ``merge_problem``. shape: of the labels. capacity: of the other outputs.
    """

    inputs: dict[str, Any]
    shape: tuple[int, ...]
    capacity: int


def prepare(problem: MergeProblem) -> PreparedProblem:
    """A problem as C takes it; copies only the arrays that C cannot read as they are."""
    form = _grid_form(problem) if problem.is_grid else _edge_form(problem)
    inputs = form | {
        "linkage": LINKAGE_NUMBERS[problem.linkage],
        "num_stages": len(problem.thresholds),
        "num_channels": len(problem.stages),
        "thresholds": np.ascontiguousarray(problem.thresholds),
    }
    capacity = problem.num_vertices if problem.mask is None else int(problem.mask.sum())
    return PreparedProblem(inputs, problem.shape, capacity)


def merge_heap(prepared: PreparedProblem) -> MergeResult:
    """The backend ``heap``: the literal greedy loop with a heap and a hash map, on one thread.

    Raises what ``call_c_function`` raises. The C code numbers edges with 31 bits, so it reports
    OverflowError from 2 ** 31 - 1 edges on.
    """
    return call_c_function("heap", lib.merge_heap, prepared)


def merge_fast(prepared: PreparedProblem, threads: int = 1) -> MergeResult:
    """The backend ``c``: no heap, on at most so many threads. Raises as ``call_c_function`` does."""
    return call_c_function("c", lib.merge_fast, prepared, min(threads, MAX_THREADS))


def call_c_function(
    backend: str, function: Callable[..., int], prepared: PreparedProblem, *more: int
) -> MergeResult:
    """The result of a C function (merge_problem, more, merge_output) that returns a merge_status.

    backend: the name in error messages.
    Raises MemoryError; OverflowError if there is more than the C code's indices can count;
    ValueError if it refuses the problem, for example because its mask has grown since ``prepare``.
    """
    outputs = _allocate_outputs(prepared)
    given = ffi.new("merge_problem *", _pointers(prepared.inputs))
    made = ffi.new("merge_output *", _pointers(outputs))
    _raise_for_status(function(given, *more, made), backend)
    return MergeResult(
        labels=outputs["labels"],
        sizes=_filled_entries(outputs["sizes"], made.num_segments),
        confidences=_filled_entries(outputs["confidences"], made.num_segments),
        history=_filled_entries(outputs["history"], made.num_merges),
    )


def _grid_form(problem: MergeProblem) -> dict[str, Any]:
    assert problem.offsets is not None and problem.mask is not None
    missing_axes = 3 - len(problem.shape)
    return {
        "is_grid": 1,
        "shape": [1] * missing_axes + list(problem.shape),
        "offsets_or_ends": np.pad(problem.offsets, ((0, 0), (missing_axes, 0))),
        "stages": np.ascontiguousarray(problem.stages),
        "affinities": np.ascontiguousarray(problem.affinities),
        "mask": np.ascontiguousarray(problem.mask).view(np.uint8),
    }


def _edge_form(problem: MergeProblem) -> dict[str, Any]:
    assert problem.edges is not None
    by_stage = np.argsort(problem.stages, kind="stable")
    return {
        "is_grid": 0,
        "shape": [1, 1, problem.num_vertices],
        "offsets_or_ends": problem.edges[by_stage],
        "stages": problem.stages[by_stage],
        "affinities": problem.affinities[by_stage],
    }


def _allocate_outputs(prepared: PreparedProblem) -> dict[str, Any]:
    capacity = prepared.capacity
    return {
        "capacity": capacity,
        "labels": np.empty(prepared.shape, np.int32),
        "sizes": np.empty(capacity, np.int64),
        "confidences": np.empty(capacity, np.float64),
        "history": np.empty(capacity, HISTORY_DTYPE),
    }


def _pointers(fields: dict[str, Any]) -> dict[str, Any]:
    """The same fields with pointers in place of arrays. The caller must keep the arrays alive."""
    return {
        name: ffi.from_buffer(CTYPES[value.dtype], value)
        if isinstance(value, np.ndarray)
        else value
        for name, value in fields.items()
    }


def _filled_entries(array: AnyArray, count: int) -> AnyArray:
    """The entries that were filled: a copy if a view would keep alive more than twice as many."""
    filled = array[:count]
    return filled if 2 * count >= len(array) else filled.copy()


def _raise_for_status(status: int, backend: str) -> None:
    if status == lib.MERGE_OUT_OF_MEMORY:
        raise MemoryError(f"backend {backend}: not enough memory to merge this problem")
    if status == lib.MERGE_OVERFLOW:
        raise OverflowError(f"backend {backend}: more vertices or edges than its indices can count")
    if status != lib.MERGE_OK:
        raise ValueError(f"backend {backend}: the C code refused the problem (status {status})")
