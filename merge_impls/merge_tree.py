"""The merges of a result as a tree: its linkage matrix, and its segments at a higher threshold."""

import numpy as np
from numpy.typing import ArrayLike

from merge_impls.arrays import (
    Float32Array,
    Float64Array,
    Int64Array,
    IntegerArray,
    StructuredArray,
)
from merge_impls.fixed_point_affinities import thresholds_to_float32
from merge_impls.result import CompleteResult, MergeResult, number_segments, segment_sizes

MAX_LEAVES = 1_000_000
"""The most vertices of a linkage matrix. With so many, it takes 32 MB and some seconds."""

HEIGHT_BETWEEN_SEGMENTS = 2.0
"""The height at which a linkage matrix joins the segments. The height of a merge is at most 1."""


def linkage_matrix(result: MergeResult) -> Float64Array:
    """Return the merges of a result as SciPy's linkage matrix Z, which ``dendrogram`` draws.

    Leaf i is the i-th vertex in raster order whose label is not 0. Each row of Z joins two clusters:
    their numbers, the height 1 - weight, and the number of leaves in both. The first rows are those
    of the history, in greedy order.

    SciPy expects a single tree, but the merges of N segments are N trees. N - 1 further rows join
    the segments, in the order of their labels, at the height 2.0, which is above all merges.
    So ``fcluster(Z, 1, "distance")`` finds the segments.

    Within a stage, heights never fall from row to row. They may fall from stage to stage, because
    edges of a later stage may weigh more than the last merge of the stage before. ``dendrogram``
    then draws some joints below their branches, and ``is_monotonic(Z)`` is False.

    Args:
        result: a result with a history.

    Returns:
        float64 (leaves - 1, 4); (0, 4) if there is no leaf.

    Raises:
        ValueError: if the result has no history, or more than 1,000,000 leaves.
    """
    history = _history_of(result)
    labels = result.labels.ravel()
    leaves = np.flatnonzero(labels)
    if len(leaves) > MAX_LEAVES:
        raise ValueError(
            f"the result has {len(leaves)} vertices; a linkage matrix has at most {MAX_LEAVES}: merge "
            "a part of the image, or fragments of it (see region_graph)"
        )
    pairs, heights = _joined_pairs_and_heights(history, labels, leaves)
    clusters, sizes = _clusters_and_sizes(np.searchsorted(leaves, pairs), len(leaves))
    return np.column_stack([clusters, heights, sizes])


def _joined_pairs_and_heights(
    history: StructuredArray, labels: IntegerArray, leaves: Int64Array
) -> tuple[Int64Array, Float64Array]:
    """The names of the two clusters (M, 2) and the height (M,) of each row of a linkage matrix.

    labels: (vertices,). leaves: the vertices whose label is not 0. A cluster is named after its smallest
    vertex, so the first segment keeps its name when others join it.
    """
    first, *others = leaves[np.unique(labels[leaves], return_index=True)[1]].tolist() or [0]
    between = np.array([(first, other) for other in others], np.int64).reshape(-1, 2)
    pairs = np.concatenate([np.stack([history["a"], history["b"]], axis=1), between])
    heights = 1 - history["weight"].astype(np.float64)
    return pairs, np.append(heights, np.full(len(others), HEIGHT_BETWEEN_SEGMENTS))


def _clusters_and_sizes(pairs: Int64Array, leaves: int) -> tuple[Int64Array, Int64Array]:
    """The two clusters that each row of ``pairs`` joins (M, 2), and the size of their union (M,).

    pairs: (M, 2), the smallest leaf of each cluster, the smaller one first.
    Cluster i is leaf i for i < leaves, else what row i - leaves joined.
    """
    cluster, size = list(range(leaves)), [1] * leaves
    clusters, sizes = np.empty((len(pairs), 2), np.int64), np.empty(len(pairs), np.int64)
    for row, (a, b) in enumerate(pairs.tolist()):
        clusters[row] = sorted((cluster[a], cluster[b]))
        size[a] += size[b]
        sizes[row] = size[a]
        cluster[a] = leaves + row
    return clusters, sizes


def cut(result: CompleteResult, threshold: ArrayLike) -> MergeResult:
    """Return the segments that a higher threshold of the last stage gives, without merging again.

    These are the labels, the sizes and the history that ``merge`` returns for the same problem with
    this threshold. Confidences are None, because they need the affinities.

    Only the threshold of the last stage can be raised. A higher threshold of an earlier stage leaves
    more super-vertices to the later stages, whose edges then have other weights: this is another
    merge. A lower threshold needs merges that the history does not have.

    Args:
        result: a result with a history.
        threshold: the threshold of the last stage, in [0, 1]; or the thresholds of all stages, of
            which the earlier ones must be those of the result.

    Raises:
        ValueError: if the result has no history, if the threshold of an earlier stage differs, or if
            that of the last stage is lower than before.
        TypeError: if ``threshold`` is not a number.
    """
    history = _history_of(result)
    wanted = _check_thresholds(result.thresholds, threshold)
    last = len(wanted) - 1
    kept = history[(history["stage"] < last) | (history["weight"] >= wanted[last])]
    names = smallest_vertices(kept, result.labels)
    labels = number_segments(names.ravel(), result.labels.shape)
    return MergeResult(labels, segment_sizes(labels), history=kept, backend=result.backend)


def smallest_vertices(history: StructuredArray, labels: IntegerArray) -> Int64Array:
    """The smallest vertex of the super-vertex of each vertex after some merges; -1 for label 0.

    history: the first merges of a result, or all. labels: of the result. Returns int64 of their shape.
    """
    parents = np.arange(labels.size)
    parents[history["b"]] = history["a"]
    while (parents != parents[parents]).any():
        parents = parents[parents]
    return np.where(labels == 0, -1, parents.reshape(labels.shape))


def _check_thresholds(known: Float32Array, threshold: ArrayLike) -> Float32Array:
    """The thresholds of all stages after a cut. Raises ValueError if the history cannot be cut so."""
    given = np.atleast_1d(np.asarray(threshold))
    last = thresholds_to_float32(given)
    wanted = np.append(known[:-1], last) if given.size == 1 else last
    if len(wanted) != len(known):
        raise ValueError(
            f"threshold has {len(wanted)} values; the result has {len(known)} stages: give the threshold of "
            "the last stage, or one for each stage"
        )
    changed = np.flatnonzero(wanted[:-1] != known[:-1])
    if changed.size:
        stage = int(changed[0])
        raise ValueError(
            f"threshold[{stage}] is {wanted[stage]:.6g}, but the result has {known[stage]:.6g}; only the "
            "last stage can be cut, so merge the problem again"
        )
    if wanted[-1] < known[-1]:
        raise ValueError(
            f"threshold {wanted[-1]:.6g} is below {known[-1]:.6g}, that of the result; the history has no "
            "merges below it, so merge the problem again"
        )
    return wanted


def _history_of(result: MergeResult) -> StructuredArray:
    """The history of a result. Raises ValueError if it has none."""
    if result.history is None:
        raise ValueError(
            "the result has no history; merge with a backend that records it, such as c"
        )
    return result.history
