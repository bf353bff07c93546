"""What the affinity network should answer (section 3.3), from a map of instances."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

IGNORED, SAME, OTHER, OUTSIDE = range(4)
"""Kinds of pixel pairs: not learnt; one instance; two instances; one end in no instance."""

VOID_INSTANCE = -1
"""Value of instance maps where the annotation says nothing."""

INSTANCE, BACKGROUND, VOID = 0, 2, 4
"""What a pixel is, as the place of two bits: the byte of p has there the kind of a pair whose other end is
that. Two ends in instances make ``OTHER``, from which ``pair_kinds`` takes one where the ids are equal."""

BYTES = {
    INSTANCE: OTHER << INSTANCE | OUTSIDE << BACKGROUND | IGNORED << VOID,
    BACKGROUND: OUTSIDE << INSTANCE | IGNORED << BACKGROUND | IGNORED << VOID,
    VOID: IGNORED,
}
NOBODY = -2
"""The id of p where it is in no instance: what is equal to it is none either."""


def pair_kinds(
    instances: Tensor,
    offsets: Sequence[tuple[int, int]],
    step: int = 1,
    phase: tuple[int, int] = (0, 0),
) -> Tensor:
    """The kind of every pair (p, p + offset).

    instances: (N, H, W) integer, 0 background, > 0 instances, ``VOID_INSTANCE`` void; on any device.
    step, phase: only pixels p = phase + step * (i, j) are looked at, (0, 0) and 1 being all of them.
    Returns (N, K, h, w) uint8 there: ``SAME`` is label 1, ``OTHER`` and ``OUTSIDE`` are label 0; pairs of
    two background pixels, pairs that leave the image and pairs that touch void are ``IGNORED``.
    """
    reach = max(max(abs(dy), abs(dx)) for dy, dx in offsets)
    what = torch.full_like(instances, BACKGROUND, dtype=torch.uint8)
    what.masked_fill_(instances > 0, INSTANCE).masked_fill_(instances == VOID_INSTANCE, VOID)
    ids = _Thinned(F.pad(instances, (reach,) * 4, value=VOID_INSTANCE), step)
    whats = _Thinned(F.pad(what, (reach,) * 4, value=VOID), step)

    what = what[:, phase[0] :: step, phase[1] :: step]
    own = instances[:, phase[0] :: step, phase[1] :: step]
    own = torch.where(what == INSTANCE, own, NOBODY)
    byte = torch.zeros_like(own, dtype=torch.uint8)
    for value, bits in BYTES.items():
        byte.masked_fill_(what == value, bits)

    kinds = byte.new_empty((len(byte), len(offsets), *byte.shape[1:]))
    # A training step asks for millions of pairs: bytes, written at once to where they stay.
    same = torch.empty_like(own, dtype=torch.bool)
    for channel, (dy, dx) in enumerate(offsets):
        corner = (reach + phase[0] + dy, reach + phase[1] + dx)
        torch.bitwise_right_shift(byte, whats.window(corner, own), out=kinds[:, channel])
        torch.eq(own, ids.window(corner, own), out=same)
        kinds[:, channel].sub_(same.view(torch.uint8), alpha=OTHER - SAME)
    return kinds.bitwise_and_(0b11)


class _Thinned:
    """Every ``step``-th pixel of a map (N, H, W) from any corner on, as a view of one contiguous copy."""

    def __init__(self, whole: Tensor, step: int) -> None:
        self.whole, self.step = whole, step
        self.copies: dict[tuple[int, int], Tensor] = {}

    def window(self, corner: tuple[int, int], like: Tensor) -> Tensor:
        """The pixels corner + step * (i, j), as many as ``like`` (N, h, w) has."""
        (top, row), (left, column) = (divmod(start, self.step) for start in corner)
        if (row, column) not in self.copies:
            thinned = self.whole[:, row :: self.step, column :: self.step]
            self.copies[row, column] = thinned.contiguous()
        height, width = like.shape[1:]
        return self.copies[row, column][:, top : top + height, left : left + width]
