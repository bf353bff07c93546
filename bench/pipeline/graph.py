"""Builds the graph G = (V, E) of a region, whose merge gives the segments (section 3.4)."""

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
    """The merge problem of a region, and which pixels its vertices stand for.

    mask: (H, W) bool, the pixels that the graph holds.
    block_size: each vertex is a block of ``block_size`` x ``block_size`` pixels (section 4.4); 1: a pixel.
    blocks: the graph of the blocks; None if each vertex is a pixel.
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
        """The number of segments of a merge result. Blocks outside the mask, a segment each, do not count."""
        outside = 0 if self.blocks is None else self.blocks.mask.size - self.vertices
        return len(result.sizes) - outside

    def vertex_mask(self) -> BoolArray:
        """Which pixels (H, W), or which blocks (rows, columns), are vertices in the foreground; bool."""
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
        """The same region together with the result of merging its graph."""
        return RegionResult(self.region, self.prediction, self.graph, merge)


@dataclass(frozen=True)
class RegionResult(RegionGraph):
    """A region of an image with its prediction, its graph and the result of merging this graph."""

    merge: CompleteResult


def build_graph(
    affinity: Float32Array, mask: BoolArray, blocks: BlockGraph | None, config: PipelineConfig
) -> Graph:
    """The graph of the pixels in ``mask`` (H, W) bool, or of blocks of these pixels.

    affinity: (K, H, W) float32, refined affinities of ``config.graph_offsets``. They are rounded to uint16
        fixed point, so that all backends get the same integers.
    blocks: the result of ``force_local_merge`` for the same mask; None: each vertex is a pixel.
    """
    if blocks is not None:
        problem = block_problem(blocks, config.stage_thresholds, config.linkage)
        return Graph(problem, mask, config.flm, blocks)
    problem = MergeProblem.from_grid(
        affinity,
        np.asarray(config.graph_offsets),
        np.asarray(config.graph_stages),
        config.stage_thresholds,
        mask=mask,
        linkage=config.linkage,
    )
    return Graph(problem, mask)


def block_problem(
    blocks: BlockGraph, thresholds: Sequence[float] | Float32Array, linkage: str
) -> MergeProblem:
    """The merge problem of a graph of blocks. ``thresholds`` is r_w of each stage."""
    return MergeProblem.from_edges(
        blocks.mask.size,
        blocks.edges,
        blocks.affinities,
        blocks.stages,
        thresholds,
        linkage=linkage,
    )
