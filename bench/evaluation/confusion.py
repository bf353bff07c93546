"""Which classes a semantic network takes for which, and the super-classes that this suggests."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse.csgraph import connected_components


def count_confusion(truth: np.ndarray, found: np.ndarray, num_classes: int) -> np.ndarray:
    """(1 + C, 1 + C) int64: pixels by annotated class (rows) and predicted class (columns).

    truth, found: (H, W), 0 background, 1..C; annotated pixels of other values (void) are left out.
    """
    known = truth <= num_classes
    size = num_classes + 1
    pairs = truth[known].astype(np.int64) * size + found[known]
    return np.bincount(pairs, minlength=size * size).reshape(size, size)


def shares(confusion: np.ndarray) -> np.ndarray:
    """(1 + C, 1 + C) float64: of each annotated class's pixels the share that each prediction got.

    nan in the rows of classes without pixels.
    """
    totals = confusion.sum(axis=1, keepdims=True)
    return np.divide(confusion, totals, out=np.full(confusion.shape, np.nan), where=totals > 0)


def suggest_super_classes(
    confusion: np.ndarray, class_names: Sequence[str], least: float = 0.02
) -> list[tuple[str, ...]]:
    """Classes that are taken for one another, together (section 4.5 makes such groups by hand).

    Two belong together if at least the share ``least`` of the pixels of either is taken for the other;
    groups are joined by chains of such pairs. Background belongs to none.
    """
    taken = np.nan_to_num(shares(confusion))[1:, 1:]
    linked = np.maximum(taken, taken.T) >= least
    _, group_of = connected_components(linked, directed=False)
    return [
        tuple(name for name, group in zip(class_names, group_of, strict=True) if group == one)
        for one in dict.fromkeys(group_of.tolist())
    ]
