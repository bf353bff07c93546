"""The sorting floor: what numpy takes to sort the weights of all pixel edges, without a merge."""

from typing import Any

import numpy as np

from merge_impls import Backend, MergeProblem
from merge_impls.arrays import AnyArray, Float32Array, Int32Array, UInt16Array
from merge_impls.fixed_point_affinities import ONE
from merge_impls.result import number_segments

_NUMPY: dict[str, Any] = {
    "version": np.__version__,
    "finish": "bench.methods.sorting_floor:nothing_merged",
    "linkages": ("average",),
    "dimensions": (2, 3),
}

SORT = Backend(
    name="np.sort",
    description="nothing but sorting all edges' weights, float32",
    function="bench.methods.sorting_floor:sort",
    prepare="bench.methods.sorting_floor:weights",
    **_NUMPY,
)

RADIX_SORT = Backend(
    name="numpy radix sort",
    description="nothing but sorting all edges' weights, uint16",
    function="bench.methods.sorting_floor:radix_sort",
    prepare="bench.methods.sorting_floor:affinities",
    **_NUMPY,
)


def affinities(problem: MergeProblem) -> UInt16Array:
    """The affinities of all pixel edges, (M,) uint16."""
    return np.concatenate([q for _, _, q in problem.edge_blocks()])


def weights(problem: MergeProblem) -> Float32Array:
    """The affinities of all pixel edges in [0, 1], (M,) float32."""
    scaled: Float32Array = np.divide(affinities(problem), np.float32(ONE), dtype=np.float32)
    return scaled


def sort(values: Float32Array) -> Float32Array:
    """The values in rising order."""
    return np.sort(values)


def radix_sort(values: UInt16Array) -> UInt16Array:
    """The values in rising order; numpy sorts integers of 16 bits by radix for "stable"."""
    return np.sort(values, kind="stable")


def nothing_merged(problem: MergeProblem, _: AnyArray) -> Int32Array:
    """Labels where every pixel is a segment of its own."""
    pixels = np.arange(problem.num_vertices)
    return number_segments(np.where(problem.foreground.ravel(), pixels, -1), problem.shape)
