"""From the predictions of regions to the graphs G = (V, E) that are merged (sections 3.4 and 4.1)."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bench.pipeline.config import PipelineConfig
from bench.pipeline.local_merge import BlockGraph, contract_blocks, labels_to_pixels
from bench.pipeline.prediction import Prediction
from bench.pipeline.refinement import apply_refinements, most_likely_super_class
from bench.pipeline.regions import Region, resolve_overlaps
from bench.pipeline.resizing import resize_nearest
from bench.types import Size
from merge_impls import CompleteResult, MergeProblem
from merge_impls.arrays import BoolArray, Float32Array, Int32Array
from merge_impls.fixed_point_affinities import affinities_to_fixed_point


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

    def pixel_labels(self, result: CompleteResult) -> Int32Array:
        """(H, W) int32: the segment of each pixel, 1..N, 0 outside the mask."""
        if self.blocks is None:
            return result.labels
        return labels_to_pixels(result.labels, self.block_size, self.mask)

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


def build_graphs(
    regions: Sequence[Region],
    predictions: Sequence[Prediction],
    config: PipelineConfig,
    size: Size,
) -> list[RegionGraph]:
    """The graph of each region of an image of ``size`` (height, width); no pixel is in two of them."""
    masks = graph_masks(regions, predictions, config, size)
    return [
        RegionGraph(region, prediction, build_graph(prediction, mask, config))
        for region, prediction, mask in zip(regions, predictions, masks, strict=True)
    ]


def graph_masks(
    regions: Sequence[Region],
    predictions: Sequence[Prediction],
    config: PipelineConfig,
    size: Size,
) -> list[BoolArray]:
    """The pixels that the graph of each region holds (section 4.1), (H, W) bool at its prediction's size.

    A region of one super-class keeps the pixels that are predicted to be of that super-class. Any other
    region keeps its foreground, or with ``mask`` off all its pixels. With ``scp`` a pixel that regions of
    several super-classes claim goes to one of them (section 4.5).
    """
    masks, claims = [], []
    for region, prediction in zip(regions, predictions, strict=True):
        super_class, probability = most_likely_super_class(
            prediction.semantic, config.super_class_channels
        )
        mask = resize_nearest(region.pixels, prediction.size)
        if region.super_class:
            mask = mask & (super_class == region.super_class)
        elif config.mask:
            mask = mask & (super_class > 0)
        masks.append(mask)
        original = prediction.original_size
        own = resize_nearest(mask, original), resize_nearest(probability, original)
        claims.append((region.box, *own))
    if not config.scp:
        return masks
    kept = resolve_overlaps(size, claims)
    return [mask & resize_nearest(own, mask.shape) for mask, own in zip(masks, kept, strict=True)]


def build_graph(prediction: Prediction, mask: BoolArray, config: PipelineConfig) -> Graph:
    """The graph of the pixels in ``mask`` (H, W) bool, which leaves the background out (section 4.1).

    Affinities are refined by the classes (sections 5.3 and 4.2), then blocks of pixels are merged
    (section 4.4). They are rounded to the contract's uint16 fixed point: all backends get the same integers.
    """
    affinity = apply_refinements(prediction.affinity[config.channels], prediction.semantic, config)
    if config.flm == 1:
        problem = MergeProblem.from_grid(
            affinity,
            np.asarray(config.offsets),
            np.asarray(config.stage_numbers),
            config.stage_thresholds,
            mask=mask,
            linkage=config.linkage,
        )
        return Graph(problem, mask)
    fixed = affinities_to_fixed_point(affinity)
    blocks = contract_blocks(fixed, config.offsets, config.stage_numbers, mask, config.flm)
    problem = block_problem(blocks, config.stage_thresholds, config.linkage)
    return Graph(problem, mask, config.flm, blocks)


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
