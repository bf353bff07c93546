"""A problem from somebody's own affinities; what they leave open is the paper's choice, and is said."""

import numpy as np
from numpy.typing import ArrayLike

from merge_impls.argument_checks import as_array
from merge_impls.canonical_form import canonical, canonical_offsets, canonical_stages
from merge_impls.fixed_point import thresholds_to_float32
from merge_impls.offsets import PAPER_THRESHOLDS, stages_by_distance
from merge_impls.problem import MergeProblem


def problem_from_affinities(
    affinities: ArrayLike,
    offsets: ArrayLike,
    stages: ArrayLike | None = None,
    thresholds: ArrayLike | None = None,
    *,
    mask: ArrayLike | None = None,
    linkage: str = "average",
    layout: str = "auto",
    boundary: bool = False,
) -> tuple[MergeProblem, list[str]]:
    """The problem, and in words what was assumed where nothing was said.

    affinities, offsets, layout, boundary: as ``canonical`` takes them.
    stages: (C,) integers, one for each given offset, the same for opposite ones.
    thresholds: (S,) in [0, 1], one for each stage. Without stages there may be one threshold, of all
        offsets, or three, of the paper's stages; with neither they are the paper's thresholds.
    mask: bool, or integers that are 0 outside, of the grid's shape; None takes every pixel.
    Raises ValueError or TypeError, one line that names the argument and the first offender.
    """
    affinities = as_array("affinities", affinities)
    stages, thresholds, assumed = _stages(canonical_offsets(offsets), offsets, stages, thresholds)
    undirected, positive = canonical(affinities, offsets, layout=layout, boundary=boundary)
    if affinities.dtype.kind == "u":
        one, largest = np.iinfo(affinities.dtype).max, affinities.max(initial=0)
        assumed.append(f"{one} in {affinities.dtype} stands for 1; the largest value is {largest}")
    problem = MergeProblem.from_grid(
        undirected, positive, stages, thresholds, mask=_foreground(mask), linkage=linkage
    )
    return problem, assumed


def _stages(
    positive: np.ndarray, offsets: ArrayLike, stages: ArrayLike | None, thresholds: ArrayLike | None
) -> tuple[np.ndarray, ArrayLike, list[str]]:
    """Stages (K,) of the canonical offsets, thresholds, and what was assumed."""
    if stages is not None and thresholds is None:
        raise ValueError("stages without thresholds; give one threshold for each stage")
    if thresholds is None:
        values = ", ".join(map(str, PAPER_THRESHOLDS))
        assumed = f"thresholds {values} and stages by distance (to 4, to 16, beyond), the paper's"
        return stages_by_distance(positive), PAPER_THRESHOLDS, [assumed]
    count = len(thresholds_to_float32(thresholds))
    if stages is not None:
        return canonical_stages(stages, offsets, count), thresholds, []
    if count == 1:
        return np.zeros(len(positive), np.int32), thresholds, []
    if count == len(PAPER_THRESHOLDS):
        assumed = "stages by distance (to 4, to 16, beyond), the paper's"
        return stages_by_distance(positive), thresholds, [assumed]
    raise ValueError(f"{count} thresholds without stages; give the stage of each offset")


def _foreground(mask: ArrayLike | None) -> np.ndarray | None:
    if mask is None:
        return None
    mask = as_array("mask", mask)
    if mask.dtype.kind not in "biu":
        raise TypeError(f"mask must be bool, or integers that are 0 outside; got {mask.dtype}")
    return mask != 0
