"""From the prediction of a region to the graph that every backend merges."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bench.pipeline.local_merge import (
    BlockGraph,
    contract_blocks,
    induced_subgraph,
    labels_to_pixels,
)
from bench.pipeline.prediction import Prediction
from bench.pipeline.refinement import refine, refine_classes, super_class_probabilities
from bench.pipeline.regions import Region
from bench.pipeline.resizing import resize_nearest
from bench.pipeline.strategy import Strategy
from bench.types import image_size
from merge_impls import CompleteResult, MergeProblem
from merge_impls.arrays import BoolArray, Float32Array, Int32Array, Int64Array
from merge_impls.fixed_point_affinities import affinities_to_fixed_point


@dataclass(frozen=True)
class GraphSettings:
    """How the predictions of a model become graphs.

    channels: (K,), the affinity maps that are used. offsets, stages: (K, 2) and (K,), of these maps.
    super_class_channels: the channels of each super-class in the semantic map.
    confused_pair: the channels of the two classes that semantic class refinement joins; None: it is off.
    """

    channels: Sequence[int]
    offsets: Sequence[tuple[int, int]]
    stages: Sequence[int]
    super_class_channels: Sequence[Sequence[int]]
    confused_pair: tuple[int, int] | None = None


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
        return int(self.grid_mask().sum())

    def labels(self, result: CompleteResult) -> Int32Array:
        """(H, W) int32: the segment of each pixel, 1..N, 0 outside the mask."""
        if self.blocks is None:
            return result.labels
        return labels_to_pixels(result.labels, self.block_size, self.mask)

    def segments(self, result: CompleteResult) -> int:
        """The number of segments of a result, without the vertices outside the mask."""
        outside = 0 if self.blocks is None else self.blocks.mask.size - self.vertices
        return len(result.sizes) - outside

    def with_thresholds(self, thresholds: Sequence[float]) -> "Graph":
        """The same graph, to be merged down to other thresholds."""
        return replace(self, problem=self.problem.replace(thresholds=thresholds))

    def grid_mask(self) -> BoolArray:
        """(rows, columns) bool: where the vertices lie, pixels or blocks."""
        return self.mask if self.blocks is None else self.blocks.mask

    def crop(self, window: tuple[slice, slice]) -> "Graph":
        """The graph of the vertices in a window of ``grid_mask`` alone."""
        problem = self.problem
        if self.blocks is None:
            return Graph(crop_problem(problem, window), self.mask[window])
        blocks = induced_subgraph(self.blocks, window)
        rows, columns = (
            slice(part.start * self.block_size, part.stop * self.block_size) for part in window
        )
        cropped = _block_problem(blocks, problem.thresholds, problem.linkage)
        return Graph(cropped, self.mask[rows, columns], self.block_size, blocks)


def crop_problem(problem: MergeProblem, window: tuple[slice, slice]) -> MergeProblem:
    """The graph of the pixels in ``window`` alone, of the problem of a whole grid."""
    return problem.replace(
        affinities=problem.affinities[:, *window], mask=problem.foreground[window]
    )


def foreground(semantic: Float32Array, settings: GraphSettings) -> tuple[Int64Array, Float32Array]:
    """Classify each pixel to background or one super-class, by the sums of the classes' probabilities.

    semantic: (1 + C, H, W) float32 class probabilities, background first.
    Returns the super-class (H, W) int, 0 background, and its probability (H, W) float32.
    """
    sums, super_class = super_class_probabilities(semantic, settings.super_class_channels)
    return super_class, np.maximum(sums.max(axis=0), semantic[0])


def graph_mask(region: Region, super_class: Int64Array, foreground_only: bool) -> BoolArray:
    """The pixels of a region that its graph holds, (H, W) bool, at the size of its prediction (section 4.1).

    super_class: (H, W) int, as predicted, 0 background. A region of one super-class keeps the pixels of that
    super-class; one of all foreground keeps its foreground, or all its pixels without ``foreground_only``.
    """
    own = resize_nearest(region.pixels, image_size(super_class))
    if region.super_class:
        return own & np.equal(super_class, region.super_class)
    return own & np.greater(super_class, 0) if foreground_only else own


def build_graph(
    prediction: Prediction,
    settings: GraphSettings,
    strategy: Strategy,
    thresholds: Sequence[float],
    mask: BoolArray,
) -> Graph:
    """The graph of the pixels in ``mask`` (H, W) bool, which leaves the background out (section 4.1).

    Affinities are refined by the classes (sections 5.3 and 4.2), then blocks of pixels are merged
    (section 4.4). They end as the contract's uint16 fixed point, so that all backends get the same integers.
    """
    affinity = _refined_affinity(prediction, settings, strategy)
    if strategy.flm == 1:
        problem = MergeProblem.from_grid(
            affinity,
            np.asarray(settings.offsets),
            np.asarray(settings.stages),
            thresholds,
            mask=mask,
            linkage=strategy.linkage,
        )
        return Graph(problem, mask)
    fixed = affinities_to_fixed_point(affinity)
    blocks = contract_blocks(fixed, settings.offsets, settings.stages, mask, strategy.flm)
    problem = _block_problem(blocks, thresholds, strategy.linkage)
    return Graph(problem, mask, strategy.flm, blocks)


def _refined_affinity(
    prediction: Prediction, settings: GraphSettings, strategy: Strategy
) -> Float32Array:
    affinity, semantic = prediction.affinity[list(settings.channels)], prediction.semantic
    offsets, channels = settings.offsets, settings.super_class_channels
    if settings.confused_pair is not None:
        within = strategy.scr == "within"
        affinity = refine_classes(
            affinity, offsets, semantic, settings.confused_pair, within=within
        )
    if strategy.par == "off":
        return affinity
    if strategy.par == "classes":
        channels = [[channel] for channel in range(1, len(semantic))]
    sums, super_class = super_class_probabilities(semantic, channels)
    separated = super_class if strategy.par == "super-classes" else None
    return refine(affinity, offsets, sums, separated, strategy.alpha)


def _block_problem(
    blocks: BlockGraph, thresholds: Sequence[float] | Float32Array, linkage: str
) -> MergeProblem:
    return MergeProblem.from_edges(
        blocks.mask.size,
        blocks.edges,
        blocks.affinities,
        blocks.stages,
        thresholds,
        linkage=linkage,
    )
