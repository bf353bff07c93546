"""Average precision as Cityscapes' evaluator defines it, from matches in memory and for any classes.

At an IoU threshold t, of one class, in one image:

- an object counts if it is no group and its pixels are within the ``SizeRange``;
- a prediction *matches* an object if their intersection over union is more than t. Of the predictions that
  match one object, the one with the highest confidence is a true positive, the others are false positives;
- a prediction without a match is a false positive, unless more than a share t of it is ignored: void, groups
  and objects that do not count. One that matches an object that does not count is left out.

t is at least 0.5, so that no prediction matches two objects. Confidences order the predictions of all images.
The area below the curve of precision against recall is summed in steps, each
between its neighbours' midpoints.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.evaluation.matching import Matches
from merge_impls.arrays import BoolArray, Float64Array, Int64Array

IOU_THRESHOLDS = np.arange(0.5, 1.0, 0.05)
"""The ten IoU thresholds of AP; the first is that of AP50."""


@dataclass(frozen=True)
class SizeRange:
    """Which objects count, by pixels: ``least_object_pixels`` <= pixels < ``end``.

    With ``predictions_too`` a false positive outside these bounds is left out, so that each is counted in
    one of several ranges only; Cityscapes' evaluator does not do that.
    """

    least_object_pixels: int = 100
    end: float = np.inf
    predictions_too: bool = False

    def contains(self, pixels: Int64Array) -> BoolArray:
        return (pixels >= self.least_object_pixels) & (pixels < self.end)


CITYSCAPES_SIZES = SizeRange()
EVERY_OBJECT = SizeRange(least_object_pixels=1)
SIZE_RANGES = {
    "small": SizeRange(100, 32**2, predictions_too=True),
    "medium": SizeRange(32**2, 96**2, predictions_too=True),
    "large": SizeRange(96**2, predictions_too=True),
}
"""Sizes as in COCO, from the least that Cityscapes counts."""


@dataclass(frozen=True)
class Detections:
    """One class of one image at one IoU threshold: the predictions that count, (P,) each, and the number of
    objects without a match."""

    confidences: Float64Array
    is_true_positive: BoolArray
    false_negatives: int

    @property
    def objects(self) -> int:
        return int(self.is_true_positive.sum()) + self.false_negatives


def classify_detections(
    matches: Matches, class_index: int, iou_threshold: float, size_range: SizeRange
) -> Detections:
    """Apply the rules above to one class of one image at one IoU threshold."""
    counts = ~matches.is_group & size_range.contains(matches.object_pixels)
    of_class = matches.object_class == class_index
    matched = (matches.iou > iou_threshold) & of_class[matches.pair_object]
    found_by = matches.pair_prediction[matched]
    found = matches.pair_object[matched]

    best = np.full(len(counts), -np.inf)
    np.maximum.at(best, found, matches.confidences[found_by])
    true_positives = best[of_class & counts & (best > -np.inf)]
    # Of several that match an object all but one are false positives; among equal confidences it may be any.
    by_confidence = np.lexsort((matches.confidences[found_by], found))
    is_last = np.append(found[by_confidence][1:] != found[by_confidence][:-1], True)[: len(found)]
    later = found_by[by_confidence][~is_last & counts[found[by_confidence]]]
    wrong = matches.confidences[
        np.concatenate([later, _false_positives(matches, class_index, iou_threshold, size_range)])
    ]
    return Detections(
        confidences=np.concatenate([true_positives, wrong]),
        is_true_positive=np.repeat([True, False], [len(true_positives), len(wrong)]),
        false_negatives=int(np.count_nonzero(of_class & counts)) - len(true_positives),
    )


def _false_positives(
    matches: Matches, class_index: int, iou_threshold: float, size_range: SizeRange
) -> Int64Array:
    """The predictions that match nothing and are not ignored."""
    small = ~size_range.contains(matches.object_pixels)
    # A group that is also small counts twice as ignored, as in the official evaluator.
    weight = matches.is_group.astype(np.int64) + small
    ignored = matches.prediction_void_pixels + np.bincount(
        matches.pair_prediction,
        weights=matches.pair_pixels * weight[matches.pair_object],
        minlength=len(matches.prediction_pixels),
    )
    has_match = np.zeros(len(matches.prediction_pixels), dtype=bool)
    has_match[matches.pair_prediction[matches.iou > iou_threshold]] = True
    wrong = (
        (matches.prediction_class == class_index)
        & ~has_match
        & (ignored / matches.prediction_pixels <= iou_threshold)
    )
    if size_range.predictions_too:
        wrong &= size_range.contains(matches.prediction_pixels)
    return np.flatnonzero(wrong)


def average_precision(images: Sequence[Detections]) -> float:
    """AP of one class at one IoU threshold over all images: nan without objects, 0 without predictions."""
    false_negatives = sum(image.false_negatives for image in images)
    if not any(image.objects for image in images):
        return float("nan")
    confidences = np.concatenate([image.confidences for image in images])
    is_true_positive = np.concatenate([image.is_true_positive for image in images])
    if not len(confidences):
        return 0.0
    order = np.argsort(confidences)
    _, first = np.unique(confidences[order], return_index=True)
    right_below = np.concatenate([[0], np.cumsum(is_true_positive[order])])
    below = right_below[first]
    right = right_below[-1] - below
    precision = np.append(right / (len(confidences) - first), 1.0)
    recall = np.append(right / (right_below[-1] + false_negatives), 0.0)
    around = np.concatenate([recall[:1], recall, [0.0]])
    return float(np.dot(precision, 0.5 * around[:-2] - 0.5 * around[2:]))


def ap_matrix(
    images: Sequence[Matches],
    num_classes: int,
    iou_thresholds: Float64Array = IOU_THRESHOLDS,
    size_range: SizeRange = CITYSCAPES_SIZES,
) -> Float64Array:
    """(C, O) float64: AP of each class at each IoU threshold; an image may be given more than once."""
    precisions = np.empty((num_classes, len(iou_thresholds)))
    for number in range(num_classes):
        for column, iou_threshold in enumerate(iou_thresholds):
            found = [classify_detections(one, number, iou_threshold, size_range) for one in images]
            precisions[number, column] = average_precision(found)
    return precisions
