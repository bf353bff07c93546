"""What training minimises: cross entropy, made fair to what is rare."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

from models.training.pair_targets import IGNORED, OTHER, OUTSIDE, SAME

IGNORE_LABEL = 255


def semantic_loss(logits: Tensor, labels: Tensor, class_weights: Tensor) -> Tensor:
    """Cross entropy of logits (N, C, H, W) and labels (N, H, W) uint8, 255 ignored; mean over pixels.

    class_weights: (C,) float, the weight of a pixel of each class; all one is the plain loss.
    """
    each = F.cross_entropy(
        logits, labels.long(), class_weights, ignore_index=IGNORE_LABEL, reduction="none"
    )
    return each.sum() / (labels != IGNORE_LABEL).sum().clamp(min=1)


def affinity_loss(logits: Tensor, kinds: Tensor, kind_weights: Tensor) -> Tensor:
    """Binary cross entropy after the sigmoid (section 3.3), mean over the pairs that are learnt.

    logits: (N, K, H, W); kinds: the same shape, from ``pair_kinds``.
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

    pixels: (C,) counts; power 0 is the plain loss, 1 gives every class the same total weight.
    """
    frequency = pixels.double() / pixels.sum()
    weights = frequency.clamp(min=1e-6) ** -power
    return (weights / (weights * frequency).sum()).float()


def balanced_kind_weights(pairs: Tensor, shares: Sequence[float]) -> Tensor:
    """Weights (K, 4) that give each kind its share of a channel's total weight.

    At distance 1 more than nine learnt pairs of ten are positive, and a plain loss hardly learns the
    negatives: so the three kinds count by ``shares`` (of SAME, OTHER, OUTSIDE), however rare they are.

    pairs: (K, 4) counts of each kind in each channel.
    """
    weights = torch.zeros(pairs.shape, dtype=torch.float64)
    learnt = pairs[:, 1:].sum(dim=1).clamp(min=1)
    for kind, share in zip((SAME, OTHER, OUTSIDE), shares, strict=True):
        frequency = pairs[:, kind].double() / learnt
        weights[:, kind] = share / frequency.clamp(min=1e-3)
    return weights.float()
