"""Measures which classes a semantic network confuses, and suggests super-classes."""

from collections.abc import Sequence

import numpy as np
from scipy.sparse.csgraph import connected_components

from merge_impls.arrays import AnyArray, Float64Array, Int64Array


def count_confusion(annotated: AnyArray, predicted: AnyArray, num_classes: int) -> Int64Array:
    """(1 + C, 1 + C) int64: the number of pixels by annotated class (rows) and predicted class (columns).

    annotated, predicted: (H, W) int, 0 background, 1..C classes. Pixels whose annotation is another value,
        such as void, are left out.
    """
    known = annotated <= num_classes
    size = num_classes + 1
    pairs = annotated[known].astype(np.int64) * size + predicted[known]
    return np.bincount(pairs, minlength=size * size).reshape(size, size)


def confusion_shares(confusion: Int64Array) -> Float64Array:
    """(1 + C, 1 + C) float64: confusion[i, j] / confusion[i].sum(), nan in rows without pixels.

    confusion: from ``count_confusion``.
    """
    totals = confusion.sum(axis=1, keepdims=True)
    found = np.full(confusion.shape, np.nan)
    np.divide(confusion, totals, out=found, where=totals > 0)
    return found


def suggest_super_classes(
    confusion: Int64Array, class_names: Sequence[str], min_share: float = 0.02
) -> list[tuple[str, ...]]:
    """Group the classes that the network confuses with one another (section 4.2).

    Two classes are confused if at least the share ``min_share`` of the pixels of either class is predicted as
    the other class. Groups are the connected components of this relation. Background is in no group. Section
    5.3 has the groups of the paper.
    """
    predicted = np.nan_to_num(confusion_shares(confusion))[1:, 1:]
    linked = np.maximum(predicted, predicted.T) >= min_share
    _, group_of = connected_components(linked, directed=False)
    return [
        tuple(name for name, group in zip(class_names, group_of, strict=True) if group == one)
        for one in dict.fromkeys(group_of.tolist())
    ]
