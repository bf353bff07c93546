"""Sorting of all edge weights, without a merge: how fast a merge that sorts its edges could be at best."""

from typing import Any

import numpy as np

from merge_impls import Backend, MergeProblem
from merge_impls.arrays import AnyArray, Float32Array, Int32Array, UInt16Array
from merge_impls.fixed_point_affinities import ONE
from merge_impls.result import number_segments

_COMMON_FIELDS: dict[str, Any] = {
    "version": np.__version__,
    "finish": "bench.methods.sorting_floor:label_each_pixel",
    "linkages": ("average",),
    "approximate": ("average",),
    "dimensions": (2, 3),
}

SORT = Backend(
    name="np.sort",
    description="nothing but sorting all edges' weights, float32",
    function="bench.methods.sorting_floor:sort_floats",
    prepare="bench.methods.sorting_floor:edge_weights",
    **_COMMON_FIELDS,
)

RADIX_SORT = Backend(
    name="numpy radix sort",
    description="nothing but sorting all edges' weights, uint16",
    function="bench.methods.sorting_floor:sort_integers",
    prepare="bench.methods.sorting_floor:edge_affinities",
    **_COMMON_FIELDS,
)


def edge_affinities(problem: MergeProblem) -> UInt16Array:
    """The affinities of all pixel edges, (M,) uint16."""
    return np.concatenate([q for _, _, q in problem.edge_blocks()])


def edge_weights(problem: MergeProblem) -> Float32Array:
    """The affinities of all pixel edges in [0, 1], (M,) float32."""
    scaled: Float32Array = np.divide(edge_affinities(problem), np.float32(ONE), dtype=np.float32)
    return scaled


def sort_floats(values: Float32Array) -> Float32Array:
    """The values in ascending order."""
    return np.sort(values)


def sort_integers(values: UInt16Array) -> UInt16Array:
    """The values in ascending order. For "stable", numpy uses radix sort on 16-bit integers."""
    return np.sort(values, kind="stable")


def label_each_pixel(problem: MergeProblem, _: AnyArray) -> Int32Array:
    """Labels in which each foreground pixel is a separate segment."""
    pixels = np.arange(problem.num_vertices)
    return number_segments(np.where(problem.foreground.ravel(), pixels, -1), problem.shape)
