"""Measures how similar two segmentations of an image are, such as the results of two linkages."""

import numpy as np

from merge_impls.arrays import AnyArray


def pair_f_score(labels: AnyArray, others: AnyArray) -> float:
    """The F-score of the pixel pairs that lie in the same segment in both segmentations.

    It is 1 for equal segmentations, and near 0 if no segments agree. It equals 1 minus the adapted Rand error
    that is used in connectomics. A pixel and itself also count as a pair. If neither segmentation has a
    segment, the score is 1.

    labels, others: non-negative integer arrays of the same shape, 0 for no segment.
    """
    here, there = labels.ravel().astype(np.int64), others.ravel().astype(np.int64)
    both = here * (int(there.max(initial=0)) + 1) + there
    common = _count_pairs_of_equal_pixels(both[(here > 0) & (there > 0)])
    total = _count_pairs_of_equal_pixels(here[here > 0]) + _count_pairs_of_equal_pixels(
        there[there > 0]
    )
    return 2 * common / total if total else 1.0


def _count_pairs_of_equal_pixels(labels: AnyArray) -> int:
    """The number of ordered pairs of pixels that have the same value in ``labels``."""
    _, sizes = np.unique(labels, return_counts=True)
    return int((sizes.astype(np.int64) ** 2).sum())
