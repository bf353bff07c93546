"""How one image's predictions overlap its objects, counted once for every measure."""

import math
from collections.abc import Collection, Sequence
from dataclasses import dataclass

import numpy as np

from bench.types import VOID_OBJECT, Annotation, Instance


@dataclass(frozen=True)
class Matches:
    """G objects, P predictions and the K pairs of one class that share pixels, of one image.

    object_class, object_pixels: (G,) int64; is_group: (G,) bool.
    class_of, pixels, void_pixels: (P,) int64, of each prediction; scores: (P,) float64.
    pair_prediction, pair_object, pair_pixels: (K,) int64, which two share how many pixels.
    """

    object_class: np.ndarray
    object_pixels: np.ndarray
    is_group: np.ndarray
    class_of: np.ndarray
    pixels: np.ndarray
    void_pixels: np.ndarray
    scores: np.ndarray
    pair_prediction: np.ndarray
    pair_object: np.ndarray
    pair_pixels: np.ndarray

    @property
    def iou(self) -> np.ndarray:
        """(K,) float64, of each pair the intersection over the union."""
        union = (
            self.object_pixels[self.pair_object]
            + self.pixels[self.pair_prediction]
            - self.pair_pixels
        )
        return self.pair_pixels / union


def match(
    instances: Sequence[Instance], annotation: Annotation, class_names: Sequence[str]
) -> Matches:
    """Count the overlaps of an image's predictions, which may overlap one another; empty ones are dropped.

    Raises ValueError, naming the prediction's index, for a mask that is not bool or of another shape than
    the annotation, a score that is not finite, and a class that is none of ``class_names``.
    """
    objects, count = annotation.objects, len(annotation.classes)
    numbers = {name: index for index, name in enumerate(class_names)}
    shares = np.zeros((len(instances), count + 2), dtype=np.int64)  # void, no object, objects
    for index, instance in enumerate(instances):
        error = prediction_error(instance, objects.shape, numbers)
        if error:
            raise ValueError(f"prediction {index}: {error}")
        inside = objects[instance.slices][instance.cropped_mask]
        shares[index] = np.bincount(inside - VOID_OBJECT, minlength=count + 2)
    kept = shares.sum(axis=1) > 0
    shares = shares[kept]
    class_of = np.array([numbers[instance.class_name] for instance in instances], dtype=np.int64)
    class_of = class_of[kept]
    common = shares[:, 2:] * (class_of[:, None] == annotation.classes[None, :])
    pair_prediction, pair_object = np.nonzero(common)
    return Matches(
        object_class=annotation.classes,
        object_pixels=np.bincount(objects.ravel() - VOID_OBJECT, minlength=count + 2)[2:],
        is_group=annotation.is_group,
        class_of=class_of,
        pixels=shares.sum(axis=1),
        void_pixels=shares[:, 0],
        scores=np.array([instance.score for instance in instances], dtype=np.float64)[kept],
        pair_prediction=pair_prediction,
        pair_object=pair_object,
        pair_pixels=common[pair_prediction, pair_object],
    )


def prediction_error(
    instance: Instance, shape: tuple[int, ...], class_names: Collection[str]
) -> str:
    """What is wrong with a prediction on an image of this shape; empty if nothing is."""
    mask = instance.cropped_mask
    if not isinstance(mask, np.ndarray) or mask.dtype != bool:
        return f"the mask is {getattr(mask, 'dtype', type(mask).__name__)}, expected a bool array"
    if instance.shape != shape:
        return f"the mask has shape {instance.shape}, the ground truth {shape}"
    if not math.isfinite(instance.score):
        return f"the score is {instance.score}, expected a finite number"
    if instance.class_name not in class_names:
        return f"unknown class {instance.class_name!r}, expected one of {', '.join(class_names)}"
    return ""
