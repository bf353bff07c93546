"""From affinities and classes to the graph that every backend merges."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.problem.refinement import refine, super_class_probabilities
from merge_impls import MergeProblem


@dataclass(frozen=True)
class Maps:
    """What a merge is made from, at full size.

    affinity: (K, H, W) float32 undirected probabilities, value [k, p] of the pair (p, p + offsets[k]).
    semantic: (1 + C, H, W) float32 class probabilities, background first.
    picture: (height, width) of the picture that was enlarged to H, W; None if it was not.
    """

    affinity: np.ndarray
    semantic: np.ndarray
    picture: tuple[int, int] | None = None


@dataclass(frozen=True)
class GraphSettings:
    """offsets (K, 2), the stage of each (K,), the channels of each super-class."""

    offsets: Sequence[tuple[int, int]]
    stages: Sequence[int]
    groups: Sequence[Sequence[int]]


def build_problem(
    maps: Maps, settings: GraphSettings, thresholds: Sequence[float], linkage: str
) -> MergeProblem:
    """Refine the affinities by the classes (section 4.2) and keep the foreground (section 4.1).

    The mask is the foreground by argmax over background and super-classes. Affinities come out as the
    contract's uint16 fixed point, so that every backend is handed the same integers.
    """
    sums, super_class = super_class_probabilities(maps.semantic, settings.groups)
    refined = refine(maps.affinity, settings.offsets, sums, super_class)
    return MergeProblem.from_grid(
        refined,
        np.asarray(settings.offsets),
        np.asarray(settings.stages),
        thresholds,
        mask=super_class > 0,
        linkage=linkage,
    )


def crop_problem(problem: MergeProblem, window: tuple[slice, slice]) -> MergeProblem:
    """The same graph, of the pixels in ``window`` alone."""
    return _again(problem, problem.affinities[:, *window], problem.mask[window], problem.thresholds)


def with_thresholds(problem: MergeProblem, thresholds: Sequence[float]) -> MergeProblem:
    """The same graph, to be merged down to other thresholds."""
    return _again(problem, problem.affinities, problem.mask, thresholds)


def _again(
    problem: MergeProblem, affinities: np.ndarray, mask: np.ndarray, thresholds: Sequence[float]
) -> MergeProblem:
    return MergeProblem.from_grid(
        affinities,
        problem.offsets,
        problem.stages,
        thresholds,
        mask=mask,
        linkage=problem.linkage,
    )
