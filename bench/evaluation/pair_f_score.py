"""The similarity of two segmentations of an image, such as those of two linkages."""

import numpy as np

from merge_impls.arrays import AnyArray


def pair_f_score(labels: AnyArray, others: AnyArray) -> float:
    """F-score of the pixel pairs that lie in one segment: 1 for the same segments, near 0 for none in common.

    It is 1 minus the adapted Rand error of connectomics. A pixel and itself count as a pair. If neither
    has a segment it is 1.

    labels, others: non-negative integers of one shape, 0 for no segment.
    """
    here, there = labels.ravel().astype(np.int64), others.ravel().astype(np.int64)
    both = here * (int(there.max(initial=0)) + 1) + there
    common = _count_pairs(both[(here > 0) & (there > 0)])
    total = _count_pairs(here[here > 0]) + _count_pairs(there[there > 0])
    return 2 * common / total if total else 1.0


def _count_pairs(names: AnyArray) -> int:
    _, sizes = np.unique(names, return_counts=True)
    return int((sizes.astype(np.int64) ** 2).sum())
