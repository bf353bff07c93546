"""What a backend returned: checked against its problem, and completed.

A check finds what contradicts the problem or the result itself; whether the result is the right one
is a question for the conformance kit.
"""

from typing import Any

import numpy as np

from merge_impls.argument_checks import one_line_message
from merge_impls.arrays import AnyArray, BoolArray, Int64Array, IntegerArray, StructuredArray
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


def check_and_complete(
    problem: MergeProblem, returned: MergeResult | AnyArray, backend: str, verify: bool = False
) -> CompleteResult:
    """The result of ``backend``, which may have returned no more than labels (of any integer type).

    Its arrays are plain ones, whatever was returned in their place. Sizes and confidences are
    derived where they are missing; a history cannot be. Labels, sizes and the dtypes and lengths of
    the rest are always checked; with ``verify`` confidences are computed anew and the history is
    replayed. Raises ``BackendError`` with the first error found.
    """
    result = _with_plain_arrays(returned, backend)
    _raise_if_error(backend, error_in_labels(problem, result.labels))
    labels = result.labels.astype(np.int32, copy=False)
    sizes = segment_sizes(labels)
    _raise_if_error(backend, _error_beyond_labels(result, sizes))
    confidences = result.confidences
    if confidences is None or verify:
        confidences = segment_confidences(problem, labels)
    if verify and result.confidences is not None:
        rule = "is the mean of all pixel edges inside, of all stages"
        _raise_if_error(
            backend, _first_wrong_value("confidences", result.confidences, confidences, rule)
        )
    if verify and result.history is not None:
        _raise_if_error(backend, error_in_history(problem, result.history, labels))
    return CompleteResult(labels, sizes, confidences, result.history, backend)


def error_in_labels(problem: MergeProblem, labels: IntegerArray) -> str:
    """What is wrong with labels as labels of ``problem``, "" if nothing is."""
    if labels.shape != problem.shape or labels.dtype.kind not in "iu":
        return f"labels are {labels.dtype} {labels.shape}; expected int32 {problem.shape}"
    flat, inside = labels.ravel(), problem.foreground.ravel()
    error = _first_wrong_label(flat, flat < 0, "labels start at 0")
    error = error or _first_wrong_label(
        flat, (flat != 0) & ~inside, "it lies outside the mask and must be 0"
    )
    error = error or _first_wrong_label(
        flat, (flat == 0) & inside, "every vertex needs a segment, at least 1"
    )
    # Numbered by first vertex, a label is at most one more than all before it.
    highest = np.maximum.accumulate(flat[inside])
    early = np.zeros(flat.shape, np.bool_)
    early[inside] = flat[inside] > np.append(0, highest[:-1]) + 1
    rule = "segments are numbered 1, 2, ... in raster order of their first vertex"
    return error or _first_wrong_label(flat, early, rule)


def error_in_history(problem: MergeProblem, history: StructuredArray, labels: IntegerArray) -> str:
    """The first merge that cannot have been, or the first vertex whose label is not that of the
    merges; "" if there is none."""
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
        # A parent is smaller than its child, so its own has been looked up by now.
        parents[vertex] = parents[parent]
        if flat[vertex] != flat[parents[vertex]]:
            return f"labels put vertex {vertex} elsewhere than history, with {parents[vertex]}"
    return ""


def _with_plain_arrays(returned: MergeResult | AnyArray, backend: str) -> MergeResult:
    """The result with plain arrays, which another process can unpickle without the backend's classes."""
    result = returned if isinstance(returned, MergeResult) else MergeResult(returned)
    rest = {name: getattr(result, name) for name in ("sizes", "confidences", "history")}
    kept = {name: value for name, value in rest.items() if value is not None}
    arrays = {}
    for name, value in {"labels": result.labels, **kept}.items():
        if isinstance(value, np.ma.MaskedArray):
            _raise_if_error(backend, f"{name} is a masked array; every value of it has to count")
        try:
            arrays[name] = np.asarray(value)
        except Exception as error:
            _raise_if_error(
                backend, f"{name} is no array ({type(error).__name__}: {one_line_message(error)})"
            )
    return MergeResult(**arrays, backend=backend)


def _raise_if_error(backend: str, error: str) -> None:
    """Raise ``BackendError`` unless ``error`` is empty."""
    if error:
        raise BackendError(f"backend {backend} returned what cannot be a result: {error}")


def _first_wrong_label(flat: IntegerArray, wrong: BoolArray, rule: str) -> str:
    if not wrong.any():
        return ""
    vertex = int(np.argmax(wrong))
    return f"vertex {vertex} has label {flat[vertex]}; {rule}"


def _error_beyond_labels(result: MergeResult, sizes: Int64Array) -> str:
    """What is wrong with sizes, or with the form of the rest, given the sizes of the labels."""
    error, segments, merges = "", len(sizes), int(sizes.sum()) - len(sizes)
    if result.sizes is not None:
        error = _dtype_or_length_error(
            "sizes", result.sizes, sizes.dtype, segments, "labels go up to"
        )
        error = error or _first_wrong_value(
            "sizes", result.sizes, sizes, "vertices have that label"
        )
    if result.confidences is not None and not error:
        double = np.dtype(np.float64)
        error = _dtype_or_length_error(
            "confidences", result.confidences, double, segments, "labels go up to"
        )
    if result.history is not None and not error:
        error = _dtype_or_length_error(
            "history", result.history, HISTORY_DTYPE, merges, "the labels took"
        )
    return error


def _dtype_or_length_error(
    name: str, got: AnyArray, dtype: np.dtype[Any], length: int, reason: str
) -> str:
    """What is wrong with the dtype or the length of a row of values, "" if nothing is."""
    if got.dtype != dtype or got.ndim != 1:
        kind = "HISTORY_DTYPE" if dtype.names else dtype.name
        return f"{name} has dtype {got.dtype} and shape {got.shape}; expected {kind}, 1-D"
    if len(got) != length:
        return f"{name} has length {len(got)}; {reason} {length}"
    return ""


def _first_wrong_value(name: str, got: AnyArray, expected: AnyArray, rule: str) -> str:
    """The first value that is not the one that follows from the labels, "" if there is none."""
    different = got != expected
    if not different.any():
        return ""
    at = int(np.argmax(different))
    return f"{name}[{at}] is {got[at].item()!r}; {expected[at].item()!r} {rule}"


def _error_in_merge(
    problem: MergeProblem, parents: list[int], before: HistoryRow, merge: HistoryRow
) -> str:
    """What is wrong with a merge after the one before it, "" if nothing is.

    parents: for each vertex the super-vertex that it went into, itself if it names one.
    """
    stage, a, b, weight = merge
    if not (0 <= a < b < problem.num_vertices and 0 <= stage < len(problem.thresholds)):
        return "names are vertices a < b, and stages those of the thresholds"
    if problem.mask is not None and not (problem.mask.flat[a] and problem.mask.flat[b]):
        return "only vertices inside the mask are merged"
    if parents[a] != a or parents[b] != b:
        return "a super-vertex is named by the smallest vertex in it, until it goes into another"
    if not weight >= problem.thresholds[stage]:
        return f"the threshold of its stage is {problem.thresholds[stage]:.9g}"
    if weight > 1:
        return "a mean of affinities is at most 1"
    stage_before, a_before, b_before, weight_before = before
    if stage < stage_before or (
        stage == stage_before and (weight, a, b) >= (weight_before, a_before, b_before)
    ):
        return "stages rise, and within one (weight, a, b) falls"
    return ""
