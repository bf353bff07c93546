"""From the maps of a region to the graph that every backend merges."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from bench.pipeline.local_merge import BlockGraph, contract, induced, spread
from bench.pipeline.prediction import Prediction
from bench.pipeline.refinement import refine, refine_classes, super_class_probabilities
from bench.pipeline.strategy import Strategy
from merge_impls import MergeProblem, MergeResult
from merge_impls.fixed_point import affinities_to_fixed_point


@dataclass(frozen=True)
class GraphSettings:
    """How the maps of a model become a graph.

    channels (K,): the affinity maps that are used; offsets (K, 2) and stages (K,): what they are of.
    groups: the channels of each super-class in the semantic map. wheels: those of the two classes that SCR
    joins; None where it is off.
    """

    channels: Sequence[int]
    offsets: Sequence[tuple[int, int]]
    stages: Sequence[int]
    groups: Sequence[Sequence[int]]
    confused_pair: tuple[int, int] | None = None


@dataclass(frozen=True)
class Graph:
    """A problem, and how its labels go back to pixels.

    mask: (H, W) bool, the pixels in it. window: so many pixels square are one vertex; blocks: the graph of
    these, None where a vertex is a pixel.
    """

    problem: MergeProblem
    mask: np.ndarray
    window: int = 1
    blocks: BlockGraph | None = None

    @property
    def vertices(self) -> int:
        """How many vertices there are in the foreground."""
        return int((self.mask if self.blocks is None else self.blocks.mask).sum())

    def labels(self, result: MergeResult) -> np.ndarray:
        """(H, W) int32: the segment of each pixel, 1..N, 0 outside the mask."""
        if self.blocks is None:
            return result.labels
        return spread(result.labels, self.window, self.mask)

    def segments(self, result: MergeResult) -> int:
        """How many segments a result has; vertices outside the mask are none."""
        outside = 0 if self.blocks is None else self.blocks.mask.size - self.vertices
        return len(result.sizes) - outside

    def with_thresholds(self, thresholds: Sequence[float]) -> "Graph":
        """The same graph, to be merged down to other thresholds."""
        return replace(self, problem=self.problem.replace(thresholds=thresholds))

    def grid_mask(self) -> np.ndarray:
        """(rows, columns) bool: where the vertices lie, of pixels or of blocks."""
        return self.mask if self.blocks is None else self.blocks.mask

    def crop(self, window: tuple[slice, slice]) -> "Graph":
        """The graph of the vertices in a window of ``grid_mask`` alone."""
        problem = self.problem
        if self.blocks is not None:
            blocks = induced(self.blocks, window)
            pixels = tuple(slice(p.start * self.window, p.stop * self.window) for p in window)
            part = _of_blocks(blocks, problem.thresholds, problem.linkage)
            return Graph(part, self.mask[pixels], self.window, blocks)
        return Graph(crop_problem(problem, window), self.mask[window])


def crop_problem(problem: MergeProblem, window: tuple[slice, slice]) -> MergeProblem:
    """The same graph of a grid, of the pixels in ``window`` alone."""
    return problem.replace(
        affinities=problem.affinities[:, *window], mask=problem.foreground[window]
    )


def foreground(semantic: np.ndarray, settings: GraphSettings) -> tuple[np.ndarray, np.ndarray]:
    """The super-class of each pixel (H, W) int, 0 background, by argmax over background and the sums of the
    super-classes' probabilities; and the winner's probability (H, W) float32.

    semantic: (1 + C, H, W) float32 class probabilities.
    """
    sums, super_class = super_class_probabilities(semantic, settings.groups)
    return super_class, np.maximum(sums.max(axis=0), semantic[0])


def build_graph(
    prediction: Prediction,
    settings: GraphSettings,
    strategy: Strategy,
    thresholds: Sequence[float],
    mask: np.ndarray,
) -> Graph:
    """Refine the affinities by the classes (sections 5.3 and 4.2), merge windows (4.4), keep the mask (4.1).

    mask: (H, W) bool, the pixels that the graph holds. Affinities come out as the contract's uint16 fixed
    point, so that every backend is handed the same integers.
    """
    affinity = prediction.affinity[list(settings.channels)]
    if settings.confused_pair is not None:
        within = strategy.scr == "within"
        affinity = refine_classes(
            affinity, settings.offsets, prediction.semantic, settings.confused_pair, within=within
        )
    if strategy.par != "off":
        groups = settings.groups
        if strategy.par == "classes":
            groups = [[channel] for channel in range(1, len(prediction.semantic))]
        sums, super_class = super_class_probabilities(prediction.semantic, groups)
        apart = super_class if strategy.par == "super-classes" else None
        affinity = refine(affinity, settings.offsets, sums, apart, strategy.alpha)
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
    blocks = contract(
        affinities_to_fixed_point(affinity), settings.offsets, settings.stages, mask, strategy.flm
    )
    return Graph(_of_blocks(blocks, thresholds, strategy.linkage), mask, strategy.flm, blocks)


def _of_blocks(
    blocks: BlockGraph, thresholds: Sequence[float] | np.ndarray, linkage: str
) -> MergeProblem:
    return MergeProblem.from_edges(
        blocks.mask.size,
        blocks.edges,
        blocks.affinities,
        blocks.stages,
        thresholds,
        linkage=linkage,
    )
