"""Cityscapes' numbers of a pixel in ``instanceIds``.

A pixel of an instance has label id * 1000 + k for the k-th instance of the label, from 0. Groups, and labels
without instances, have the plain label id.
"""

import numpy as np

LABEL_FACTOR = 1000


def instance_id(label_id: int, number: int) -> int:
    """The id of an instance. number: which instance of the label it is, from 0."""
    return label_id * LABEL_FACTOR + number


def is_instance(instance_ids: np.ndarray) -> np.ndarray:
    """Whether each id is that of an instance, rather than a plain label id."""
    of_instance: np.ndarray = instance_ids >= LABEL_FACTOR
    return of_instance


def label_ids_of(instance_ids: np.ndarray) -> np.ndarray:
    """The label id of each id, in an array of the same shape and dtype."""
    return np.where(is_instance(instance_ids), instance_ids // LABEL_FACTOR, instance_ids)
