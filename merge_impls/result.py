"""What a merge gives, and how what a backend leaves out is derived from its labels."""

from dataclasses import dataclass, replace

import numpy as np

from merge_impls.fixed_point import ONE
from merge_impls.pixel_edges import pixel_edges
from merge_impls.problem import MergeProblem

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


class BackendError(RuntimeError):
    """A backend returned something that cannot be a result of the problem."""


def complete(
    problem: MergeProblem, returned: MergeResult | np.ndarray, backend: str
) -> MergeResult:
    """The result of ``backend``, which may have returned no more than labels.

    Sizes and confidences are derived where they are missing; a history cannot be. Raises
    ``BackendError`` if the labels cannot be labels of the problem. Whether they are the right ones
    is not asked here.
    """
    result = (
        returned if isinstance(returned, MergeResult) else MergeResult(labels=np.asarray(returned))
    )
    labels = result.labels
    if labels.shape != problem.shape or labels.dtype.kind not in "iu":
        raise BackendError(
            f"backend {backend} returned labels {labels.dtype} {labels.shape}; "
            f"expected int32 {problem.shape}"
        )
    if labels.min() < 0 or labels.max() > problem.num_vertices:
        raise BackendError(
            f"backend {backend} returned labels {labels.min()}..{labels.max()}; "
            f"expected 0..{problem.num_vertices} at most"
        )
    labels = labels.astype(np.int32, copy=False)
    sizes = result.sizes
    if sizes is None:
        sizes = segment_sizes(labels)
    confidences = result.confidences
    if confidences is None:
        confidences = segment_confidences(problem, labels)
    return replace(result, labels=labels, sizes=sizes, confidences=confidences, backend=backend)


def segment_sizes(labels: np.ndarray) -> np.ndarray:
    """(N,) int64, the vertices that carry label i + 1 at [i]; N is the largest label."""
    return np.bincount(labels.ravel(), minlength=1)[1:].astype(np.int64, copy=False)


def segment_confidences(problem: MergeProblem, labels: np.ndarray) -> np.ndarray:
    """(N,) float64, the mean affinity of the pixel edges inside each segment (section 3.4)."""
    num_labels = int(labels.max()) + 1
    flat = labels.ravel()
    totals = np.zeros(num_labels, np.int64)
    counts = np.zeros(num_labels, np.int64)
    for u, v, q in pixel_edges(problem):
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
