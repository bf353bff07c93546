"""The training targets of the affinity network (section 3.3): the kind of each pair of pixels."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

IGNORED, SAME, OTHER, OUTSIDE = range(4)
"""The kinds of pairs of pixels.

``IGNORED``: the pair does not count in the loss. ``SAME``: both pixels are in the same instance. ``OTHER``:
the pixels are in two instances. ``OUTSIDE``: one pixel is in an instance, the other in the background.
"""

VOID_INSTANCE = -1
"""The value of void pixels in instance maps."""

UNMATCHED_ID = -2
"""The instance id given to the first pixel of a pair if it is in no instance. No second pixel has this id."""

INSTANCE_SHIFT, BACKGROUND_SHIFT, VOID_SHIFT = 0, 2, 4
"""Codes for a pixel in an instance, in the background, and for a void pixel.

The code of the second pixel of a pair is the number of bits by which a value of ``PACKED_KINDS`` is shifted.
"""

PACKED_KINDS = {
    INSTANCE_SHIFT: OTHER << INSTANCE_SHIFT | OUTSIDE << BACKGROUND_SHIFT | IGNORED << VOID_SHIFT,
    BACKGROUND_SHIFT: OUTSIDE << INSTANCE_SHIFT
    | IGNORED << BACKGROUND_SHIFT
    | IGNORED << VOID_SHIFT,
    VOID_SHIFT: IGNORED,
}
"""A table of the kinds of pairs: ``PACKED_KINDS[first] >> second & 0b11`` is the kind.

``first`` and ``second`` are the codes of the two pixels. Two pixels in instances are ``OTHER`` in this table;
``pair_kinds`` changes the kind to ``SAME`` if their ids are equal.
"""


def pair_kinds(
    instances: Tensor,
    offsets: Sequence[tuple[int, int]],
    spacing: int = 1,
    origin: tuple[int, int] = (0, 0),
) -> Tensor:
    """The kind of each pair of pixels (p, p + offset), for each pixel p and each offset.

    instances: (N, H, W) integer, on any device: 0 background, > 0 instances, ``VOID_INSTANCE`` void.
    offsets: K offsets (dy, dx).
    spacing, origin: only the pixels p = origin + spacing * (i, j) are used; by default all pixels.
    Returns (N, K, h, w) uint8. The target of ``SAME`` is 1; that of ``OTHER`` and ``OUTSIDE`` is 0. A pair is
    ``IGNORED`` if both pixels are background, if one pixel is void, or if one is beyond the image.
    """
    reach = max(max(abs(dy), abs(dx)) for dy, dx in offsets)
    shift = torch.full_like(instances, BACKGROUND_SHIFT, dtype=torch.uint8)
    shift.masked_fill_(instances > 0, INSTANCE_SHIFT).masked_fill_(
        instances == VOID_INSTANCE, VOID_SHIFT
    )
    ids = _SubsampledMap(F.pad(instances, (reach,) * 4, value=VOID_INSTANCE), spacing)
    shifts = _SubsampledMap(F.pad(shift, (reach,) * 4, value=VOID_SHIFT), spacing)

    first_ids, byte = _ids_and_packed_kinds(instances, shift, spacing, origin)
    kinds = byte.new_empty((len(byte), len(offsets), *byte.shape[1:]))
    # A training step has millions of pairs. To save time, each takes one byte, and no copies are made.
    same = torch.empty_like(first_ids, dtype=torch.bool)
    for channel, (dy, dx) in enumerate(offsets):
        corner = (reach + origin[0] + dy, reach + origin[1] + dx)
        torch.bitwise_right_shift(byte, shifts.window(corner, byte), out=kinds[:, channel])
        torch.eq(first_ids, ids.window(corner, byte), out=same)
        kinds[:, channel].sub_(same.view(torch.uint8), alpha=OTHER - SAME)
    return kinds.bitwise_and_(0b11)


def _ids_and_packed_kinds(
    instances: Tensor, shift: Tensor, spacing: int, origin: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """For the first pixel of each pair, its id (N, h, w) and its value in ``PACKED_KINDS`` (N, h, w) uint8.

    The id is ``UNMATCHED_ID`` for pixels in no instance.
    """
    shift = shift[:, origin[0] :: spacing, origin[1] :: spacing]
    ids = instances[:, origin[0] :: spacing, origin[1] :: spacing]
    ids = torch.where(shift == INSTANCE_SHIFT, ids, UNMATCHED_ID)
    byte = torch.zeros_like(ids, dtype=torch.uint8)
    for value, kinds in PACKED_KINDS.items():
        byte.masked_fill_(shift == value, kinds)
    return ids, byte


class _SubsampledMap:
    """A map (N, H, W) of which windows of every ``spacing``-th pixel are read.

    For speed, pixels that are read together are copied once to adjacent memory; windows are views of this
    copy.
    """

    def __init__(self, whole: Tensor, spacing: int) -> None:
        self.whole, self.spacing = whole, spacing
        self.copies: dict[tuple[int, int], Tensor] = {}

    def window(self, corner: tuple[int, int], like: Tensor) -> Tensor:
        """The pixels corner + spacing * (i, j), an array (N, h, w) of the shape of ``like``."""
        (top, row), (left, column) = (divmod(start, self.spacing) for start in corner)
        if (row, column) not in self.copies:
            subsampled = self.whole[:, row :: self.spacing, column :: self.spacing]
            self.copies[row, column] = subsampled.contiguous()
        height, width = like.shape[1:]
        return self.copies[row, column][:, top : top + height, left : left + width]
