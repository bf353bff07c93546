"""The result of a merge, and functions that compute sizes, confidences and labels."""

from dataclasses import KW_ONLY, dataclass
from typing import TypeAlias

import numpy as np

from merge_impls.arrays import (
    Float32Array,
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
"""The dtype of a history, which has one row for each merge.

The fields are the stage of the merge (int32), the names a < b of the two super-vertices (int64), and
the weight of the edge between them (float32). A super-vertex is named after its smallest vertex.
"""

HistoryRow: TypeAlias = tuple[int, int, int, float]
"""One row of a history as a tuple (stage, a, b, weight)."""


@dataclass(frozen=True, eq=False)
class MergeResult:
    """The segments of a problem, as a backend returns them.

    A backend may leave out everything but the labels.

    Attributes:
        labels: int32 of the problem's shape, 0 outside the mask. The segments are numbered 1..N in
            raster order of their first vertices.
        sizes: int64 (N,); sizes[i] is the number of vertices of segment i + 1.
        confidences: float64 (N,); confidences[i] is the mean affinity of all pixel edges, of all
            stages, with both ends in segment i + 1 (section 3.4), or 0.0 if there is no such edge.
        history: (merges,) of ``HISTORY_DTYPE``, in the greedy order of CONTRACT.md; None if the
            backend does not record it.
        backend: the name of the backend that computed the result.
    """

    labels: Int32Array
    sizes: Int64Array | None = None
    confidences: Float64Array | None = None
    history: StructuredArray | None = None
    backend: str = ""


@dataclass(frozen=True, eq=False)
class CompleteResult(MergeResult):
    """The result that ``merge`` returns: a ``MergeResult`` whose sizes and confidences are not None.

    Attributes:
        thresholds: float32 (S,), the threshold of each stage of the problem.
    """

    sizes: Int64Array
    confidences: Float64Array
    _: KW_ONLY
    thresholds: Float32Array


def format_merge(merge: HistoryRow) -> str:
    """Format one merge of a history. Different float32 weights get different texts."""
    stage, a, b, weight = merge
    return f"stage {stage} ({a}, {b}) at {weight:.9g}"


def segment_sizes(labels: IntegerArray) -> Int64Array:
    """Count the vertices of each segment: int64 (N,), where [i] belongs to label i + 1."""
    return np.bincount(labels.ravel(), minlength=1)[1:].astype(np.int64, copy=False)


def segment_confidences(problem: MergeProblem, labels: IntegerArray) -> Float64Array:
    """Compute the mean affinity of the pixel edges inside each segment (section 3.4): float64 (N,).

    An edge with a count is as many pixel edges.
    """
    num_labels = int(labels.max()) + 1
    flat = labels.ravel()
    totals = np.zeros(num_labels, np.int64)
    counts = np.zeros(num_labels, np.int64)
    # bincount adds in float64, which is exact for integers up to 2**53: no sum of totals is larger.
    for u, v, _, total, count in problem.counted_edge_blocks():
        inside = flat[u] == flat[v]
        label = flat[u][inside]
        counts += np.bincount(label, count[inside], num_labels).astype(np.int64)
        totals += np.bincount(label, total[inside], num_labels).astype(np.int64)
    return mean_affinities_from_sums(totals[1:], counts[1:])


def mean_affinities_from_sums(totals: IntegerArray, counts: IntegerArray) -> Float64Array:
    """Compute total / (65535 * count) with one float64 division; 0.0 where the count is 0."""
    means = np.zeros(len(totals), np.float64)
    np.divide(totals, ONE * counts, out=means, where=counts > 0)
    return means


def number_segments(names: IntegerArray, shape: tuple[int, ...]) -> Int32Array:
    """Number the segments 1..N in raster order; return int32 labels of ``shape``.

    names: (n,), for each vertex the smallest vertex of its segment, or -1 outside the mask.
    """
    # The ascending order of names is the raster order of the first vertices.
    labels = np.zeros(len(names), np.int32)
    foreground = names >= 0
    labels[foreground] = np.unique(names[foreground], return_inverse=True)[1] + 1
    return labels.reshape(shape)
