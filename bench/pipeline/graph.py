"""The graph G = (V, E) of a region that is merged (section 3.4)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bench.pipeline.config import PipelineConfig
from bench.pipeline.local_merge import BlockGraph
from bench.pipeline.prediction import Prediction
from bench.pipeline.regions import Region
from merge_impls import CompleteResult, MergeProblem
from merge_impls.arrays import BoolArray, Float32Array


@dataclass(frozen=True)
class Graph:
    """A merge problem, and how its labels go back to pixels.

    mask: (H, W) bool, the pixels that the graph holds.
    block_size: a vertex is a block of so many pixels square (section 4.4); 1: it is a pixel.
    blocks: the graph of the blocks; None where a vertex is a pixel.
    """

    problem: MergeProblem
    mask: BoolArray
    block_size: int = 1
    blocks: BlockGraph | None = None

    @property
    def vertices(self) -> int:
        """The number of vertices in the foreground."""
        return int(self.vertex_mask().sum())

    def count_segments(self, result: CompleteResult) -> int:
        """The number of segments of a result, without the vertices outside the mask."""
        outside = 0 if self.blocks is None else self.blocks.mask.size - self.vertices
        return len(result.sizes) - outside

    def vertex_mask(self) -> BoolArray:
        """(rows, columns) bool: where the vertices lie, pixels or blocks."""
        return self.mask if self.blocks is None else self.blocks.mask


@dataclass(frozen=True)
class RegionGraph:
    """A region of an image with its prediction and its graph."""

    region: Region
    prediction: Prediction
    graph: Graph

    def with_merge_settings(self, linkage: str, thresholds: Sequence[float]) -> "RegionGraph":
        """The same graph with another linkage and other thresholds."""
        problem = self.graph.problem.replace(linkage=linkage, thresholds=thresholds)
        return replace(self, graph=replace(self.graph, problem=problem))

    def with_merge_result(self, merge: CompleteResult) -> "RegionResult":
        """The region with the result of its merge."""
        return RegionResult(self.region, self.prediction, self.graph, merge)


@dataclass(frozen=True)
class RegionResult(RegionGraph):
    """A region of an image with its prediction, its graph and the result of merging this graph."""

    merge: CompleteResult


def build_graph(
    affinity: Float32Array, mask: BoolArray, blocks: BlockGraph | None, config: PipelineConfig
) -> Graph:
    """The graph of the pixels in ``mask`` (H, W) bool, or of the blocks that were merged from them.

    affinity: (K, H, W) float32 refined affinities of ``config.offsets``. They are rounded to the contract's
    uint16 fixed point: all backends get the same integers. blocks: from ``merge_blocks``, with the same mask.
    """
    if blocks is not None:
        problem = block_problem(blocks, config.stage_thresholds, config.linkage)
        return Graph(problem, mask, config.flm, blocks)
    problem = MergeProblem.from_grid(
        affinity,
        np.asarray(config.offsets),
        np.asarray(config.stage_numbers),
        config.stage_thresholds,
        mask=mask,
        linkage=config.linkage,
    )
    return Graph(problem, mask)


def block_problem(
    blocks: BlockGraph, thresholds: Sequence[float] | Float32Array, linkage: str
) -> MergeProblem:
    """The merge problem of a graph of blocks."""
    return MergeProblem.from_edges(
        blocks.mask.size,
        blocks.edges,
        blocks.affinities,
        blocks.stages,
        thresholds,
        linkage=linkage,
    )
