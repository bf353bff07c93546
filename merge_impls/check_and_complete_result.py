"""Check the result that a backend returned, and compute missing sizes and confidences.

The checks find results that contradict the problem or that contradict themselves. They do not find
every wrong result; ``merge_impls.conformance`` compares results with those of the reference.
"""

from typing import Any

import numpy as np

from merge_impls.argument_checks import one_line_error_message
from merge_impls.arrays import (
    AnyArray,
    BoolArray,
    Int64Array,
    IntegerArray,
    StructuredArray,
)
from merge_impls.backend import BackendError
from merge_impls.problem import MergeProblem
from merge_impls.result import (
    HISTORY_DTYPE,
    CompleteResult,
    HistoryRow,
    MergeResult,
    format_merge,
    segment_confidences,
    segment_sizes,
)

INT32, INT64 = np.dtype(np.int32), np.dtype(np.int64)
FLOAT64 = np.dtype(np.float64)

PLAIN_TYPES = {np.ndarray, type(None)}
"""The types of arrays that need no conversion, and of missing arrays."""


def check_and_complete_result(
    problem: MergeProblem, returned: MergeResult | AnyArray, backend: str, verify: bool = False
) -> CompleteResult:
    """Check what a backend returned, and return it as a complete result.

    Labels, sizes, and the dtypes and lengths of confidences and history are always checked. Missing
    sizes and confidences are computed from the labels; a missing history stays None. All arrays of
    the result are plain numpy arrays.

    returned: labels of any integer dtype, or a result. backend: the name of the backend.
    verify: also compute the confidences again and compare them, and replay the history.
    Raises ``BackendError`` with the first error found.
    """
    result = _with_plain_arrays(returned, backend)
    sizes = _sizes_of_checked_labels(problem, result.labels, backend)
    labels = result.labels.astype(np.int32, copy=False)
    _raise_if_error(backend, _error_in_sizes_confidences_or_history(result, sizes))
    confidences = result.confidences
    if confidences is None or verify:
        confidences = segment_confidences(problem, labels)
    if verify and result.confidences is not None:
        rule = "is the mean of all pixel edges inside, of all stages"
        _raise_if_error(
            backend,
            _describe_first_wrong_value("confidences", result.confidences, confidences, rule),
        )
    if verify and result.history is not None:
        _raise_if_error(backend, error_in_history(problem, result.history, labels))
    return CompleteResult(
        labels, sizes, confidences, result.history, backend, thresholds=problem.thresholds
    )


def _sizes_of_checked_labels(
    problem: MergeProblem, labels: IntegerArray, backend: str
) -> Int64Array:
    """Check labels; return the sizes of their segments, int64 (N,)."""
    _raise_if_error(backend, _error_in_shape_or_dtype(problem, labels))
    sizes = _sizes_of_right_labels(problem, labels)
    if sizes is None:
        _raise_if_error(backend, _error_in_labels(problem, labels))
        sizes = segment_sizes(labels.astype(np.int32, copy=False))
    return sizes


def _error_in_labels(problem: MergeProblem, labels: IntegerArray) -> str:
    """Describe the first error in integer labels of the problem's shape; "" if there is none."""
    flat, inside = labels.ravel(), problem.foreground.ravel()
    error = _describe_first_wrong_label(flat, flat < 0, "labels start at 0")
    error = error or _describe_first_wrong_label(
        flat, (flat != 0) & ~inside, "it lies outside the mask and must be 0"
    )
    error = error or _describe_first_wrong_label(
        flat, (flat == 0) & inside, "every vertex needs a segment, at least 1"
    )
    # Segments are numbered in the order of their first vertices. So a label exceeds the largest label
    # before it by at most one.
    highest = np.maximum.accumulate(flat[inside])
    early = np.zeros(flat.shape, np.bool_)
    early[inside] = flat[inside] > np.append(0, highest[:-1]) + 1
    rule = "segments are numbered 1, 2, ... in raster order of their first vertex"
    return error or _describe_first_wrong_label(flat, early, rule)


def _sizes_of_right_labels(problem: MergeProblem, labels: IntegerArray) -> Int64Array | None:
    """The sizes of the segments, int64 (N,); None if the labels have an error or are not int32."""
    if labels.dtype != INT32:
        return None
    inside = labels.ravel() if problem.mask is None else labels[problem.mask]
    if len(inside) == 0:
        return None if np.count_nonzero(labels) else np.zeros(0, np.int64)
    highest = np.maximum.accumulate(inside)
    num_rises = np.count_nonzero(highest[1:] != highest[:-1])
    if highest[0] != 1 or highest[-1] != 1 + num_rises:  # not every rise is by one
        return None
    try:
        sizes = np.bincount(inside)
    except ValueError:  # a label is negative
        return None
    if sizes[0] > 0 or (problem.mask is not None and np.count_nonzero(labels) > len(inside)):
        return None
    return sizes[1:].astype(np.int64, copy=False)


def _error_in_shape_or_dtype(problem: MergeProblem, labels: IntegerArray) -> str:
    if labels.shape != problem.shape:
        return (
            f"labels have shape {labels.shape}; expected {problem.shape}, one label for each vertex"
        )
    if labels.dtype.kind not in "iu":
        return f"labels have dtype {labels.dtype}; expected integers, such as int32"
    return ""


def error_in_history(problem: MergeProblem, history: StructuredArray, labels: IntegerArray) -> str:
    """Describe the first impossible merge, or else the first label that contradicts the merges.

    Returns "" if there is no error.
    """
    parents = list(range(problem.num_vertices))
    before: HistoryRow = (-1, 0, 0, 0.0)
    for row, merge in enumerate(history.tolist()):
        error = _error_in_merge(problem, parents, before, merge)
        if error:
            return f"history[{row}] is {format_merge(merge)}; {error}"
        before, (_, a, b, _) = merge, merge
        parents[b] = a
    flat = labels.ravel()
    for vertex, parent in enumerate(parents):
        # Parents are smaller than their children, so the parent of a parent is known already.
        parents[vertex] = parents[parent]
        if flat[vertex] != flat[parents[vertex]]:
            return f"history merges vertex {vertex} with {parents[vertex]}, but their labels differ"
    return ""


def _with_plain_arrays(returned: MergeResult | AnyArray, backend: str) -> MergeResult:
    """The result with plain numpy arrays, so that no class of the backend is needed to unpickle it."""
    result = returned if isinstance(returned, MergeResult) else MergeResult(returned)
    if result.labels is None:
        _raise_if_error(backend, "labels are None; `return` labels, one for each vertex")
    fields = result.labels, result.sizes, result.confidences, result.history
    if PLAIN_TYPES.issuperset(map(type, fields)):
        return result
    names = ("labels", "sizes", "confidences", "history")
    arrays: dict[str, Any] = {
        name: _plain_array(name, value, backend)
        for name, value in zip(names, fields, strict=True)
        if value is not None
    }
    return MergeResult(**arrays)


def _plain_array(name: str, value: Any, backend: str) -> AnyArray:
    """Convert an array of a result to a plain numpy array. name: of the field."""
    if isinstance(value, np.ma.MaskedArray):
        raise _error(backend, f"{name} is a masked array; return a plain array")
    try:
        return np.asarray(value)
    except Exception as error:
        reason = f"{type(error).__name__}: {one_line_error_message(error)}"
        raise _error(backend, f"{name} is not an array ({reason})") from error


def _raise_if_error(backend: str, error: str) -> None:
    """Raise ``BackendError`` unless ``error`` is empty."""
    if error:
        raise _error(backend, error)


def _error(backend: str, error: str) -> BackendError:
    return BackendError(f"backend {backend} returned what cannot be a result: {error}")


def _describe_first_wrong_label(flat: IntegerArray, wrong: BoolArray, rule: str) -> str:
    """Describe the first of the labels at which ``wrong`` is True; "" if there is none."""
    if not wrong.any():
        return ""
    vertex = int(np.argmax(wrong))
    return f"vertex {vertex} has label {flat[vertex]}; {rule}"


def _error_in_sizes_confidences_or_history(result: MergeResult, sizes: Int64Array) -> str:
    """Describe the first error in sizes, or in the dtype or length of confidences or history.

    sizes: the sizes that follow from the labels. Returns "" if there is no error.
    """
    error, segments = "", len(sizes)
    if result.sizes is not None:
        error = _dtype_or_length_error("sizes", result.sizes, INT64, segments, "labels go up to")
        error = error or _describe_first_wrong_value(
            "sizes", result.sizes, sizes, "vertices have that label"
        )
    if result.confidences is not None and not error:
        error = _dtype_or_length_error(
            "confidences", result.confidences, FLOAT64, segments, "labels go up to"
        )
    if result.history is not None and not error:
        merges = int(np.count_nonzero(result.labels)) - segments
        error = _dtype_or_length_error(
            "history", result.history, HISTORY_DTYPE, merges, "the labels took"
        )
    return error


def _dtype_or_length_error(
    name: str, got: AnyArray, dtype: np.dtype[Any], length: int, reason: str
) -> str:
    """Describe how an array differs from a 1-D array of this dtype and length; "" if it does not.

    reason: says, before the number, where the length comes from.
    """
    if got.dtype != dtype or got.ndim != 1:
        kind = "HISTORY_DTYPE" if dtype.names else dtype.name
        return f"{name} has dtype {got.dtype} and shape {got.shape}; expected {kind}, 1-D"
    if len(got) != length:
        return f"{name} has length {len(got)}; {reason} {length}"
    return ""


def _describe_first_wrong_value(name: str, got: AnyArray, expected: AnyArray, rule: str) -> str:
    """Describe the first value that differs from ``expected``; "" if there is none."""
    different = got != expected
    if np.count_nonzero(different) == 0:
        return ""
    at = int(np.argmax(different))
    return f"{name}[{at}] is {got[at].item()!r}; {expected[at].item()!r} {rule}"


def _error_in_merge(
    problem: MergeProblem, parents: list[int], before: HistoryRow, merge: HistoryRow
) -> str:
    """Describe why a merge is impossible after the merge ``before`` it; "" if it is possible.

    parents: parents[v] is the vertex that v was merged into, or v if v names a super-vertex.
    """
    stage, a, b, weight = merge
    if not (0 <= a < b < problem.num_vertices and 0 <= stage < len(problem.thresholds)):
        return "a and b must be vertices with a < b, and the stage must be a stage of the problem"
    if problem.mask is not None and not (problem.mask.flat[a] and problem.mask.flat[b]):
        return "only vertices inside the mask are merged"
    if parents[a] != a or parents[b] != b:
        return "a and b must be the smallest vertices of two super-vertices that still exist"
    if not weight >= problem.thresholds[stage]:
        return f"its weight must be at least the threshold of its stage, {problem.thresholds[stage]:.9g}"
    if weight > 1:
        return "its weight must be at most 1"
    if _is_out_of_order(before, merge):
        return (
            "rows must be in ascending order of stage, and within a stage in descending order of "
            "(weight, a, b)"
        )
    return ""


def _is_out_of_order(before: HistoryRow, merge: HistoryRow) -> bool:
    """Whether ``merge`` must not follow ``before`` in a history."""
    stage_before, a_before, b_before, weight_before = before
    stage, a, b, weight = merge
    if stage != stage_before:
        return stage < stage_before
    return (weight, a, b) >= (weight_before, a_before, b_before)
