"""Refinement of affinities by the predicted classes of their two pixels.

Pixel affinity refinement (section 4.2, equations 5 and 6) changes all pairs, semantic class refinement
(section 5.3) only pairs of two classes that are often confused.
"""

from collections.abc import Sequence
from typing import TypeVar

import numpy as np
import numpy.typing as npt

from bench.pipeline.config import CONFUSED_DISTANCE, PipelineConfig
from bench.pipeline.prediction import Prediction
from bench.pipeline.super_classes import super_class_probabilities
from merge_impls.arrays import AnyArray, BoolArray, Float32Array, Int64Array
from merge_impls.offsets import pair_slices

Float = TypeVar("Float", bound=np.floating)

ALPHA = 5.0
"""The paper's alpha in equation 6."""


def sigma(similarity: npt.NDArray[Float], alpha: float = ALPHA) -> npt.NDArray[Float]:
    """Equation 6: 2 (1 / (1 + exp(-alpha t)) - 1/2), which maps [0, 1] to [0, almost 1]."""
    mapped: npt.NDArray[Float] = 2.0 / (1.0 + np.exp(-alpha * similarity)) - 1.0
    return mapped


def apply_refinements(prediction: Prediction, config: PipelineConfig) -> Float32Array:
    """The affinities (K, H, W) float32 of a prediction at ``config.offsets``, after the refinements that are
    on: first ``scr``, then ``par``.
    """
    affinity, semantic = prediction.affinity[config.channels], prediction.semantic
    if config.confused_pair is not None:
        affinity = refine_confused_classes(
            affinity, config.offsets, semantic, config.confused_pair, within=config.scr == "within"
        )
    if config.par == "off":
        return affinity
    channels = config.super_class_channels
    if config.par == "classes":
        channels = [[channel] for channel in range(1, len(semantic))]
    sums, super_class = super_class_probabilities(semantic, channels)
    separated = super_class if config.par == "super-classes" else None
    return refine_affinities(affinity, config.offsets, sums, separated, config.alpha)


def refine_affinities(
    affinity: Float32Array,
    offsets: Sequence[tuple[int, int]],
    sums: Float32Array,
    super_class: Int64Array | None,
    alpha: float = ALPHA,
) -> Float32Array:
    """Equation 5: P_r = sigma(sum_i p_i(x) p_i(y)) P over classes or super-classes i without background.

    With ``super_class`` it is 0 where the super-classes of the two pixels differ (section 4.2, last
    paragraph); None leaves that out.

    affinity: (K, H, W) float32, value [k, p] of the pair (p, p + offsets[k]).
    sums, super_class: from ``super_class_probabilities``. Returns a new (K, H, W) float32 array.
    """
    refined = np.zeros_like(affinity)
    size = affinity.shape[1:]
    for channel, offset in enumerate(np.asarray(offsets)):
        here, there = pair_slices(size, offset)
        similarity = np.einsum("ghw,ghw->hw", sums[:, *here], sums[:, *there])
        factor = sigma(similarity, alpha)
        if super_class is not None:
            factor = np.where(super_class[here] == super_class[there], factor, 0)
        refined[channel][here] = factor * affinity[channel][here]
    return refined


def refine_confused_classes(
    affinity: Float32Array,
    offsets: Sequence[tuple[int, int]] | AnyArray,
    semantic: Float32Array,
    pair: tuple[int, int],
    distance: int = CONFUSED_DISTANCE,
    within: bool = False,
    alpha: float = ALPHA,
) -> Float32Array:
    """Map P to sigma(P) of equation 6 where the two pixels are of the two classes of ``pair`` (section 5.3).

    With the paper's alpha this raises all P below 0.98, so that the parts of a bicycle, some of which were
    taken for a motorcycle, are connected more often. Call it before ``refine_affinities``, on the affinities
    as predicted. Only offsets at ``distance``, the longer of their two components, are changed.

    affinity: (K, H, W) float32, value [k, p] of the pair (p, p + offsets[k]).
    semantic: (1 + C, H, W) float32 class probabilities, background first; the class of a pixel is its
        likeliest channel, background included.
    pair: the channels of the two classes in ``semantic``.
    within: also change where both pixels are of the same of the two classes, as the authors' program does.
    Returns a new (K, H, W) float32 array. Raises ValueError if no offset is at ``distance``, or if ``pair``
    is not two different channels.
    """
    _check_pair(pair, len(semantic))
    offsets = np.asarray(offsets)
    distances = _find_distances(offsets, distance)
    classes = semantic.argmax(axis=0)
    one, other = (classes == channel for channel in pair)
    refined = affinity.copy()
    for channel in np.flatnonzero(distances == distance):
        here, there = pair_slices(classes.shape, offsets[channel])
        chosen = _pairs_between(one, other, here, there)
        if within:
            chosen |= (one[here] & one[there]) | (other[here] & other[there])
        changed = refined[channel][here]
        changed[chosen] = sigma(changed[chosen], alpha)
    return refined


def _check_pair(pair: tuple[int, int], channels: int) -> None:
    if len(set(pair)) != 2 or not all(0 <= channel < channels for channel in pair):
        raise ValueError(
            f"pair is {pair}; name two different channels of semantic, 0..{channels - 1}"
        )


def _find_distances(offsets: AnyArray, wanted: int) -> AnyArray:
    """The distance of each offset; raises ValueError if none is ``wanted``."""
    distances: AnyArray = np.abs(offsets).max(axis=1, initial=0)
    if wanted not in distances:
        known = ", ".join(map(str, np.unique(distances)))
        raise ValueError(f"distance is {wanted}, at which no offset is; there are {known}")
    return distances


def _pairs_between(
    one: BoolArray, other: BoolArray, here: tuple[slice, ...], there: tuple[slice, ...]
) -> BoolArray:
    """Where the pixel is in one mask and its partner in the other."""
    return (one[here] & other[there]) | (other[here] & one[there])
