"""Helpers of the modules that call other libraries: edges of a problem as arrays, and clusters as labels."""

from importlib.metadata import PackageNotFoundError, version

import numpy as np

from merge_impls import MergeProblem
from merge_impls.arrays import Int32Array, Int64Array, IntegerArray, UInt16Array
from merge_impls.result import number_segments

SINGLE_STAGE_THRESHOLD = 0.5
"""The threshold of methods with one stage: affinities above it make the same object more likely than not."""


def installed_version(distribution: str) -> str:
    """The installed version of a Python package, or "absent"."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "absent"


def grid_offsets(problem: MergeProblem) -> Int64Array:
    """The offsets (K, ndim) int64 of a problem on a grid. Raises ValueError for a problem given by edges."""
    if problem.offsets is None:
        raise ValueError(
            "the problem is given by edges, not on a grid; use a method that merges graphs"
        )
    return problem.offsets


def foreground_edges(
    problem: MergeProblem, stage: int | None = None
) -> tuple[Int64Array, UInt16Array]:
    """The pixel edges of a stage, or of all stages if ``stage`` is None.

    Returns the two vertices of each edge, (M, 2) int64, and the affinities, (M,) uint16. Vertices are the
    foreground pixels, numbered from 0 in raster order.
    """
    numbers = np.cumsum(problem.foreground.ravel()) - 1
    blocks = [
        (np.stack([numbers[u], numbers[v]], axis=1), q) for u, v, q in problem.edge_blocks(stage)
    ]
    nothing = [(np.empty((0, 2), np.int64), np.empty(0, np.uint16))]
    ends, affinities = zip(*nothing, *blocks, strict=True)
    return np.concatenate(ends), np.concatenate(affinities)


def labels_of_clusters(problem: MergeProblem, clusters: IntegerArray) -> Int32Array:
    """Convert clusters to labels (int32) in the shape of the problem's grid.

    Labels are 1, 2, ... in the raster order of the first pixel of each cluster, and 0 in the background.

    clusters: the cluster of each foreground pixel, in raster order; any integers.
    """
    _, first, which = np.unique(clusters, return_index=True, return_inverse=True)
    names = np.full(problem.num_vertices, -1, np.int64)
    names[problem.foreground.ravel()] = first[which]
    return number_segments(names, problem.shape)


def labels_of_cluster_map(problem: MergeProblem, clusters: IntegerArray) -> Int32Array:
    """Convert clusters in the shape of the problem's grid to labels; see ``labels_of_clusters``."""
    return labels_of_clusters(problem, clusters[problem.foreground])
