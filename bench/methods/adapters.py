"""What the adapters of other libraries share: foreground pixels as vertices, labels in raster order."""

from importlib.metadata import PackageNotFoundError, version

import numpy as np

from merge_impls import MergeProblem
from merge_impls.arrays import Int32Array, Int64Array, IntegerArray, UInt16Array
from merge_impls.result import number_segments

SINGLE_STAGE_THRESHOLD = 0.5
"""The threshold of methods with one stage: pixels with an affinity above it are more likely one object."""


def installed_version(distribution: str) -> str:
    """The version of a distribution, or "absent"."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "absent"


def grid_offsets(problem: MergeProblem) -> Int64Array:
    """The offsets of a grid, (K, ndim) int64; raises ValueError for a graph given by its edges."""
    if problem.offsets is None:
        raise ValueError("the problem is no grid; use a backend that merges graphs")
    return problem.offsets


def foreground_edges(
    problem: MergeProblem, stage: int | None = None
) -> tuple[Int64Array, UInt16Array]:
    """Pixel edges of a stage, or of all: (M, 2) int64 vertices, the pixels of the foreground numbered in
    raster order, and (M,) uint16 affinities."""
    numbers = np.cumsum(problem.foreground.ravel()) - 1
    blocks = [
        (np.stack([numbers[u], numbers[v]], axis=1), q) for u, v, q in problem.edge_blocks(stage)
    ]
    nothing = [(np.empty((0, 2), np.int64), np.empty(0, np.uint16))]
    ends, affinities = zip(*nothing, *blocks, strict=True)
    return np.concatenate(ends), np.concatenate(affinities)


def labels_of_clusters(problem: MergeProblem, clusters: IntegerArray) -> Int32Array:
    """Labels of a problem's grid, int32, numbered in raster order.

    clusters: for each foreground pixel in raster order, any integer that names its segment.
    """
    _, first, which = np.unique(clusters, return_index=True, return_inverse=True)
    names = np.full(problem.num_vertices, -1, np.int64)
    names[problem.foreground.ravel()] = first[which]
    return number_segments(names, problem.shape)


def labels_of_image(problem: MergeProblem, clusters: IntegerArray) -> Int32Array:
    """As ``labels_of_clusters``, of clusters that have the grid's shape."""
    return labels_of_clusters(problem, clusters[problem.foreground])
