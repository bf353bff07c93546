"""The losses of both networks: cross entropy with weights for rare classes and rare kinds of pairs."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from models.training.pair_targets import IGNORED, OTHER, OUTSIDE, SAME

VOID_CLASS = 255
"""The value of semantic maps where the annotation is void; such pixels do not count in the loss."""


def semantic_loss(logits: Tensor, labels: Tensor, class_weights: Tensor) -> Tensor:
    """Weighted cross entropy of the pixels that are not void, divided by their number.

    logits: (N, C, H, W) float; labels: (N, H, W) uint8, ``VOID_CLASS`` where void.
    class_weights: (C,) float, the weight of a pixel of each class.
    Returns a scalar.
    """
    each = F.cross_entropy(
        logits, labels.long(), class_weights, ignore_index=VOID_CLASS, reduction="none"
    )
    return each.sum() / (labels != VOID_CLASS).sum().clamp(min=1)


def affinity_loss(logits: Tensor, kinds: Tensor, kind_weights: Tensor) -> Tensor:
    """Weighted binary cross entropy after the sigmoid (section 3.3), divided by the number of learnt pairs.

    logits: (N, K, H, W) float; kinds: (N, K, H, W) uint8, from ``pair_kinds``.
    kind_weights: (K, 4) float, the weight of a pair of each kind in each channel, 0 for ``IGNORED``.
    Returns a scalar.
    """
    same, other, outside = (
        kind_weights[:, kind].view(1, -1, 1, 1) for kind in (SAME, OTHER, OUTSIDE)
    )
    labels = (kinds == SAME).to(logits.dtype)
    weights = torch.where(kinds == OTHER, other, outside)
    weights = torch.where(kinds == SAME, same, weights) * (kinds != IGNORED)
    total = F.binary_cross_entropy_with_logits(logits, labels, weights, reduction="sum")
    return total / (kinds != IGNORED).sum().clamp(min=1)


def balanced_class_weights(pixels: Tensor, power: float) -> Tensor:
    """Weights (C,) proportional to frequency ** -power, scaled so that the mean weight of all pixels is one.

    pixels: (C,) the number of pixels of each class.
    power: 0 makes all weights one, 1 gives every class the same total weight.
    """
    frequency = pixels.double() / pixels.sum()
    weights: Tensor = frequency.clamp(min=1e-6) ** -power
    return (weights / (weights * frequency).sum()).float()


def balanced_kind_weights(pairs: Tensor, shares: Sequence[float]) -> Tensor:
    """Weights (K, 4) that give each kind of pair a fixed share of the total weight of its channel.

    At distance 1 more than nine of ten learnt pairs are positive, so an unweighted loss hardly depends on the
    negative ones.

    pairs: (K, 4) the number of pairs of each kind in each channel. shares: those of SAME, OTHER and OUTSIDE.
    """
    weights = torch.zeros(pairs.shape, dtype=torch.float64)
    learnt = pairs[:, 1:].sum(dim=1).clamp(min=1)
    for kind, share in zip((SAME, OTHER, OUTSIDE), shares, strict=True):
        frequency = pairs[:, kind].double() / learnt
        weights[:, kind] = share / frequency.clamp(min=1e-3)
    return weights.float()
