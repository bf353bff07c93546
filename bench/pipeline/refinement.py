"""Pixel affinity refinement: what the classes say about pixel pairs (section 4.2, equations 5 and 6)."""

from collections.abc import Sequence

import numpy as np

from merge_impls.offsets import end_slices

ALPHA = 5.0
"""The paper's alpha in equation 6."""


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
