"""Pixel affinity refinement: what the classes say about pixel pairs (section 4.2, equations 5 and 6)."""

from collections.abc import Sequence

import numpy as np

from merge_impls.offsets import end_slices

ALPHA = 5.0
"""The paper's alpha in equation 6."""

LAST_DISTANCE = 64
"""The paper's distance, in pixels of the maps as they are."""


def sigma(similarity: np.ndarray, alpha: float = ALPHA) -> np.ndarray:
    """Equation 6: 2 (1 / (1 + exp(-alpha t)) - 1/2), which maps [0, 1] to [0, almost 1]."""
    return 2.0 / (1.0 + np.exp(-alpha * similarity)) - 1.0


def super_class_probabilities(
    semantic: np.ndarray, groups: Sequence[Sequence[int]]
) -> tuple[np.ndarray, np.ndarray]:
    """Sum class probabilities per super-class, and classify each pixel to one.

    semantic: (1 + C, H, W) probabilities, background first; groups: the channels of each super-class.
    Returns the sums (G, H, W) float32 and the super-class (H, W) int: 0 background, 1..G.
    """
    sums = np.stack([semantic[list(group)].sum(axis=0) for group in groups])
    return sums, np.concatenate([semantic[:1], sums]).argmax(axis=0)


def refine(
    affinity: np.ndarray,
    offsets: Sequence[tuple[int, int]],
    sums: np.ndarray,
    super_class: np.ndarray | None,
    alpha: float = ALPHA,
) -> np.ndarray:
    """Equation 5: P_r = sigma(sum_i p_i(x) p_i(y)) P over classes or super-classes i, background left out.

    It is 0 where the two pixels' super-classes differ (section 4.2, last paragraph); with ``super_class``
    None nothing is 0 for that.

    affinity: (K, H, W) float32, value [k, p] of the pair (p, p + offsets[k]).
    sums, super_class: from ``super_class_probabilities``. Returns a new (K, H, W) float32 array.
    """
    refined = np.zeros_like(affinity)
    size = affinity.shape[1:]
    for channel, offset in enumerate(np.asarray(offsets)):
        here, there = end_slices(size, offset)
        similarity = np.einsum("ghw,ghw->hw", sums[:, *here], sums[:, *there])
        factor = sigma(similarity, alpha)
        if super_class is not None:
            factor = np.where(super_class[here] == super_class[there], factor, 0)
        refined[channel][here] = factor * affinity[channel][here]
    return refined


def refine_classes(
    affinity: np.ndarray,
    offsets: Sequence[tuple[int, int]] | np.ndarray,
    semantic: np.ndarray,
    pair: tuple[int, int],
    distance: int = LAST_DISTANCE,
    within: bool = False,
    alpha: float = ALPHA,
) -> np.ndarray:
    """Map P to sigma(P) of equation 6 where one pixel is of one class of ``pair``, its partner of the other.

    With the paper's alpha it raises all P below 0.98, so that the parts of a bicycle, some of them taken for
    a motorcycle, are more often connected. It is for the networks' affinities, before ``refinement.refine``.
    Only offsets at ``distance``, the longer of their two components, are changed.

    affinity: (K, H, W) float32, value [k, p] of the pair (p, p + offsets[k]).
    semantic: (1 + C, H, W) float32 class probabilities, background first; a pixel is of its likeliest
        channel, background included.
    pair: the channels of the two classes in ``semantic``.
    within: also where both pixels are of the same class of the two, as in the authors' own program.
    Returns a new (K, H, W) float32 array. Raises ValueError if no offset is at ``distance`` and if ``pair``
    is not two different channels.
    """
    if len(set(pair)) != 2 or not all(0 <= channel < len(semantic) for channel in pair):
        raise ValueError(
            f"pair is {pair}; name two different channels of semantic, 0..{len(semantic) - 1}"
        )
    offsets = np.asarray(offsets)
    distances = np.abs(offsets).max(axis=1, initial=0)
    if distance not in distances:
        known = ", ".join(map(str, np.unique(distances)))
        raise ValueError(f"distance is {distance}, at which no offset is; there are {known}")
    classes = semantic.argmax(axis=0)
    one, other = (classes == channel for channel in pair)
    refined = affinity.copy()
    for channel in np.flatnonzero(distances == distance):
        here, there = end_slices(classes.shape, offsets[channel])
        chosen = (one[here] & other[there]) | (other[here] & one[there])
        if within:
            chosen |= (one[here] & one[there]) | (other[here] & other[there])
        changed = refined[channel][here]
        changed[chosen] = sigma(changed[chosen], alpha)
    return refined
