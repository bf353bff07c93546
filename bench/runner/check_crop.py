"""The part of a graph on which the slow reference checks the other backends: a crop with much foreground."""

import numpy as np

from bench.pipeline.graph import Graph, block_problem
from bench.pipeline.local_merge import BlockGraph
from bench.pipeline.view import Box
from bench.types import Size
from merge_impls import MergeProblem
from merge_impls.arrays import BoolArray


def check_crop(graph: Graph, size: Size) -> Graph:
    """The graph of the vertices in the densest crop of ``size`` (height, width) alone, pixels or blocks."""
    return crop_graph(graph, densest_crop(graph.vertex_mask(), size).slices)


def crop_graph(graph: Graph, window: tuple[slice, slice]) -> Graph:
    """The graph of the vertices in a window of its ``vertex_mask`` alone."""
    problem, block = graph.problem, graph.block_size
    if graph.blocks is None:
        return Graph(crop_problem(problem, window), graph.mask[window])
    blocks = induced_subgraph(graph.blocks, window)
    rows, columns = (slice(part.start * block, part.stop * block) for part in window)
    cropped = block_problem(blocks, problem.thresholds, problem.linkage)
    return Graph(cropped, graph.mask[rows, columns], block, blocks)


def crop_problem(problem: MergeProblem, window: tuple[slice, slice]) -> MergeProblem:
    """The graph of the pixels in ``window`` alone, of the problem of a whole grid."""
    return problem.replace(
        affinities=problem.affinities[:, *window], mask=problem.foreground[window]
    )


def induced_subgraph(graph: BlockGraph, window: tuple[slice, slice]) -> BlockGraph:
    """The graph of the blocks in a window (rows, columns, of step 1) of the block grid alone."""
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
    """The crop of ``size`` with the most foreground (H, W) bool; of equal ones the first in raster order."""
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
