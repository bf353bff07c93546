"""Make the graph of adjacent regions, such as the fragments of a watershed, from pixel affinities."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from merge_impls.argument_checks import as_array
from merge_impls.arrays import Int32Array, Int64Array, IntegerArray, UInt16Array
from merge_impls.edge_counts import mean_of_totals
from merge_impls.problem import MergeProblem


@dataclass(frozen=True, eq=False)
class RegionGraph:
    """A graph whose vertices are regions of pixels.

    Attributes:
        problem: the problem of explicit edges. Vertex i is the region whose first pixel in raster
            order comes i-th. Each edge stands for all pixel edges of one stage between two regions.
        vertices: int64 of the grid's shape, the vertex of each pixel; -1 outside the regions.
    """

    problem: MergeProblem
    vertices: Int64Array

    def pixel_labels(self, labels: IntegerArray) -> Int32Array:
        """Return the label of each pixel, int32 of the grid's shape; 0 outside the regions.

        Args:
            labels: (regions,), the label of each vertex, such as ``merge(graph.problem).labels``.
        """
        return np.append(labels, 0)[self.vertices].astype(np.int32)


def region_graph(
    regions: ArrayLike,
    affinities: ArrayLike,
    offsets: ArrayLike,
    stages: ArrayLike,
    thresholds: ArrayLike,
    *,
    linkage: str = "average",
) -> RegionGraph:
    """Make the graph of regions, in 2-D or 3-D, that pixel edges of any length join.

    Except under "weighted", merging it continues exactly the merge of pixels that made the regions.
    Of its result, sizes count regions, and confidences are those of pixel edges between regions.

    Args:
        regions: integers of the grid's shape, the same in the pixels of a region, 0 outside.
        affinities: (K, *shape), as in ``MergeProblem.from_grid``.
        offsets: (K, ndim), as in ``MergeProblem.from_grid``; ``canonical`` converts others.
        stages: (K,), the stage of each offset.
        thresholds: (S,), the threshold of each stage.
        linkage: how weights are computed, see ``MergeProblem``.

    Raises:
        ValueError: if a value or a shape is invalid, or if there is no region.
        TypeError: if a dtype is invalid.
    """
    given = _check_regions(regions)
    grid = MergeProblem.from_grid(
        affinities, offsets, stages, thresholds, mask=given != 0, linkage=linkage
    )
    vertices, count = _number_regions(given)
    return RegionGraph(_problem_of_regions(grid, vertices, count), vertices)


def _check_regions(regions: ArrayLike) -> IntegerArray:
    """Return regions as an array. Raises TypeError unless they are integers, ValueError if all are 0."""
    given = as_array("regions", regions)
    if given.dtype.kind not in "iu":
        raise TypeError(f"regions must be integers, 0 outside; got {given.dtype}")
    if not given.any():
        raise ValueError("regions are 0 everywhere; at least one region is needed")
    return given


def _problem_of_regions(grid: MergeProblem, vertices: Int64Array, count: int) -> MergeProblem:
    """Make the problem of ``count`` regions, which are the vertices that each pixel of a grid has."""
    edges = [
        _edges_of_stage(grid, stage, vertices.ravel()) for stage in range(len(grid.thresholds))
    ]
    ends, q, totals, counts = (np.concatenate(parts) for parts in zip(*edges, strict=True))
    return MergeProblem.from_edges(
        count,
        ends,
        q,
        np.repeat(np.arange(len(edges)), [len(each[0]) for each in edges]),
        grid.thresholds,
        linkage=grid.linkage,
        counts=counts,
        totals=totals,
    )


def _number_regions(regions: IntegerArray) -> tuple[Int64Array, int]:
    """Number the regions 0..N - 1 by their first pixels; return the number of each pixel, and N.

    The numbers are int64 of the grid's shape, -1 outside.
    """
    _, first, inverse = np.unique(regions, return_index=True, return_inverse=True)
    is_region = regions.ravel()[first] != 0
    ranks = np.full(len(first), -1, np.int64)
    order = np.argsort(first)
    order = order[is_region[order]]
    ranks[order] = np.arange(len(order))
    return ranks[inverse].reshape(regions.shape), len(order)


def _edges_of_stage(
    grid: MergeProblem, stage: int, vertices: Int64Array
) -> tuple[Int64Array, UInt16Array, Int64Array, Int64Array]:
    """Make one edge for each pair of regions that pixel edges of a stage join.

    vertices: (n,), the region of each pixel. Returns ends (M, 2), affinities, totals and counts (M,).
    """
    blocks = [np.empty((5, 0), np.int64)]
    for u, v, q in grid.edge_blocks(stage):
        a, b = vertices[u], vertices[v]
        between = a != b
        pairs = np.minimum(a, b)[between] * len(vertices) + np.maximum(a, b)[between]
        values = q[between].astype(np.int64)
        rows = np.stack([pairs, values, np.ones_like(values), values, values])
        blocks.append(_combine_equal_pairs(rows))
    pairs, totals, counts, largest, smallest = _combine_equal_pairs(np.concatenate(blocks, axis=1))
    q_of = {"single": largest, "complete": smallest}
    affinities = q_of.get(grid.linkage, mean_of_totals(totals, counts)).astype(np.uint16)
    return np.stack(np.divmod(pairs, len(vertices)), axis=1), affinities, totals, counts


def _combine_equal_pairs(edges: Int64Array) -> Int64Array:
    """Combine the edges of equal pairs.

    edges: int64 (5, M), in rows: pair, total, count, largest and smallest affinity. Returns such rows in
    ascending order of the pair, each of which occurs once.
    """
    ordered = edges[:, np.argsort(edges[0], kind="stable")]
    first = np.flatnonzero(np.diff(ordered[0], prepend=-1))
    if len(first) == 0:
        return ordered
    combine = (np.maximum, np.add, np.add, np.maximum, np.minimum)
    rows = zip(combine, ordered, strict=True)
    return np.stack([function.reduceat(row, first) for function, row in rows])
