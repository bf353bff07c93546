"""Counts the pixels that predictions and objects of an image share. All measures use these counts."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from bench.types import VOID_INSTANCE, Annotation, Instance
from merge_impls.arrays import BoolArray, Float64Array, Int64Array


@dataclass(frozen=True)
class Matches:
    """The G objects and P predictions of an image, and the K overlapping pairs of the same class.

    object_class, object_pixels: (G,) int64, the class index and the number of pixels of each object.
    is_group: (G,) bool, whether the object is a group whose members were not annotated one by one.
    prediction_class, prediction_pixels, prediction_void_pixels: (P,) int64, the class index of each
        prediction, the number of its pixels, and how many of these pixels are void.
    confidences: (P,) float64, the confidence of each prediction.
    pair_prediction, pair_object: (K,) int64, the indices of the prediction and the object of each pair.
    pair_pixels: (K,) int64, how many pixels the prediction and the object share.
    """

    object_class: Int64Array
    object_pixels: Int64Array
    is_group: BoolArray
    prediction_class: Int64Array
    prediction_pixels: Int64Array
    prediction_void_pixels: Int64Array
    confidences: Float64Array
    pair_prediction: Int64Array
    pair_object: Int64Array
    pair_pixels: Int64Array

    @property
    def iou(self) -> Float64Array:
        """(K,) float64: the intersection over union of the prediction and the object of each pair."""
        union = (
            self.object_pixels[self.pair_object]
            + self.prediction_pixels[self.pair_prediction]
            - self.pair_pixels
        )
        iou: Float64Array = self.pair_pixels / union
        return iou


@dataclass(frozen=True)
class JoinedMatches:
    """The matches of N images in the form of one image, so that all are classified at once.

    matches: the objects, predictions and pairs of all images, image by image.
    image_of_object, image_of_prediction: (G,) and (P,) int64, the index of the image of each.
    num_images: N.
    """

    matches: Matches
    image_of_object: Int64Array
    image_of_prediction: Int64Array
    num_images: int


_EMPTY = {
    **{name: np.zeros(0, np.int64) for name in Matches.__annotations__},
    "is_group": np.zeros(0, bool),
    "confidences": np.zeros(0),
}
"""The arrays of the matches of an image without objects and predictions."""


def join_matches(images: Sequence[Matches]) -> JoinedMatches:
    """Join the matches of images. An image may occur more than once."""
    arrays = {
        name: np.concatenate([empty, *(getattr(each, name) for each in images)])
        for name, empty in _EMPTY.items()
    }
    objects = np.array([len(each.object_class) for each in images], np.int64)
    predictions = np.array([len(each.prediction_class) for each in images], np.int64)
    pairs = [len(each.pair_object) for each in images]
    arrays["pair_object"] += np.repeat(objects.cumsum() - objects, pairs)
    arrays["pair_prediction"] += np.repeat(predictions.cumsum() - predictions, pairs)
    numbers = np.arange(len(images))
    return JoinedMatches(
        Matches(**arrays), numbers.repeat(objects), numbers.repeat(predictions), len(images)
    )


def match_predictions(
    instances: Sequence[Instance], annotation: Annotation, class_names: Sequence[str]
) -> Matches:
    """Count the pixels that each prediction shares with each object of an image.

    Predictions may overlap one another. Predictions without pixels are dropped. Raises ValueError, with the
    index of the prediction, for a mask that is not bool or has another shape than the annotation, a
    confidence that is not finite, and a class that is not in ``class_names``.
    """
    objects, count = annotation.objects, len(annotation.classes)
    numbers = {name: index for index, name in enumerate(class_names)}
    # The columns are the pixels on void, on no object, and on each object.
    shares = np.zeros((len(instances), count + 2), dtype=np.int64)
    for index, instance in enumerate(instances):
        error = invalid_prediction_reason(instance, objects.shape, numbers)
        if error:
            raise ValueError(f"prediction {index}: {error}")
        inside = objects[instance.slices][instance.cropped_mask]
        shares[index] = np.bincount(inside - VOID_INSTANCE, minlength=count + 2)
    kept = shares.sum(axis=1) > 0
    shares = shares[kept]
    class_of = np.array([numbers[instance.class_name] for instance in instances], dtype=np.int64)
    class_of = class_of[kept]
    common = shares[:, 2:] * (class_of[:, None] == annotation.classes[None, :])
    pair_prediction, pair_object = np.nonzero(common)
    return Matches(
        object_class=annotation.classes,
        object_pixels=np.bincount(objects.ravel() - VOID_INSTANCE, minlength=count + 2)[2:],
        is_group=annotation.is_group,
        prediction_class=class_of,
        prediction_pixels=shares.sum(axis=1),
        prediction_void_pixels=shares[:, 0].copy(),  # a view would keep all of ``shares`` in memory
        confidences=np.array([instance.confidence for instance in instances], dtype=np.float64)[
            kept
        ],
        pair_prediction=pair_prediction,
        pair_object=pair_object,
        pair_pixels=common[pair_prediction, pair_object],
    )


def invalid_prediction_reason(
    instance: Instance, shape: tuple[int, ...], class_names: Collection[str]
) -> str:
    """What is wrong with a prediction for an image of this shape, or "" if it is valid."""
    mask: object = instance.cropped_mask
    if not isinstance(mask, np.ndarray) or mask.dtype != bool:
        return f"the mask is {getattr(mask, 'dtype', type(mask).__name__)}, expected a bool array"
    if instance.shape != shape:
        return f"the mask has shape {instance.shape}, the ground truth {shape}"
    if not math.isfinite(instance.confidence):
        return f"the confidence is {instance.confidence}, expected a finite number"
    if instance.class_name not in class_names:
        return f"unknown class {instance.class_name!r}, expected one of {', '.join(class_names)}"
    return ""
