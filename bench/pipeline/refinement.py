"""Changes the affinities of pixel pairs according to the predicted classes of the two pixels.

Pixel affinity refinement (section 4.2, equations 5 and 6) changes all pairs. Semantic class refinement
(section 5.3) changes only pairs of two classes that networks often confuse.
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
    """Equation 6: sigma(t) = 2 (1 / (1 + exp(-alpha t)) - 1/2), which maps 0 to 0 and 1 to almost 1."""
    mapped: npt.NDArray[Float] = 2.0 / (1.0 + np.exp(-alpha * similarity)) - 1.0
    return mapped


def apply_refinements(prediction: Prediction, config: PipelineConfig) -> Float32Array:
    """Refine the affinities of a prediction as configured: first ``scr``, then ``par``.

    Returns (K, H, W) float32, the affinities of ``config.graph_offsets``.
    """
    affinity, semantic = prediction.affinity[config.graph_channels], prediction.semantic
    if config.confused_class_channels is not None:
        affinity = refine_confused_classes(
            affinity,
            config.graph_offsets,
            semantic,
            config.confused_class_channels,
            within=config.scr == "within",
        )
    if config.par == "off":
        return affinity
    channels = config.super_class_channels
    if config.par == "classes":
        channels = [[channel] for channel in range(1, len(semantic))]
    sums, super_class = super_class_probabilities(semantic, channels)
    separated = super_class if config.par == "super-classes" else None
    return refine_affinities(affinity, config.graph_offsets, sums, separated, config.alpha)


def refine_affinities(
    affinity: Float32Array,
    offsets: Sequence[tuple[int, int]],
    sums: Float32Array,
    super_class: Int64Array | None,
    alpha: float = ALPHA,
) -> Float32Array:
    """Equation 5: P_r(x, y) = sigma(sum_i p_i(x) p_i(y)) P(x, y).

    The sum is over all classes or super-classes i except background.

    affinity: (K, H, W) float32, P; value [k, p] of the pair (p, p + offsets[k]).
    sums: p_i, from ``super_class_probabilities``.
    super_class: (H, W) int, from ``super_class_probabilities``: P_r = 0 where the super-classes of the two
        pixels differ (section 4.2, last paragraph). None: they may differ.
    Returns P_r as a new (K, H, W) float32 array.
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
    """Replace P by sigma(P), equation 6, between pixels of the two classes of ``pair`` (section 5.3).

    With the paper's alpha this raises all P below 0.98. So the parts of a bicycle are connected more often if
    some of them were classified as motorcycle. Only offsets at ``distance`` are changed, the longer of their
    two components. Call this function before ``refine_affinities``.

    affinity: (K, H, W) float32, P as predicted; value [k, p] of the pair (p, p + offsets[k]).
    semantic: (1 + C, H, W) float32 class probabilities, background first. The class of a pixel is the most
        likely one, background included.
    pair: the channels of the two classes in ``semantic``.
    within: also change pairs whose pixels are both of the same class of ``pair``, as in the authors' program.
    Returns a new (K, H, W) float32 array. Raises ValueError if no offset is at ``distance``, or if ``pair``
    is not two different channels.
    """
    _check_class_pair(pair, len(semantic))
    offsets = np.asarray(offsets)
    distances = _distances_of_offsets(offsets, distance)
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


def _check_class_pair(pair: tuple[int, int], channels: int) -> None:
    if len(set(pair)) != 2 or not all(0 <= channel < channels for channel in pair):
        raise ValueError(
            f"pair is {pair}; give two different channels of semantic, 0..{channels - 1}"
        )


def _distances_of_offsets(offsets: AnyArray, wanted: int) -> AnyArray:
    """The distance of each offset. Raises ValueError if no offset has the distance ``wanted``."""
    distances: AnyArray = np.abs(offsets).max(axis=1, initial=0)
    if wanted not in distances:
        known = ", ".join(map(str, np.unique(distances)))
        raise ValueError(
            f"distance is {wanted}, but the offsets have distances {known}; choose one"
        )
    return distances


def _pairs_between(
    one: BoolArray, other: BoolArray, here: tuple[slice, ...], there: tuple[slice, ...]
) -> BoolArray:
    """The pairs of pixels of which one is in the mask ``one``, and the other pixel in the mask ``other``."""
    return (one[here] & other[there]) | (other[here] & one[there])
