"""The losses of both networks: cross entropy, with larger weights for rare classes and rare pairs."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from models.training.pair_targets import IGNORED, OTHER, OUTSIDE, SAME

VOID_CLASS = 255
"""The value of void pixels in semantic maps. These pixels do not count in the loss."""


def semantic_loss(logits: Tensor, labels: Tensor, class_weights: Tensor) -> Tensor:
    """The loss of the semantic network (section 3.2): the weighted cross entropy, a scalar.

    It is the sum over all pixels that are not void, divided by the number of these pixels.

    logits: (N, C, H, W) float. labels: (N, H, W) uint8, the annotated classes, ``VOID_CLASS`` for void.
    class_weights: (C,) float, for each class the weight of its pixels.
    """
    pixel_losses = F.cross_entropy(
        logits, labels.long(), class_weights, ignore_index=VOID_CLASS, reduction="none"
    )
    return pixel_losses.sum() / (labels != VOID_CLASS).sum().clamp(min=1)


def affinity_loss(logits: Tensor, kinds: Tensor, kind_weights: Tensor) -> Tensor:
    """The loss of the affinity network (section 3.3): the weighted binary cross entropy, a scalar.

    It is the sum over all pairs that are not ``IGNORED``, divided by the number of these pairs.

    logits: (N, K, H, W) float, before the sigmoid. kinds: (N, K, H, W) uint8, from ``pair_kinds``.
    kind_weights: (K, 4) float, for each channel and each kind the weight of such a pair; 0 for ``IGNORED``.
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
    """Weights (C,) of the classes: ``frequency ** -power``, scaled so that the mean over all pixels is 1.

    pixels: (C,) the number of pixels of each class.
    power: with 0, all weights are 1; with 1, the pixels of each class have the same total weight.
    """
    frequency = pixels.double() / pixels.sum()
    weights: Tensor = frequency.clamp(min=1e-6) ** -power
    return (weights / (weights * frequency).sum()).float()


def balanced_kind_weights(pairs: Tensor, shares: Sequence[float]) -> Tensor:
    """Weights (K, 4) with which each kind of pair has a fixed share of the total weight of its channel.

    Without them, the loss would hardly depend on pairs of two instances: at distance 1, more than nine of ten
    pairs lie within one instance.

    pairs: (K, 4) the number of pairs of each kind in each channel.
    shares: the shares of ``SAME``, ``OTHER`` and ``OUTSIDE``.
    """
    weights = torch.zeros(pairs.shape, dtype=torch.float64)
    not_ignored = pairs[:, 1:].sum(dim=1).clamp(min=1)
    for kind, share in zip((SAME, OTHER, OUTSIDE), shares, strict=True):
        frequency = pairs[:, kind].double() / not_ignored
        weights[:, kind] = share / frequency.clamp(min=1e-3)
    return weights.float()
