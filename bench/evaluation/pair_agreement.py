"""How alike two segmentations are that ought not to be the same."""

import numpy as np


def pair_agreement(labels: np.ndarray, others: np.ndarray) -> float:
    """F-score of the pairs of pixels that lie in one segment: 1 for the same segments, near 0 for none alike.

    labels, others: non-negative integers of one shape, 0 for no segment. A pixel makes a pair with itself,
    too: it is 1 minus the adapted Rand error of connectomics. 1 if there is no segment at all.
    """
    here, there = labels.ravel().astype(np.int64), others.ravel().astype(np.int64)
    both = here * (int(there.max(initial=0)) + 1) + there
    common = _pairs(both[(here > 0) & (there > 0)])
    total = _pairs(here[here > 0]) + _pairs(there[there > 0])
    return 2 * common / total if total else 1.0


def _pairs(names: np.ndarray) -> int:
    _, sizes = np.unique(names, return_counts=True)
    return int((sizes.astype(np.int64) ** 2).sum())
