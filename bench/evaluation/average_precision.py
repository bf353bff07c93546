"""Average precision (AP) as Cityscapes' evaluator defines it, computed from matches in memory.

The rules for the objects and predictions of one class in one image, at the IoU threshold t:

- An object counts if it is not a group and its number of pixels is in the ``SizeRange``.
- A prediction *matches* an object if the intersection over union (IoU) of the two is more than t. Since
  t >= 0.5, no prediction matches two objects.
- If several predictions match an object, the prediction with the highest confidence is a true positive, and
  the others are false positives.
- A prediction that matches an object that does not count is left out.
- A prediction without a match is a false positive, unless more than the share t of its pixels is ignored.
  Ignored pixels are void, or belong to groups or to objects that do not count.

The predictions of all images together are sorted by confidence. This gives the curve of precision against
recall. AP is the area below the curve. Each point contributes its precision times half the distance in recall
between its two neighbours.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.evaluation.matching import JoinedMatches, Matches, join_matches
from merge_impls.arrays import BoolArray, Float64Array, Int64Array

IOU_THRESHOLDS = np.arange(0.5, 1.0, 0.05)
"""The ten IoU thresholds of AP. The first one is the threshold of AP50."""


@dataclass(frozen=True)
class SizeRange:
    """Which objects count: those with ``least_object_pixels`` <= pixels < ``end``.

    predictions_too: also leave out false positives whose pixels are outside this range. So every false
        positive counts in only one of several ranges. Cityscapes' evaluator does not do this.
    """

    least_object_pixels: int = 100
    end: float = np.inf
    predictions_too: bool = False

    def contains(self, pixels: Int64Array) -> BoolArray:
        """Which of these numbers of pixels are in the range; a bool for each."""
        return (pixels >= self.least_object_pixels) & (pixels < self.end)


CITYSCAPES_SIZES = SizeRange()
"""The objects that count in Cityscapes: those with at least 100 pixels."""

EVERY_OBJECT = SizeRange(least_object_pixels=1)
"""All objects count."""

SIZE_RANGES = {
    "small": SizeRange(100, 32**2, predictions_too=True),
    "medium": SizeRange(32**2, 96**2, predictions_too=True),
    "large": SizeRange(96**2, predictions_too=True),
}
"""The size ranges of COCO, except that the smallest range begins at Cityscapes' 100 pixels."""


@dataclass(frozen=True)
class Detections:
    """The predictions and objects of one class in N images that count at one IoU threshold.

    confidences: (P,) float64, of the true and the false positives.
    is_true_positive: (P,) bool; the others are false positives.
    image: (P,) int64, the index of the image of each prediction.
    objects: (N,) int64, the number of objects that count in each image, with and without a match.
    """

    confidences: Float64Array
    is_true_positive: BoolArray
    image: Int64Array
    objects: Int64Array

    @property
    def true_positives(self) -> Int64Array:
        """(N,) int64: the number of true positives in each image."""
        return np.bincount(self.image[self.is_true_positive], minlength=len(self.objects))

    @property
    def predictions(self) -> Int64Array:
        """(N,) int64: the number of true and false positives in each image."""
        return np.bincount(self.image, minlength=len(self.objects))


def classify_detections(
    joined: JoinedMatches, class_index: int, iou_threshold: float, size_range: SizeRange
) -> Detections:
    """Find the true positives, false positives and objects of a class in all images.

    The rules are in the docstring of this module.
    """
    matches = joined.matches
    counts = ~matches.is_group & size_range.contains(matches.object_pixels)
    of_class = matches.object_class == class_index
    matched = (matches.iou > iou_threshold) & of_class[matches.pair_object]
    found_by = matches.pair_prediction[matched]
    found = matches.pair_object[matched]

    best = np.full(len(counts), -np.inf)
    np.maximum.at(best, found, matches.confidences[found_by])
    right = np.flatnonzero(of_class & counts & (best > -np.inf))
    # Of several predictions that match an object, all but the most confident one are false positives. Among
    # equal confidences the choice does not matter.
    by_confidence = np.lexsort((matches.confidences[found_by], found))
    is_last = np.append(found[by_confidence][1:] != found[by_confidence][:-1], True)[: len(found)]
    later = found_by[by_confidence][~is_last & counts[found[by_confidence]]]
    unmatched = _unmatched_predictions(matches, class_index, iou_threshold, size_range)
    wrong = np.concatenate([later, unmatched])
    return Detections(
        confidences=np.concatenate([best[right], matches.confidences[wrong]]),
        is_true_positive=np.repeat([True, False], [len(right), len(wrong)]),
        image=np.concatenate([joined.image_of_object[right], joined.image_of_prediction[wrong]]),
        objects=np.bincount(joined.image_of_object[of_class & counts], minlength=joined.num_images),
    )


def _unmatched_predictions(
    matches: Matches, class_index: int, iou_threshold: float, size_range: SizeRange
) -> Int64Array:
    """The indices of the predictions of a class that match no object and are not ignored."""
    small = ~size_range.contains(matches.object_pixels)
    # The pixels of a group that is also small count twice as ignored, as in the official evaluator.
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


def average_precision(found: Detections) -> float:
    """AP of one class at one IoU threshold over all images; nan without objects, 0 without predictions."""
    objects = int(found.objects.sum())
    if not objects:
        return float("nan")
    confidences = found.confidences
    if not len(confidences):
        return 0.0
    order = np.argsort(confidences)
    _, first = np.unique(confidences[order], return_index=True)
    right_below = np.concatenate([[0], np.cumsum(found.is_true_positive[order])])
    below = right_below[first]
    right = right_below[-1] - below
    precision = np.append(right / (len(confidences) - first), 1.0)
    recall = np.append(right / objects, 0.0)
    around = np.concatenate([recall[:1], recall, [0.0]])
    return float(np.dot(precision, 0.5 * around[:-2] - 0.5 * around[2:]))


def ap_matrix(
    images: Sequence[Matches],
    num_classes: int,
    iou_thresholds: Float64Array = IOU_THRESHOLDS,
    size_range: SizeRange = CITYSCAPES_SIZES,
) -> Float64Array:
    """(C, O) float64: AP of each class at each of O IoU thresholds. Images may occur more than once."""
    joined = join_matches(images)
    precisions = np.empty((num_classes, len(iou_thresholds)))
    for number in range(num_classes):
        for column, iou_threshold in enumerate(iou_thresholds):
            found = classify_detections(joined, number, iou_threshold, size_range)
            precisions[number, column] = average_precision(found)
    return precisions
