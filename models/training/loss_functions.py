"""The losses of both networks: cross entropy, weighted so that rare classes and kinds of pairs count."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from models.training.pair_targets import IGNORED, OTHER, OUTSIDE, SAME

IGNORE_LABEL = 255
"""The label of pixels that are not learnt."""


def semantic_loss(logits: Tensor, labels: Tensor, class_weights: Tensor) -> Tensor:
    """Cross entropy of logits (N, C, H, W) and labels (N, H, W) uint8, 255 ignored; mean over pixels.

    class_weights: (C,) float, the weight of a pixel of each class; with ones the loss is unweighted.
    """
    each = F.cross_entropy(
        logits, labels.long(), class_weights, ignore_index=IGNORE_LABEL, reduction="none"
    )
    return each.sum() / (labels != IGNORE_LABEL).sum().clamp(min=1)


def affinity_loss(logits: Tensor, kinds: Tensor, kind_weights: Tensor) -> Tensor:
    """Binary cross entropy after the sigmoid (section 3.3); mean over the pairs that are not ``IGNORED``.

    logits: (N, K, H, W) float; kinds: (N, K, H, W) uint8, from ``pair_kinds``.
    kind_weights: (K, 4) float, the weight of a pair of each kind in each channel, 0 for ``IGNORED``.
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
    """Weights (C,) proportional to frequency ** -power, scaled so that the mean pixel weighs one.

    pixels: (C,) counts. power: 0 leaves all weights one, 1 gives every class the same total weight.
    """
    frequency = pixels.double() / pixels.sum()
    weights: Tensor = frequency.clamp(min=1e-6) ** -power
    return (weights / (weights * frequency).sum()).float()


def balanced_kind_weights(pairs: Tensor, shares: Sequence[float]) -> Tensor:
    """Weights (K, 4) that give each kind of pair its share of a channel's total weight, however rare it is.

    At distance 1 more than nine of ten learnt pairs are positive, and an unweighted loss hardly learns the
    negative ones.

    pairs: (K, 4) counts of each kind in each channel. shares: of SAME, OTHER and OUTSIDE.
    """
    weights = torch.zeros(pairs.shape, dtype=torch.float64)
    learnt = pairs[:, 1:].sum(dim=1).clamp(min=1)
    for kind, share in zip((SAME, OTHER, OUTSIDE), shares, strict=True):
        frequency = pairs[:, kind].double() / learnt
        weights[:, kind] = share / frequency.clamp(min=1e-3)
    return weights.float()
