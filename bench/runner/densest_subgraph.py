"""Crops a graph to the window with the most foreground. On this crop the slow reference checks backends."""

import numpy as np

from bench.pipeline.graph import Graph, block_problem
from bench.pipeline.local_merge import BlockGraph
from bench.pipeline.view import Box
from bench.types import Size
from merge_impls import MergeProblem
from merge_impls.arrays import BoolArray


def densest_subgraph(graph: Graph, size: Size) -> Graph:
    """The subgraph of the vertices in the crop of ``size`` that has the most foreground.

    size: (height, width), in pixels, or in blocks if the vertices are blocks of pixels.
    """
    return subgraph_in_window(graph, densest_crop(graph.vertex_mask(), size).slices)


def subgraph_in_window(graph: Graph, window: tuple[slice, slice]) -> Graph:
    """The subgraph of the vertices in a window of ``graph.vertex_mask``."""
    problem, block = graph.problem, graph.block_size
    if graph.blocks is None:
        return Graph(problem_in_window(problem, window), graph.mask[window])
    blocks = block_graph_in_window(graph.blocks, window)
    rows, columns = (slice(part.start * block, part.stop * block) for part in window)
    cropped = block_problem(blocks, problem.thresholds, problem.linkage)
    return Graph(cropped, graph.mask[rows, columns], block, blocks)


def problem_in_window(problem: MergeProblem, window: tuple[slice, slice]) -> MergeProblem:
    """The merge problem of those pixels of ``problem``, which is on a grid, that are in ``window``."""
    return problem.replace(
        affinities=problem.affinities[:, *window], mask=problem.foreground[window]
    )


def block_graph_in_window(graph: BlockGraph, window: tuple[slice, slice]) -> BlockGraph:
    """The subgraph of the blocks in a window (rows, columns; step 1) of the grid of blocks."""
    mask = graph.mask[window]
    names = np.full(graph.shape, -1, np.int64)
    names[window] = np.arange(mask.size).reshape(mask.shape)
    edges = names.ravel()[graph.edges]
    kept = (edges >= 0).all(axis=1)
    rows, columns = mask.shape
    return BlockGraph(
        (rows, columns),
        edges[kept],
        graph.affinities[kept],
        graph.stages[kept],
        graph.counts[kept],
        mask,
    )


def densest_crop(foreground: BoolArray, size: Size) -> Box:
    """The crop of ``size`` (height, width) with the most foreground pixels.

    foreground: (H, W) bool. If several crops have equally many, the first in raster order is returned.
    """
    height, width = foreground.shape
    rows, columns = min(size[0], height), min(size[1], width)
    sums = np.pad(foreground.cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    counts = (
        sums[rows:, columns:]
        - sums[:-rows, columns:]
        - sums[rows:, :-columns]
        + sums[:-rows, :-columns]
    )
    top, left = (int(i) for i in np.unravel_index(counts.argmax(), counts.shape))
    return Box(top, left, top + rows, left + columns)
