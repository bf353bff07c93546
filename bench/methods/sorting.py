"""Yardsticks: what numpy takes to sort the weights of all pixel edges, which merges nothing."""

from typing import Any

import numpy as np

from merge_impls import Backend, MergeProblem
from merge_impls.fixed_point import ONE
from merge_impls.result import number_segments

_NUMPY: dict[str, Any] = {
    "version": np.__version__,
    "finish": "bench.methods.sorting:nothing_merged",
    "linkages": ("average",),
    "dimensions": (2, 3),
}

SORT = Backend(
    name="np.sort",
    description="nothing but sorting all edges' weights, float32",
    function="bench.methods.sorting:sort",
    prepare="bench.methods.sorting:weights",
    **_NUMPY,
)

RADIX_SORT = Backend(
    name="numpy radix sort",
    description="nothing but sorting all edges' weights, uint16",
    function="bench.methods.sorting:radix_sort",
    prepare="bench.methods.sorting:affinities",
    **_NUMPY,
)


def affinities(problem: MergeProblem) -> np.ndarray:
    """uint16 of all pixel edges."""
    return np.concatenate([q for _, _, q in problem.edge_blocks()])


def weights(problem: MergeProblem) -> np.ndarray:
    """float32 of all pixel edges."""
    return affinities(problem) / np.float32(ONE)


def sort(values: np.ndarray) -> np.ndarray:
    return np.sort(values)


def radix_sort(values: np.ndarray) -> np.ndarray:
    """What numpy does for "stable" with integers of 16 bits."""
    return np.sort(values, kind="stable")


def nothing_merged(problem: MergeProblem, _: np.ndarray) -> np.ndarray:
    """Labels where every pixel is a segment of its own."""
    pixels = np.arange(problem.num_vertices)
    return number_segments(np.where(problem.foreground.ravel(), pixels, -1), problem.shape)
