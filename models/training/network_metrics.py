"""How good the networks are by themselves, before any merge."""

from collections.abc import Sequence

import numpy as np
import torch

from models.affinity_channels import NEIGHBOURS, channel_offsets
from models.inference import infer, probabilities
from models.model_folder import Model
from models.training.crop_batches import Annotated
from models.training.loss_functions import IGNORE_LABEL
from models.training.pair_targets import OTHER, OUTSIDE, SAME, pair_kinds


def measure(model: Model, images: Sequence[Annotated]) -> dict[str, dict]:
    """Recalls at probability 0.5, pooled over ``images`` at full size.

    Returns ``semantic``: intersection over union of background and of each class; ``affinity``: for each
    distance the recall of the three kinds of pairs: "same" (positives), "other" (two instances) and
    "outside" (instance and background), and of all "negatives".
    """
    config = model.config
    strides = config.semantic.output_stride, config.affinity.output_stride
    offsets = channel_offsets(config.distances)
    names = ("background", *config.classes)
    confusion = np.zeros((len(names), len(names)), np.int64)
    hits, pairs = np.zeros((len(offsets), 4), np.int64), np.zeros((len(offsets), 4), np.int64)
    for item in images:
        answer = probabilities(infer(model, item.image), item.semantic.shape, strides)
        known = item.semantic != IGNORE_LABEL
        found = answer.semantic.argmax(axis=0)[known]
        np.add.at(confusion, (item.semantic[known], found), 1)
        kinds = pair_kinds(torch.from_numpy(item.instances)[None], offsets)[0].numpy()
        joined = answer.affinity > 0.5
        for kind in (SAME, OTHER, OUTSIDE):
            of_kind = kinds == kind
            right = joined if kind == SAME else ~joined
            pairs[:, kind] += of_kind.sum(axis=(1, 2))
            hits[:, kind] += (of_kind & right).sum(axis=(1, 2))
    return {
        "semantic": dict(zip(names, _intersection_over_union(confusion), strict=True)),
        "affinity": _recalls(config.distances, hits, pairs),
    }


def _intersection_over_union(confusion: np.ndarray) -> list[float]:
    inner = np.diag(confusion)
    union = confusion.sum(axis=0) + confusion.sum(axis=1) - inner
    return [round(float(value), 4) for value in inner / np.maximum(union, 1)]


def _recalls(
    distances: Sequence[int], hits: np.ndarray, pairs: np.ndarray
) -> dict[str, dict[str, float]]:
    columns = {
        "same": [SAME],
        "other": [OTHER],
        "outside": [OUTSIDE],
        "negatives": [OTHER, OUTSIDE],
    }
    table = {}
    for index, distance in enumerate(distances):
        rows = slice(len(NEIGHBOURS) * index, len(NEIGHBOURS) * (index + 1))
        table[str(distance)] = {
            name: round(float(hits[rows][:, kinds].sum() / max(1, pairs[rows][:, kinds].sum())), 4)
            for name, kinds in columns.items()
        }
    return table
