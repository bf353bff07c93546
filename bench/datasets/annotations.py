"""Converts the label maps of an image to the ``Annotation`` that the evaluation needs."""

from collections.abc import Collection, Sequence

import numpy as np

from bench.datasets.instance_ids import is_instance, label_ids_of
from bench.types import VOID_CLASS, VOID_INSTANCE, Annotation


def annotation_from_instance_ids(
    instance_ids: np.ndarray, class_ids: Sequence[int], ignored_ids: Collection[int]
) -> Annotation:
    """The annotation of an image from Cityscapes' instanceIds.

    instance_ids: (H, W) of any integer dtype.
    class_ids: label ids of the classes that are scored, in order.
    ignored_ids: label ids that are void where a pixel has the plain id. A pixel of an instance with such a
        label, such as a caravan, is background, as in the official evaluator.
    """
    values, inverse = np.unique(instance_ids, return_inverse=True)
    values = values.astype(np.int64)
    labels = label_ids_of(values)
    scored = np.isin(labels, class_ids)
    numbers = np.where(scored, np.cumsum(scored), 0)
    numbers[np.isin(values, list(ignored_ids))] = VOID_INSTANCE
    class_index = {label: index for index, label in enumerate(class_ids)}
    return Annotation(
        objects=numbers.astype(np.int32)[inverse].reshape(instance_ids.shape),
        classes=np.array([class_index[int(label)] for label in labels[scored]], dtype=np.int64),
        is_group=~is_instance(values[scored]),
    )


def annotation_from_maps(semantic: np.ndarray, instances: np.ndarray) -> Annotation:
    """The annotation of an image from the maps of a ``Sample``.

    The class of an object is the class of its first pixel in raster order.

    semantic: (H, W) int, 0 background, 1..C classes, ``VOID_CLASS`` void.
    instances: (H, W) int, 0 for no instance, else 1..n without gaps.
    """
    numbers, first = np.unique(instances, return_index=True)
    is_object = numbers > 0
    objects = np.where((instances == 0) & (semantic == VOID_CLASS), VOID_INSTANCE, instances)
    return Annotation(
        objects=objects.astype(np.int32),
        classes=semantic.ravel()[first[is_object]].astype(np.int64) - 1,
        is_group=np.zeros(np.count_nonzero(is_object), dtype=bool),
    )
