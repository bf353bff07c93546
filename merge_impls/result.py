"""The result of a merge, and how sizes and confidences are derived from labels."""

from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from merge_impls.arrays import (
    Float64Array,
    Int32Array,
    Int64Array,
    IntegerArray,
    StructuredArray,
)
from merge_impls.fixed_point_affinities import ONE
from merge_impls.problem import MergeProblem

HISTORY_DTYPE = np.dtype(
    [("stage", np.int32), ("a", np.int64), ("b", np.int64), ("weight", np.float32)]
)
"""One row a merge: stage, names a < b of the two ends (the smallest vertex in each), weight."""

HistoryRow: TypeAlias = tuple[int, int, int, float]
"""A row of a history: stage, a, b, weight."""


@dataclass(frozen=True, eq=False)
class MergeResult:
    """The segments of a problem, as a backend returns them.

    labels: int32 of the problem's shape; 0 outside the mask, segments 1..N in raster order of first
        vertex.
    sizes: int64 (N,), the vertices of segment i + 1 at [i].
    confidences: float64 (N,), the mean affinity of all pixel edges, of all stages, inside segment
        i + 1; 0.0 where there is none (section 3.4).
    history: (merges,) of ``HISTORY_DTYPE`` in greedy order; None if the backend keeps none.
    backend: the name of the backend that computed it.
    """

    labels: Int32Array
    sizes: Int64Array | None = None
    confidences: Float64Array | None = None
    history: StructuredArray | None = None
    backend: str = ""


@dataclass(frozen=True, eq=False)
class CompleteResult(MergeResult):
    """What ``merge`` returns: a result whose sizes and confidences are never None."""

    sizes: Int64Array
    confidences: Float64Array


def format_merge(merge: HistoryRow) -> str:
    """A merge as text; nine digits distinguish any two float32 weights."""
    stage, a, b, weight = merge
    return f"stage {stage} ({a}, {b}) at {weight:.9g}"


def segment_sizes(labels: IntegerArray) -> Int64Array:
    """(N,) int64, the vertices that carry label i + 1 at [i]; N is the largest label."""
    return np.bincount(labels.ravel(), minlength=1)[1:].astype(np.int64, copy=False)


def segment_confidences(problem: MergeProblem, labels: IntegerArray) -> Float64Array:
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


def mean_affinities(totals: IntegerArray, counts: IntegerArray) -> Float64Array:
    """total / (65535 * count) in one float64 division, 0.0 where the count is 0."""
    means = np.zeros(len(totals), np.float64)
    np.divide(totals, ONE * counts, out=means, where=counts > 0)
    return means


def number_segments(names: IntegerArray, shape: tuple[int, ...]) -> Int32Array:
    """int32 labels of ``shape``, from the name of each vertex's segment.

    names: (n,); a segment is named by its smallest vertex, and -1 stands outside the mask. So the
    ascending order of names is the raster order of segments.
    """
    labels = np.zeros(len(names), np.int32)
    foreground = names >= 0
    labels[foreground] = np.unique(names[foreground], return_inverse=True)[1] + 1
    return labels.reshape(shape)
