"""Semantic class refinement: the last distance between two classes that are often confused (section 5.3)."""

from collections.abc import Sequence

import numpy as np

from bench.pipeline.refinement import ALPHA, sigma
from merge_impls.offsets import end_slices

LAST_DISTANCE = 64
"""The paper's distance, in pixels of the maps as they are."""


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
