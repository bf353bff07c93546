"""Which classes a semantic network confuses, and the super-classes that this suggests."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse.csgraph import connected_components

from merge_impls.arrays import AnyArray, Float64Array, Int64Array


def count_confusion(annotated: AnyArray, predicted: AnyArray, num_classes: int) -> Int64Array:
    """(1 + C, 1 + C) int64: pixels by annotated class (rows) and predicted class (columns).

    annotated, predicted: (H, W), 0 background, 1..C; annotated pixels of other values (void) are left out.
    """
    known = annotated <= num_classes
    size = num_classes + 1
    pairs = annotated[known].astype(np.int64) * size + predicted[known]
    return np.bincount(pairs, minlength=size * size).reshape(size, size)


def confusion_shares(confusion: Int64Array) -> Float64Array:
    """(1 + C, 1 + C) float64: the share of each annotated class's pixels that was predicted as each class.

    nan in the rows of classes without pixels.
    """
    totals = confusion.sum(axis=1, keepdims=True)
    found = np.full(confusion.shape, np.nan)
    np.divide(confusion, totals, out=found, where=totals > 0)
    return found


def suggest_super_classes(
    confusion: Int64Array, class_names: Sequence[str], min_share: float = 0.02
) -> list[tuple[str, ...]]:
    """Group the classes that are confused with one another (section 4.2; the paper's: section 5.3).

    Two classes are in one group if at least the share ``min_share`` of the pixels of either is predicted as
    the other, and so are classes that a chain of such pairs joins. Background is in no group.
    """
    predicted = np.nan_to_num(confusion_shares(confusion))[1:, 1:]
    linked = np.maximum(predicted, predicted.T) >= min_share
    _, group_of = connected_components(linked, directed=False)
    return [
        tuple(name for name, group in zip(class_names, group_of, strict=True) if group == one)
        for one in dict.fromkeys(group_of.tolist())
    ]
