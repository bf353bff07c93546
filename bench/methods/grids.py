"""What the adapters of others' merges share: foreground pixels as vertices, labels in raster order."""

from importlib.metadata import PackageNotFoundError, version

import numpy as np

from merge_impls import MergeProblem
from merge_impls.result import number_segments

HALF = 0.5
"""Where those of one stage cut: an affinity above it speaks for one object, one below it for two."""


def installed(distribution: str) -> str:
    """The version of a distribution, or "absent"."""
    try:
        return version(distribution)
    except PackageNotFoundError:
        return "absent"


def foreground_edges(
    problem: MergeProblem, stage: int | None = None
) -> tuple[np.ndarray, np.ndarray]:
    """Pixel edges of a stage, or of all: (M, 2) int64 vertices, the foreground's pixels numbered in
    raster order, and (M,) uint16 affinities."""
    numbers = np.cumsum(problem.foreground.ravel()) - 1
    blocks = [
        (np.stack([numbers[u], numbers[v]], axis=1), q) for u, v, q in problem.edge_blocks(stage)
    ]
    nothing = [(np.empty((0, 2), np.int64), np.empty(0, np.uint16))]
    ends, affinities = zip(*nothing, *blocks, strict=True)
    return np.concatenate(ends), np.concatenate(affinities)


def labels_of_clusters(problem: MergeProblem, clusters: np.ndarray) -> np.ndarray:
    """int32 labels, numbered in raster order, of a problem's grid.

    clusters: whatever integers tell segments apart; one for each foreground pixel, in raster order.
    """
    _, first, which = np.unique(clusters, return_index=True, return_inverse=True)
    names = np.full(problem.num_vertices, -1, np.int64)
    names[problem.foreground.ravel()] = first[which]
    return number_segments(names, problem.shape)


def labels_of_image(problem: MergeProblem, clusters: np.ndarray) -> np.ndarray:
    """The same of clusters that have the grid's shape."""
    return labels_of_clusters(problem, clusters[problem.mask])
