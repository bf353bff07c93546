"""The Jaccard index of objects, TP / (TP + FP + FN), at each IoU threshold, as microscopy papers use it."""

from collections.abc import Sequence

import numpy as np

from bench.evaluation.average_precision import (
    EVERY_OBJECT,
    IOU_THRESHOLDS,
    SizeRange,
    classify_detections,
)
from bench.evaluation.matching import Matches
from merge_impls.arrays import Float64Array, Int64Array


def object_jaccard(
    images: Sequence[Matches],
    num_classes: int,
    iou_thresholds: Float64Array = IOU_THRESHOLDS,
    size_range: SizeRange = EVERY_OBJECT,
) -> tuple[Float64Array, Float64Array]:
    """The index by IoU threshold: its mean over images, and that of the pooled counts; each (O,) float64.

    True positives, false positives and false negatives are those of
    :mod:`bench.evaluation.average_precision`; confidences do not matter. An image without objects
    and without predictions has 1. Raises ValueError without images.
    """
    if not images:
        raise ValueError("no image to score")
    counts = np.array(
        [
            [
                _count_true_positives_and_all(image, num_classes, threshold, size_range)
                for threshold in iou_thresholds
            ]
            for image in images
        ]
    )
    return _jaccard(counts).mean(axis=0), _jaccard(counts.sum(axis=0))


def _count_true_positives_and_all(
    image: Matches, num_classes: int, iou_threshold: float, size_range: SizeRange
) -> tuple[int, int]:
    """TP, and TP + FP + FN, of all classes together."""
    found = [
        classify_detections(image, number, iou_threshold, size_range)
        for number in range(num_classes)
    ]
    true_positives = sum(int(one.is_true_positive.sum()) for one in found)
    return true_positives, sum(len(one.confidences) + one.false_negatives for one in found)


def _jaccard(counts: Int64Array) -> Float64Array:
    true_positives, total = counts[..., 0], counts[..., 1]
    return np.where(total == 0, 1.0, true_positives / np.maximum(total, 1))
