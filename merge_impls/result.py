"""What a merge gives, and how what a backend leaves out is derived from its labels."""

from dataclasses import dataclass

import numpy as np

from merge_impls.argument_checks import one_line
from merge_impls.arrays import Float64Array, Int64Array
from merge_impls.fixed_point import ONE
from merge_impls.problem import MergeProblem
from merge_impls.verification import (
    form_fault,
    history_fault,
    labels_fault,
    value_fault,
)

HISTORY_DTYPE = np.dtype(
    [("stage", np.int32), ("a", np.int64), ("b", np.int64), ("weight", np.float32)]
)
"""One row a merge: stage, names a < b of the two ends (the smallest vertex in each), weight."""


@dataclass(frozen=True, eq=False)
class MergeResult:
    """The segments of a problem.

    labels: int32 of the problem's shape; 0 outside the mask, segments 1..N in raster order of first
        vertex.
    sizes: int64 (N,), the vertices of segment i + 1 at [i].
    confidences: float64 (N,), the mean affinity of all pixel edges, of all stages, inside segment
        i + 1; 0.0 where there is none.
    history: (merges,) of ``HISTORY_DTYPE`` in greedy order; None if the backend keeps none.
    backend: who computed it.
    """

    labels: np.ndarray
    sizes: np.ndarray | None = None
    confidences: np.ndarray | None = None
    history: np.ndarray | None = None
    backend: str = ""


@dataclass(frozen=True, eq=False)
class CompleteResult(MergeResult):
    """What ``merge`` gives: a result whose sizes and confidences are there."""

    sizes: Int64Array
    confidences: Float64Array


class BackendError(RuntimeError):
    """A backend returned something that cannot be a result of the problem."""


def complete(
    problem: MergeProblem, returned: MergeResult | np.ndarray, backend: str, verify: bool = False
) -> CompleteResult:
    """The result of ``backend``, which may have returned no more than labels (of any integer type).

    Its arrays are plain ones, whatever was returned in their place.
    Sizes and confidences are derived where they are missing; a history cannot be. Labels, sizes and
    the form of the rest are always checked; with ``verify`` confidences are computed anew and the
    history is followed. Raises ``BackendError`` with the first fault; whether the result is the
    right one is not asked here.
    """
    result = _plain(returned, backend)
    _refuse(backend, labels_fault(problem, result.labels))
    labels = result.labels.astype(np.int32, copy=False)
    sizes = segment_sizes(labels)
    _refuse(backend, _rest_fault(result, sizes))
    confidences = result.confidences
    if confidences is None or verify:
        confidences = segment_confidences(problem, labels)
    if verify and result.confidences is not None:
        rule = "is the mean of all pixel edges inside, of all stages"
        _refuse(backend, value_fault("confidences", result.confidences, confidences, rule))
    if verify and result.history is not None:
        _refuse(backend, history_fault(problem, result.history, labels))
    return CompleteResult(labels, sizes, confidences, result.history, backend)


def _plain(returned: MergeResult | np.ndarray, backend: str) -> MergeResult:
    """What was returned without classes of the backend's own, which whoever unpickles it would have
    to import."""
    result = returned if isinstance(returned, MergeResult) else MergeResult(returned)
    rest = {name: getattr(result, name) for name in ("sizes", "confidences", "history")}
    kept = {name: value for name, value in rest.items() if value is not None}
    arrays = {}
    for name, value in {"labels": result.labels, **kept}.items():
        if isinstance(value, np.ma.MaskedArray):
            _refuse(backend, f"{name} is a masked array; every value of it has to count")
        try:
            arrays[name] = np.asarray(value)
        except Exception as error:
            _refuse(backend, f"{name} is no array ({type(error).__name__}: {one_line(error)})")
    return MergeResult(**arrays, backend=backend)


def _rest_fault(result: MergeResult, sizes: np.ndarray) -> str:
    """What is wrong with sizes, or with the form of the rest, given the sizes of the labels."""
    fault, segments, merges = "", len(sizes), int(sizes.sum()) - len(sizes)
    if result.sizes is not None:
        fault = form_fault("sizes", result.sizes, sizes.dtype, segments, "labels go up to")
        fault = fault or value_fault("sizes", result.sizes, sizes, "vertices have that label")
    if result.confidences is not None and not fault:
        double = np.dtype(np.float64)
        fault = form_fault("confidences", result.confidences, double, segments, "labels go up to")
    if result.history is not None and not fault:
        fault = form_fault("history", result.history, HISTORY_DTYPE, merges, "the labels took")
    return fault


def _refuse(backend: str, fault: str) -> None:
    if fault:
        raise BackendError(f"backend {backend} returned what cannot be a result: {fault}")


def segment_sizes(labels: np.ndarray) -> np.ndarray:
    """(N,) int64, the vertices that carry label i + 1 at [i]; N is the largest label."""
    return np.bincount(labels.ravel(), minlength=1)[1:].astype(np.int64, copy=False)


def segment_confidences(problem: MergeProblem, labels: np.ndarray) -> np.ndarray:
    """(N,) float64, the mean affinity of the pixel edges inside each segment (section 3.4)."""
    num_labels = int(labels.max()) + 1
    flat = labels.ravel()
    totals = np.zeros(num_labels, np.int64)
    counts = np.zeros(num_labels, np.int64)
    for u, v, q in problem.edge_blocks():
        inside = flat[u] == flat[v]
        label = flat[u][inside]
        counts += np.bincount(label, minlength=num_labels)
        # Float sums of integers are exact below 2**53, and a block stays far below that.
        totals += np.bincount(label, q[inside], num_labels).astype(np.int64)
    return mean_affinities(totals[1:], counts[1:])


def mean_affinities(totals: np.ndarray, counts: np.ndarray) -> np.ndarray:
    """total / (65535 * count) in one float64 division, 0.0 where the count is 0."""
    means = np.zeros(len(totals), np.float64)
    np.divide(totals, ONE * counts, out=means, where=counts > 0)
    return means


def number_segments(names: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """int32 labels of ``shape`` from the name of each vertex's segment, (n,) with -1 outside the
    mask.

    A segment's name is its smallest vertex, so names in ascending order are segments in raster
    order.
    """
    labels = np.zeros(len(names), np.int32)
    foreground = names >= 0
    labels[foreground] = np.unique(names[foreground], return_inverse=True)[1] + 1
    return labels.reshape(shape)
