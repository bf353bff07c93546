"""What the affinity network should answer (section 3.3), from a map of instances."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

IGNORED, SAME, OTHER, OUTSIDE = range(4)
"""Kinds of pixel pairs: not learnt; one instance; two instances; one pixel in no instance."""

VOID_INSTANCE = -1
"""The value in maps of instances where the annotation is void."""

NO_INSTANCE = -2
"""The id that stands for a first pixel in no instance: no second pixel has it."""

INSTANCE, BACKGROUND, VOID = 0, 2, 4
"""What a pixel is, as the shift to its two bits in the values of ``KINDS_BY_SECOND``."""

KINDS_BY_SECOND = {
    INSTANCE: OTHER << INSTANCE | OUTSIDE << BACKGROUND | IGNORED << VOID,
    BACKGROUND: OUTSIDE << INSTANCE | IGNORED << BACKGROUND | IGNORED << VOID,
    VOID: IGNORED,
}
"""By what the first pixel of a pair is: a byte that holds, at the shift of each thing that the second may
be, the kind of the pair. For two pixels in instances that is ``OTHER``; where their ids are equal,
``pair_kinds`` makes it ``SAME``."""


def pair_kinds(
    instances: Tensor,
    offsets: Sequence[tuple[int, int]],
    step: int = 1,
    origin: tuple[int, int] = (0, 0),
) -> Tensor:
    """The kind of every pair (p, p + offset).

    instances: (N, H, W) integer, 0 background, > 0 instances, ``VOID_INSTANCE`` void; on any device.
    step, origin: only pixels p = origin + step * (i, j) are first pixels of pairs; by default all are.
    Returns (N, K, h, w) uint8: ``SAME`` is label 1, ``OTHER`` and ``OUTSIDE`` are label 0; pairs of two
    background pixels, pairs that leave the image and pairs with a void pixel are ``IGNORED``.
    """
    reach = max(max(abs(dy), abs(dx)) for dy, dx in offsets)
    shift = torch.full_like(instances, BACKGROUND, dtype=torch.uint8)
    shift.masked_fill_(instances > 0, INSTANCE).masked_fill_(instances == VOID_INSTANCE, VOID)
    ids = _ThinnedMap(F.pad(instances, (reach,) * 4, value=VOID_INSTANCE), step)
    shifts = _ThinnedMap(F.pad(shift, (reach,) * 4, value=VOID), step)

    first_ids, byte = _first_pixels(instances, shift, step, origin)
    kinds = byte.new_empty((len(byte), len(offsets), *byte.shape[1:]))
    # A training step asks for millions of pairs: they are bytes, written once and in place.
    same = torch.empty_like(first_ids, dtype=torch.bool)
    for channel, (dy, dx) in enumerate(offsets):
        corner = (reach + origin[0] + dy, reach + origin[1] + dx)
        torch.bitwise_right_shift(byte, shifts.window(corner, byte), out=kinds[:, channel])
        torch.eq(first_ids, ids.window(corner, byte), out=same)
        kinds[:, channel].sub_(same.view(torch.uint8), alpha=OTHER - SAME)
    return kinds.bitwise_and_(0b11)


def _first_pixels(
    instances: Tensor, shift: Tensor, step: int, origin: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """Of the first pixels of pairs: their ids, and their entries of ``KINDS_BY_SECOND``."""
    shift = shift[:, origin[0] :: step, origin[1] :: step]
    ids = instances[:, origin[0] :: step, origin[1] :: step]
    ids = torch.where(shift == INSTANCE, ids, NO_INSTANCE)
    byte = torch.zeros_like(ids, dtype=torch.uint8)
    for value, kinds in KINDS_BY_SECOND.items():
        byte.masked_fill_(shift == value, kinds)
    return ids, byte


class _ThinnedMap:
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
