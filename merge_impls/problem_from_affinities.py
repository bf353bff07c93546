"""Make a problem from a user's affinities, with the paper's stages and thresholds as defaults."""

import numpy as np
from numpy.typing import ArrayLike

from merge_impls.argument_checks import as_array
from merge_impls.arrays import BoolArray, Int32Array, Int64Array
from merge_impls.canonical_affinities import canonical, canonical_offsets, canonical_stages
from merge_impls.fixed_point_affinities import thresholds_to_float32
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
    """Make a problem; return it, and one line for each value that was assumed.

    affinities, offsets, layout, boundary: the arguments of ``canonical``.
    stages: (C,) integers, the stage of each given offset; opposite offsets have the same stage.
    thresholds: (S,) in [0, 1], one for each stage. If ``stages`` is None, one threshold stands for a
        single stage, and three thresholds for the paper's stages. None stands for the paper's
        thresholds and stages.
    mask: the foreground, of the grid's shape: bool, or integers other than 0 in the foreground. None
        takes every pixel.
    linkage: see ``MergeProblem``.
    Raises ValueError or TypeError with one line that names the argument and its first wrong entry.
    """
    given = as_array("affinities", affinities)
    of_offsets, limits, assumed = _stages_and_thresholds(
        canonical_offsets(offsets), offsets, stages, thresholds
    )
    undirected, positive = canonical(given, offsets, layout=layout, boundary=boundary)
    if given.dtype.kind == "u":
        one, largest = np.iinfo(given.dtype).max, given.max(initial=0)
        assumed.append(f"{one} in {given.dtype} stands for 1; the largest value is {largest}")
    problem = MergeProblem.from_grid(
        undirected, positive, of_offsets, limits, mask=_foreground_mask(mask), linkage=linkage
    )
    return problem, assumed


def _stages_and_thresholds(
    positive: Int64Array, offsets: ArrayLike, stages: ArrayLike | None, thresholds: ArrayLike | None
) -> tuple[Int32Array, ArrayLike, list[str]]:
    """Return stages (K,) of the canonical offsets, thresholds (S,), and a line for each assumption."""
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


def _foreground_mask(mask: ArrayLike | None) -> BoolArray | None:
    """Return a mask as bool. Raises TypeError unless it is bool or integer."""
    if mask is None:
        return None
    values = as_array("mask", mask)
    if values.dtype.kind not in "biu":
        raise TypeError(f"mask must be bool, or integers that are 0 outside; got {values.dtype}")
    return np.not_equal(values, 0)
