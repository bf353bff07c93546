"""What the affinity network should answer (section 3.3), from a map of instances."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

IGNORED, SAME, OTHER, OUTSIDE = range(4)
"""Kinds of pixel pairs: not learnt; one instance; two instances; one end in no instance."""

VOID_INSTANCE = -1
"""Value of instance maps where the annotation says nothing."""


def pair_kinds(
    instances: Tensor,
    offsets: Sequence[tuple[int, int]],
    step: int = 1,
    phase: tuple[int, int] = (0, 0),
) -> Tensor:
    """The kind of every pair (p, p + offset).

    instances: (N, H, W) integer, 0 background, > 0 instances, ``VOID_INSTANCE`` void.
    step, phase: only pixels p = phase + step * (i, j) are looked at, (0, 0) and 1 being all of them.
    Returns (N, K, h, w) uint8: ``SAME`` is label 1, ``OTHER`` and ``OUTSIDE`` are label 0; pairs of two
    background pixels, pairs that leave the image and pairs that touch void are ``IGNORED``.
    """
    reach = max(max(abs(dy), abs(dx)) for dy, dx in offsets)
    padded = F.pad(instances, (reach,) * 4, value=VOID_INSTANCE)
    height, width = instances.shape[-2:]

    def shifted(dy: int, dx: int) -> Tensor:
        top, left = reach + dy + phase[0], reach + dx + phase[1]
        bottom, right = reach + dy + height, reach + dx + width
        return padded[:, top:bottom:step, left:right:step]

    here = shifted(0, 0)
    kinds = torch.empty((here.shape[0], len(offsets), *here.shape[1:]), dtype=torch.uint8)
    kinds = kinds.to(instances.device)
    for channel, offset in enumerate(offsets):
        there = shifted(*offset)
        both = (here > 0) & (there > 0)
        kind = torch.where(both, torch.where(here == there, SAME, OTHER), OUTSIDE)
        learnt = (here != VOID_INSTANCE) & (there != VOID_INSTANCE) & ((here > 0) | (there > 0))
        kinds[:, channel] = torch.where(learnt, kind, IGNORED)
    return kinds
