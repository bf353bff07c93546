"""The accuracy of the networks alone, before the graph merge: IoU of classes, and recall of affinities."""

from collections.abc import Sequence
from typing import TypedDict

import numpy as np
import numpy.typing as npt
import torch

from models.affinity_channels import NEIGHBOURS, channel_offsets
from models.inference import infer, probabilities
from models.model_folder import Model
from models.training.crop_batches import AnnotatedImage
from models.training.loss_functions import VOID_CLASS
from models.training.pair_targets import OTHER, OUTSIDE, SAME, pair_kinds

PAIR_KINDS_OF_RECALL = {
    "same": [SAME],
    "other": [OTHER],
    "outside": [OUTSIDE],
    "negatives": [OTHER, OUTSIDE],
}
"""For each recall, by its name, the kinds of pairs over which it is computed."""

Counts = npt.NDArray[np.int64]


class NetworkMetrics(TypedDict):
    """The accuracy of both networks on some images.

    semantic: the intersection over union (IoU) of the background and of each class, by name.
    affinity: for each distance in pixels, the recalls by the names in ``PAIR_KINDS_OF_RECALL``. A recall is
        the share of pairs whose predicted affinity is on the right side of 0.5.
    """

    semantic: dict[str, float]
    affinity: dict[str, dict[str, float]]


def measure_networks(model: Model, images: Sequence[AnnotatedImage]) -> NetworkMetrics:
    """Measure both networks at full resolution, on all pixels and all pairs of ``images``."""
    config = model.config
    strides = config.semantic.output_stride, config.affinity.output_stride
    offsets = channel_offsets(config.distances)
    names = ("background", *config.classes)
    confusion = np.zeros((len(names), len(names)), np.int64)
    hits, pairs = np.zeros((len(offsets), 4), np.int64), np.zeros((len(offsets), 4), np.int64)
    for item in images:
        height, width = item.semantic.shape
        predicted = probabilities(infer(model, item.image), (height, width), strides)
        known = item.semantic != VOID_CLASS
        np.add.at(confusion, (item.semantic[known], predicted.semantic.argmax(axis=0)[known]), 1)
        kinds = pair_kinds(torch.from_numpy(item.instances)[None], offsets)[0].numpy()
        _count_pairs_and_hits(kinds, predicted.affinity > 0.5, hits, pairs)
    return {
        "semantic": dict(zip(names, _iou_of_each_class(confusion), strict=True)),
        "affinity": _recalls_by_distance(config.distances, hits, pairs),
    }


def _count_pairs_and_hits(
    kinds: npt.NDArray[np.uint8], joined: npt.NDArray[np.bool_], hits: Counts, pairs: Counts
) -> None:
    """Add the number of pairs of each channel and kind to ``pairs``, and of correct predictions to ``hits``.

    kinds: (K, H, W) the annotated kinds. joined: (K, H, W) whether a pair is predicted to be ``SAME``.
    hits, pairs: (K, 4), changed in place.
    """
    for kind in (SAME, OTHER, OUTSIDE):
        has_kind = kinds == kind
        correct = joined if kind == SAME else ~joined
        pairs[:, kind] += has_kind.sum(axis=(1, 2))
        hits[:, kind] += (has_kind & correct).sum(axis=(1, 2))


def _iou_of_each_class(confusion: Counts) -> list[float]:
    """The intersection over union of each class.

    confusion: (C, C) the number of pixels by annotated class (rows) and predicted class (columns).
    """
    intersection = np.diag(confusion)
    union = confusion.sum(axis=0) + confusion.sum(axis=1) - intersection
    return [round(float(value), 4) for value in intersection / np.maximum(union, 1)]


def _recalls_by_distance(
    distances: Sequence[int], hits: Counts, pairs: Counts
) -> dict[str, dict[str, float]]:
    """The recalls by distance, and then by the names in ``PAIR_KINDS_OF_RECALL``."""
    table = {}
    for index, distance in enumerate(distances):
        channels = slice(len(NEIGHBOURS) * index, len(NEIGHBOURS) * (index + 1))
        table[str(distance)] = {
            name: round(
                float(hits[channels][:, kinds].sum() / max(1, pairs[channels][:, kinds].sum())), 4
            )
            for name, kinds in PAIR_KINDS_OF_RECALL.items()
        }
    return table
