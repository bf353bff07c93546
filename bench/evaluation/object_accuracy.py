"""The score of microscopy papers: TP / (TP + FP + FN) of objects, at each overlap."""

from collections.abc import Sequence

import numpy as np

from bench.evaluation.average_precision import EVERY_OBJECT, IOU_THRESHOLDS, SizeRange, detect
from bench.evaluation.matching import Matches


def object_accuracy(
    images: Sequence[Matches],
    num_classes: int,
    iou_thresholds: np.ndarray = IOU_THRESHOLDS,
    size_range: SizeRange = EVERY_OBJECT,
) -> tuple[np.ndarray, np.ndarray]:
    """Of each image and averaged, and pooled over all images: two arrays (O,) float64 in [0, 1].

    An object is found by a prediction of its class whose intersection over union is more than the
    overlap, by the rules of :mod:`bench.evaluation.average_precision`; scores play no part. An image
    without objects and without predictions scores 1. Raises ValueError without images.
    """
    if not images:
        raise ValueError("no image to score")
    counts = np.array(
        [
            [_count(image, num_classes, threshold, size_range) for threshold in iou_thresholds]
            for image in images
        ]
    )
    return _accuracy(counts).mean(axis=0), _accuracy(counts.sum(axis=0))


def _count(
    image: Matches, num_classes: int, iou_threshold: float, size_range: SizeRange
) -> tuple[int, int]:
    """True positives, and all that is right, wrong or missed."""
    found = [detect(image, number, iou_threshold, size_range) for number in range(num_classes)]
    right = sum(int(one.is_true_positive.sum()) for one in found)
    return right, sum(len(one.scores) + one.false_negatives for one in found)


def _accuracy(counts: np.ndarray) -> np.ndarray:
    right, total = counts[..., 0], counts[..., 1]
    return np.where(total == 0, 1.0, right / np.maximum(total, 1))
