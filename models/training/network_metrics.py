"""The accuracy of both networks before the graph merge: class IoU and recall of affinities."""

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

RECALLS = {"same": [SAME], "other": [OTHER], "outside": [OUTSIDE], "negatives": [OTHER, OUTSIDE]}
"""The kinds of pairs that each recall counts."""

Counts = npt.NDArray[np.int64]


class NetworkMetrics(TypedDict):
    """semantic: the intersection over union of the background and of each class, by name.
    affinity: by distance, each recall of ``RECALLS`` at probability 0.5."""

    semantic: dict[str, float]
    affinity: dict[str, dict[str, float]]


def measure_networks(model: Model, images: Sequence[AnnotatedImage]) -> NetworkMetrics:
    """Measure both networks at full resolution, over the pixels and pairs of all ``images`` together."""
    config = model.config
    strides = config.semantic.output_stride, config.affinity.output_stride
    offsets = channel_offsets(config.distances)
    names = ("background", *config.classes)
    confusion = np.zeros((len(names), len(names)), np.int64)
    hits, pairs = np.zeros((len(offsets), 4), np.int64), np.zeros((len(offsets), 4), np.int64)
    for item in images:
        height, width = item.semantic.shape
        answer = probabilities(infer(model, item.image), (height, width), strides)
        known = item.semantic != VOID_CLASS
        np.add.at(confusion, (item.semantic[known], answer.semantic.argmax(axis=0)[known]), 1)
        kinds = pair_kinds(torch.from_numpy(item.instances)[None], offsets)[0].numpy()
        _count_pairs(kinds, answer.affinity > 0.5, hits, pairs)
    return {
        "semantic": dict(zip(names, _intersection_over_union(confusion), strict=True)),
        "affinity": _recalls(config.distances, hits, pairs),
    }


def _count_pairs(
    kinds: npt.NDArray[np.uint8], joined: npt.NDArray[np.bool_], hits: Counts, pairs: Counts
) -> None:
    """Add the pairs of each channel and kind to ``pairs`` (K, 4), the correct predictions to ``hits``."""
    for kind in (SAME, OTHER, OUTSIDE):
        of_kind = kinds == kind
        right = joined if kind == SAME else ~joined
        pairs[:, kind] += of_kind.sum(axis=(1, 2))
        hits[:, kind] += (of_kind & right).sum(axis=(1, 2))


def _intersection_over_union(confusion: Counts) -> list[float]:
    """The intersection over union of each class; confusion: (annotated class, predicted class)."""
    inner = np.diag(confusion)
    union = confusion.sum(axis=0) + confusion.sum(axis=1) - inner
    return [round(float(value), 4) for value in inner / np.maximum(union, 1)]


def _recalls(distances: Sequence[int], hits: Counts, pairs: Counts) -> dict[str, dict[str, float]]:
    """The recalls by distance and by the names of ``RECALLS``."""
    table = {}
    for index, distance in enumerate(distances):
        channels = slice(len(NEIGHBOURS) * index, len(NEIGHBOURS) * (index + 1))
        table[str(distance)] = {
            name: round(
                float(hits[channels][:, kinds].sum() / max(1, pairs[channels][:, kinds].sum())), 4
            )
            for name, kinds in RECALLS.items()
        }
    return table
