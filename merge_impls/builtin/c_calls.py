"""The backends ``heap`` and ``c``, which call the C code in c_merge.

The C code runs without Python's global interpreter lock, so several threads can merge at once.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

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
    np.dtype(np.uint8): ffi.typeof("uint8_t[]"),
    np.dtype(np.uint16): ffi.typeof("uint16_t[]"),
    np.dtype(np.int32): ffi.typeof("int32_t[]"),
    np.dtype(np.int64): ffi.typeof("int64_t[]"),
    np.dtype(np.float32): ffi.typeof("float[]"),
    np.dtype(np.float64): ffi.typeof("double[]"),
    HISTORY_DTYPE: ffi.typeof("char[]"),
}
"""The C type of an array, by its dtype."""

MAX_THREADS = 1024
"""The most threads that the backend ``c`` starts; more would only take memory."""

MOST_KEPT_UNFILLED = 256
"""An array of this many entries is kept, however few of them are filled: a copy would take longer."""


class PreparedProblem(NamedTuple):
    """A problem in the form that the C functions read.

    given: a C struct ``merge_problem *``, whose field ``stop`` is NULL.
    arrays: the arrays to which the other fields point; they must live as long as ``given``.
    shape: the shape of the labels.
    capacity: the number of foreground vertices, which is the length of the other output arrays.
    """

    given: Any
    arrays: dict[str, AnyArray]
    shape: tuple[int, ...]
    capacity: int


def prepare_for_c(problem: MergeProblem) -> PreparedProblem:
    """Convert a problem to the form that C reads; arrays are copied only if C cannot read them."""
    arrays = _grid_arrays(problem) if problem.is_grid else _edge_arrays(problem)
    given = ffi.new("merge_problem *")
    given.is_grid = problem.is_grid
    given.linkage = LINKAGE_NUMBERS[problem.linkage]
    given.num_stages = len(problem.thresholds)
    given.shape = (1, 1, *problem.shape)[-3:]
    given.num_channels = len(problem.stages)
    _set_pointers(given, arrays)
    mask = problem.mask
    capacity = problem.num_vertices if mask is None else int(np.count_nonzero(mask))
    return PreparedProblem(given, arrays, problem.shape, capacity)


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
    made, arrays = _allocate_outputs(prepared)

    def call(stop: Int32Array) -> None:
        given = ffi.new("merge_problem *", prepared.given[0])
        _set_pointers(given, {"stop": stop})
        status = function(given, *more, made)
        if status != lib.MERGE_OK:
            raise _error_of_status(status, backend)

    call_stoppably(call, prepared.arrays["affinities"].size + prepared.capacity)
    return MergeResult(
        labels=arrays["labels"],
        sizes=_filled_entries(arrays["sizes"], made.num_segments),
        confidences=_filled_entries(arrays["confidences"], made.num_segments),
        history=_filled_entries(arrays["history"], made.num_merges),
    )


def _grid_arrays(problem: MergeProblem) -> dict[str, AnyArray]:
    """The arrays that describe a grid, by their names in ``merge_problem``; offsets get three axes."""
    assert problem.offsets is not None and problem.mask is not None
    offsets = np.zeros((len(problem.offsets), 3), np.int64)
    offsets[:, 3 - len(problem.shape) :] = problem.offsets
    return {
        "offsets_or_ends": offsets,
        "stages": np.ascontiguousarray(problem.stages),
        "affinities": np.ascontiguousarray(problem.affinities),
        "mask": np.ascontiguousarray(problem.mask).view(np.uint8),
        "thresholds": np.ascontiguousarray(problem.thresholds),
    }


def _edge_arrays(problem: MergeProblem) -> dict[str, AnyArray]:
    """The arrays that describe explicit edges, sorted by stage, by their names in ``merge_problem``."""
    assert problem.edges is not None
    arrays: dict[str, AnyArray] = {
        "offsets_or_ends": np.ascontiguousarray(problem.edges),
        "stages": np.ascontiguousarray(problem.stages),
        "affinities": np.ascontiguousarray(problem.affinities),
    }
    if problem.counts is not None and problem.totals is not None:
        arrays["sums"] = np.stack([problem.totals, problem.counts], axis=1)
    if len(problem.thresholds) > 1:
        by_stage = np.argsort(problem.stages, kind="stable")
        arrays = {name: array[by_stage] for name, array in arrays.items()}
    return arrays | {"thresholds": np.ascontiguousarray(problem.thresholds)}


def _allocate_outputs(prepared: PreparedProblem) -> tuple[Any, dict[str, AnyArray]]:
    """Make a C struct ``merge_output *`` and the arrays to which its fields of the same names point."""
    capacity = prepared.capacity
    arrays: dict[str, AnyArray] = {
        "labels": np.empty(prepared.shape, np.int32),
        "sizes": np.empty(capacity, np.int64),
        "confidences": np.empty(capacity, np.float64),
        "history": np.empty(capacity, HISTORY_DTYPE),
    }
    made = ffi.new("merge_output *")
    made.capacity = capacity
    _set_pointers(made, arrays)
    return made, arrays


def _set_pointers(struct: Any, arrays: dict[str, AnyArray]) -> None:
    """Make fields of a C struct point to the arrays of the same names, which the caller keeps alive."""
    for name, array in arrays.items():
        setattr(struct, name, ffi.from_buffer(CTYPES[array.dtype], array))


def _filled_entries(array: AnyArray, count: int) -> AnyArray:
    """Return the first ``count`` entries: as a view, or as a copy if that frees much memory."""
    filled = array[:count]
    frees_much = len(array) > MOST_KEPT_UNFILLED and 2 * count < len(array)
    return filled.copy() if frees_much else filled


def _error_of_status(status: int, backend: str) -> Exception:
    """The exception for a ``merge_status`` other than ``MERGE_OK``."""
    if status == lib.MERGE_OUT_OF_MEMORY:
        return MemoryError(f"backend {backend}: not enough memory to merge this problem")
    if status == lib.MERGE_OVERFLOW:
        return OverflowError(f"backend {backend}: more vertices or edges than it can number")
    if status == lib.MERGE_STOPPED:
        return Stopped()
    if status == lib.MERGE_CHANGED:
        return ValueError(
            f"backend {backend}: the affinities changed during the merge; change them after it, or "
            "merge a copy"
        )
    return ValueError(f"backend {backend}: the C code refused the problem (status {status})")
