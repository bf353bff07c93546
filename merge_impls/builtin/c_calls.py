"""The backends ``heap`` and ``c``, which call the C code in c_merge.

The C code runs without Python's global interpreter lock, so several threads can merge at once.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from merge_impls._c_merge import ffi, lib
from merge_impls.arrays import AnyArray, Int32Array
from merge_impls.builtin.stoppable_call import Stopped, call_stoppably
from merge_impls.problem import MergeProblem
from merge_impls.result import HISTORY_DTYPE, MergeResult

LINKAGE_NUMBERS = {
    constant.removeprefix("LINKAGE_").lower(): number
    for number, constant in ffi.typeof("merge_linkage").elements.items()
}
"""The number of each linkage in the C code, by the linkage's name."""

CTYPES = {
    np.dtype(np.uint8): "uint8_t[]",
    np.dtype(np.uint16): "uint16_t[]",
    np.dtype(np.int32): "int32_t[]",
    np.dtype(np.int64): "int64_t[]",
    np.dtype(np.float32): "float[]",
    np.dtype(np.float64): "double[]",
    HISTORY_DTYPE: "char[]",
}
"""The C type of an array, by its dtype."""

MAX_THREADS = 1024
"""The most threads that the backend ``c`` starts; more would only take memory."""


@dataclass(frozen=True)
class PreparedProblem:
    """A problem in the form that the C functions read.

    inputs: the fields of the C struct ``merge_problem``, with arrays in place of pointers.
    shape: the shape of the labels.
    capacity: the number of foreground vertices, which is the length of the other output arrays.
    """

    inputs: dict[str, Any]
    shape: tuple[int, ...]
    capacity: int


def prepare_for_c(problem: MergeProblem) -> PreparedProblem:
    """Convert a problem to the form that C reads; arrays are copied only if C cannot read them."""
    form = _grid_fields(problem) if problem.is_grid else _edge_fields(problem)
    inputs = form | {
        "linkage": LINKAGE_NUMBERS[problem.linkage],
        "num_stages": len(problem.thresholds),
        "num_channels": len(problem.stages),
        "thresholds": np.ascontiguousarray(problem.thresholds),
    }
    capacity = problem.num_vertices if problem.mask is None else int(problem.mask.sum())
    return PreparedProblem(inputs, problem.shape, capacity)


def merge_heap(prepared: PreparedProblem) -> MergeResult:
    """Merge with the backend ``heap``: Algorithm 1 with a heap and a hash map, on one thread.

    Raises the same exceptions as ``call_c_function``, and OverflowError for 2 ** 31 - 1 edges or
    more, because this backend numbers edges with 31 bits.
    """
    return call_c_function("heap", lib.merge_heap, prepared)


def merge_fast(prepared: PreparedProblem, threads: int = 1) -> MergeResult:
    """Merge with the backend ``c``, on at most ``threads`` threads.

    Raises the same exceptions as ``call_c_function``.
    """
    return call_c_function("c", lib.merge_fast, prepared, min(threads, MAX_THREADS))


def call_c_function(
    backend: str, function: Callable[..., int], prepared: PreparedProblem, *more: int
) -> MergeResult:
    """Call a C function with a problem and return the result.

    function: takes a ``merge_problem``, the arguments ``more`` and a ``merge_output``, and returns a
        ``merge_status``.
    If a signal handler raises an exception during a long merge, the merge is stopped first.
    Raises MemoryError; OverflowError if there are more vertices or edges than the C code can number;
    ValueError if the C code refuses the problem, for example because its arrays were changed.
    """
    outputs = _allocate_outputs(prepared)
    made = ffi.new("merge_output *", _with_pointers(outputs))

    def call(stop: Int32Array) -> None:
        given = ffi.new("merge_problem *", _with_pointers(prepared.inputs | {"stop": stop}))
        _raise_for_status(function(given, *more, made), backend)

    call_stoppably(call, prepared.inputs["affinities"].size + prepared.capacity)
    return MergeResult(
        labels=outputs["labels"],
        sizes=_filled_entries(outputs["sizes"], made.num_segments),
        confidences=_filled_entries(outputs["confidences"], made.num_segments),
        history=_filled_entries(outputs["history"], made.num_merges),
    )


def _grid_fields(problem: MergeProblem) -> dict[str, Any]:
    """The fields of ``merge_problem`` that describe a grid, which gets three axes."""
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


def _edge_fields(problem: MergeProblem) -> dict[str, Any]:
    """The fields of ``merge_problem`` that describe explicit edges, sorted by stage."""
    assert problem.edges is not None
    one_stage = len(problem.thresholds) == 1
    by_stage = slice(None) if one_stage else np.argsort(problem.stages, kind="stable")
    sums = {}
    if problem.counts is not None and problem.totals is not None:
        sums["sums"] = np.stack([problem.totals, problem.counts], axis=1)[by_stage]
    return {
        "is_grid": 0,
        "shape": [1, 1, problem.num_vertices],
        "offsets_or_ends": np.ascontiguousarray(problem.edges[by_stage]),
        "stages": np.ascontiguousarray(problem.stages[by_stage]),
        "affinities": np.ascontiguousarray(problem.affinities[by_stage]),
        **sums,
    }


def _allocate_outputs(prepared: PreparedProblem) -> dict[str, Any]:
    """The fields of ``merge_output`` that the caller provides, with arrays in place of pointers."""
    capacity = prepared.capacity
    return {
        "capacity": capacity,
        "labels": np.empty(prepared.shape, np.int32),
        "sizes": np.empty(capacity, np.int64),
        "confidences": np.empty(capacity, np.float64),
        "history": np.empty(capacity, HISTORY_DTYPE),
    }


def _with_pointers(fields: dict[str, Any]) -> dict[str, Any]:
    """Return the fields with pointers in place of arrays. The caller must keep the arrays alive."""
    return {
        name: ffi.from_buffer(CTYPES[value.dtype], value)
        if isinstance(value, np.ndarray)
        else value
        for name, value in fields.items()
    }


def _filled_entries(array: AnyArray, count: int) -> AnyArray:
    """Return the first ``count`` entries: as a view, or as a copy if that saves half of the memory."""
    filled = array[:count]
    return filled if 2 * count >= len(array) else filled.copy()


def _raise_for_status(status: int, backend: str) -> None:
    """Raise the exception of a ``merge_status`` other than ``MERGE_OK``."""
    if status == lib.MERGE_OUT_OF_MEMORY:
        raise MemoryError(f"backend {backend}: not enough memory to merge this problem")
    if status == lib.MERGE_OVERFLOW:
        raise OverflowError(f"backend {backend}: more vertices or edges than it can number")
    if status == lib.MERGE_STOPPED:
        raise Stopped
    if status == lib.MERGE_CHANGED:
        raise ValueError(
            f"backend {backend}: the affinities changed during the merge; change them after it, or "
            "merge a copy"
        )
    if status != lib.MERGE_OK:
        raise ValueError(f"backend {backend}: the C code refused the problem (status {status})")
