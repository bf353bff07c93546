"""The Jaccard index of objects, TP / (TP + FP + FN), at each IoU threshold; a usual measure in microscopy."""

from collections.abc import Sequence

import numpy as np

from bench.evaluation.average_precision import (
    EVERY_OBJECT,
    IOU_THRESHOLDS,
    SizeRange,
    classify_detections,
)
from bench.evaluation.matching import JoinedMatches, Matches, join_matches
from merge_impls.arrays import Float64Array, Int64Array


def object_jaccard(
    images: Sequence[Matches],
    num_classes: int,
    iou_thresholds: Float64Array = IOU_THRESHOLDS,
    size_range: SizeRange = EVERY_OBJECT,
) -> tuple[Float64Array, Float64Array]:
    """The Jaccard index TP / (TP + FP + FN) at each of O IoU thresholds; two arrays (O,) float64.

    The first array is the mean of the indices of the images. The second is the index of TP, FP and FN summed
    over all images. TP, FP and FN are counted as in :mod:`bench.evaluation.average_precision`; confidences do
    not matter. An image without objects and predictions has index 1. Raises ValueError without images.
    """
    if not images:
        raise ValueError("there are no images to score; give at least one")
    joined = join_matches(images)
    counts = np.stack(
        [
            _count_true_positives_and_total(joined, num_classes, threshold, size_range)
            for threshold in iou_thresholds
        ],
        axis=1,
    )
    return _jaccard_of_counts(counts).mean(axis=0), _jaccard_of_counts(counts.sum(axis=0))


def _count_true_positives_and_total(
    joined: JoinedMatches, num_classes: int, iou_threshold: float, size_range: SizeRange
) -> Int64Array:
    """(N, 2) int64: TP and TP + FP + FN of all classes together, in each image."""
    counts = np.zeros((joined.num_images, 2), np.int64)
    for number in range(num_classes):
        found = classify_detections(joined, number, iou_threshold, size_range)
        true_positives = found.true_positives
        total = found.predictions + found.objects - true_positives
        counts += np.stack([true_positives, total], axis=1)
    return counts


def _jaccard_of_counts(counts: Int64Array) -> Float64Array:
    """TP / total of ``counts`` (..., 2), which holds TP and the total; 1 where the total is 0."""
    true_positives, total = counts[..., 0], counts[..., 1]
    return np.where(total == 0, 1.0, true_positives / np.maximum(total, 1))
