"""The confidence interval of a difference of AP between two methods: a paired bootstrap over images.

Each draw samples N of the N images with replacement. Both methods are scored on the same draw, so that the
difficulty of an image, which affects both methods, cancels out. A draw is stored as a row of weights: how
often it contains each image. Matches of predictions with objects do not depend on the draw, so they are
computed only once for each image. The precision-recall curve of a draw follows from cumulative sums of its
weights.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from bench.evaluation.average_precision import (
    CITYSCAPES_SIZES,
    IOU_THRESHOLDS,
    Detections,
    SizeRange,
    classify_detections,
)
from bench.evaluation.in_memory import Evaluation
from bench.evaluation.matching import Matches, join_matches
from merge_impls.arrays import BoolArray, Float64Array, Int64Array, IntegerArray
from merge_impls.measurement_statistics import draw_weights, percentile_bounds

_MAX_CELLS_PER_STEP = 2**16
"""How many pairs of a draw with a prediction or an image are computed at once. Their arrays have some MiB, so
that memory hardly depends on the number of images, and that they fit into the caches of a core."""


@dataclass(frozen=True)
class ConfidenceInterval:
    """A difference of AP between two methods, and its confidence interval.

    difference: AP of the second method minus AP of the first, on all images.
    low, high: the share (1 - level) / 2 of the draws has a difference below ``low``, and the same share
        above ``high``.
    rounds: the number of draws from which ``low`` and ``high`` were computed.
    """

    difference: float
    low: float
    high: float
    rounds: int


def paired_bootstrap(
    before: Evaluation, after: Evaluation, rounds: int = 1000, level: float = 0.95, seed: int = 0
) -> ConfidenceInterval:
    """The change of AP from ``before`` to ``after``, two methods on the same images, with its interval.

    AP is the ``ap`` of ``Evaluation.ap_scores``. In each draw, classes without objects are skipped. A draw
    without any objects is left out and does not count in ``ConfidenceInterval.rounds``. If no image has an
    object that counts, the difference and both bounds are nan.

    rounds: the number of draws. level: the share of draws inside the interval.
    Raises ValueError if the two evaluations differ in images, annotation, classes or size range, for
    ``rounds`` below 1, and for a ``level`` that is not between 0 and 1.
    """
    if rounds < 1 or not 0 < level < 1:
        raise ValueError(
            f"bootstrap: rounds is {rounds} and level {level}; give at least 1 round, and a level between 0 "
            "and 1"
        )
    names = _common_image_names(before, after)
    drawn = draw_weights(len(names), rounds, seed)
    weights = np.concatenate([np.ones((1, len(names)), drawn.dtype), drawn])
    del drawn  # 5,000 images have 10 MB of weights
    change = _mean_ap_of_draws(after, names, weights) - _mean_ap_of_draws(before, names, weights)
    known = change[1:][~np.isnan(change[1:])]
    low, high = np.nan, np.nan
    if len(known):
        low, high = percentile_bounds(known, level)
    return ConfidenceInterval(float(change[0]), float(low), float(high), len(known))


def ap_matrix_of_draws(
    images: Sequence[Matches],
    num_classes: int,
    weights: IntegerArray,
    iou_thresholds: Float64Array = IOU_THRESHOLDS,
    size_range: SizeRange = CITYSCAPES_SIZES,
) -> Float64Array:
    """(R, C, O) float64: AP of each draw, class and IoU threshold; nan where the draw lacks the class.

    For each draw the result equals ``ap_matrix`` of the drawn images, up to floating-point rounding.

    weights: (R, N) int, how often each of R draws contains each of the N ``images``.
    """
    joined = join_matches(images)
    precisions = np.empty((len(weights), num_classes, len(iou_thresholds)))
    for number in range(num_classes):
        for column, iou_threshold in enumerate(iou_thresholds):
            found = classify_detections(joined, number, iou_threshold, size_range)
            precisions[:, number, column] = _average_precision_of_draws(found, weights)
    return precisions


def _average_precision_of_draws(found: Detections, weights: IntegerArray) -> Float64Array:
    """(R,) float64: ``average_precision`` in each of R draws of the N images. ``weights`` is (R, N)."""
    order = np.argsort(-found.confidences, kind="stable")
    scores, is_true_positive = found.confidences[order], found.is_true_positive[order]
    image_of = found.image[order]
    # Predictions with equal scores share one point of the curve, after the last of them.
    points = np.flatnonzero(np.append(np.diff(scores) != 0, True)[: len(scores)])
    objects_of = found.objects.astype(np.float64)
    area, objects = np.zeros(len(weights)), np.zeros(len(weights))
    step = max(1, _MAX_CELLS_PER_STEP // max(1, len(scores), len(objects_of)))
    for start in range(0, len(weights), step):
        draws = slice(start, start + step)
        each = weights[draws].astype(np.float64)
        objects[draws] = each @ objects_of
        if len(scores):
            area[draws] = _area_below_curve(each[:, image_of], is_true_positive, points)
    return _divide_or_nan(area, objects)


def _area_below_curve(
    weights: Float64Array, is_true_positive: BoolArray, points: Int64Array
) -> Float64Array:
    """(R,) float64: the area below the curve of precision against the number of true positives.

    The area is summed as in ``average_precision``. Before the first prediction the precision is 1.

    weights: (R, K), the weight of each of K predictions in each draw; predictions sorted by falling score.
    points: indices of the predictions after which the curve has a point. A point without weight in a draw
        coincides with the point before it and adds no area.
    """
    taken = np.cumsum(weights, axis=1)[:, points]
    right = np.cumsum(weights * is_true_positive, axis=1)[:, points]
    precision = np.divide(right, taken, out=np.ones_like(taken), where=taken > 0)
    around = np.pad(right, ((0, 0), (1, 0)))
    around = np.concatenate([around, around[:, -1:]], axis=1)
    steps = around[:, 2:] - around[:, :-2]
    area: Float64Array = 0.5 * ((precision * steps).sum(axis=1) + right[:, 0])
    return area


def _mean_ap_of_draws(
    evaluation: Evaluation, names: Sequence[str], weights: IntegerArray
) -> Float64Array:
    """(R,) float64: AP of each draw, the mean over classes with objects and IoU thresholds."""
    images = [evaluation.matches[name] for name in names]
    num_classes = len(evaluation.class_names)
    precisions = ap_matrix_of_draws(images, num_classes, weights, size_range=evaluation.size_range)
    by_class = precisions.mean(axis=2)
    present = ~np.isnan(by_class)
    total = np.where(present, by_class, 0).sum(axis=1)
    classes = present.sum(axis=1)
    return _divide_or_nan(total, classes)


def _divide_or_nan(values: Float64Array, counts: Float64Array | Int64Array) -> Float64Array:
    """``values / counts``, but nan where a count is 0."""
    found = np.full(len(values), np.nan)
    np.divide(values, counts, out=found, where=counts > 0)
    return found


def _common_image_names(before: Evaluation, after: Evaluation) -> list[str]:
    """The names of the images. Raises ValueError if the evaluations differ in anything but predictions."""
    for name in sorted(before.matches.keys() ^ after.matches.keys()):
        lacking = "second" if name in before.matches else "first"
        raise ValueError(
            f"image {name!r}: is not in the {lacking} evaluation; evaluate both methods on the same images"
        )
    if not before.matches:
        raise ValueError("bootstrap: the evaluations have no images; give at least one")
    if (before.class_names, before.size_range) != (after.class_names, after.size_range):
        raise ValueError(
            "bootstrap: the two evaluations differ in classes or in the sizes that count; use the same"
        )
    for name, one in before.matches.items():
        for entry in ("object_class", "object_pixels", "is_group"):
            if not np.array_equal(getattr(one, entry), getattr(after.matches[name], entry)):
                raise ValueError(
                    f"image {name!r}: the two evaluations have different annotations; use the same"
                )
    return list(before.matches)
