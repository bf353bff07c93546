"""The training targets of the affinity network (section 3.3): of the pairs of equations 1 and 2."""

from collections.abc import Sequence

import torch
import torch.nn.functional as F
from torch import Tensor

IGNORED, SAME, OTHER, OUTSIDE = range(4)
"""Kinds of pixel pairs: not learnt; in the same instance; in two instances; an instance and background."""

VOID_INSTANCE = -1
"""The value of instance maps where the annotation is void."""

NO_INSTANCE = -2
"""The id that first pixels outside instances get. No second pixel has it, so the two never match."""

INSTANCE_SHIFT, BACKGROUND_SHIFT, VOID_SHIFT = 0, 2, 4
"""Codes of a pixel in an instance, in the background, and in void; as bit shifts into ``KINDS_BY_SECOND``."""

KINDS_BY_SECOND = {
    INSTANCE_SHIFT: OTHER << INSTANCE_SHIFT | OUTSIDE << BACKGROUND_SHIFT | IGNORED << VOID_SHIFT,
    BACKGROUND_SHIFT: OUTSIDE << INSTANCE_SHIFT
    | IGNORED << BACKGROUND_SHIFT
    | IGNORED << VOID_SHIFT,
    VOID_SHIFT: IGNORED,
}
"""The kind of a pair, looked up by the codes of its pixels: ``KINDS_BY_SECOND[first] >> second & 0b11``.

Two pixels in instances are ``OTHER`` here; ``pair_kinds`` changes that to ``SAME`` where their ids are equal.
"""


def pair_kinds(
    instances: Tensor,
    offsets: Sequence[tuple[int, int]],
    spacing: int = 1,
    origin: tuple[int, int] = (0, 0),
) -> Tensor:
    """The kind of every pair of pixels (p, p + offset).

    instances: (N, H, W) integer, 0 background, > 0 instances, ``VOID_INSTANCE`` void; on any device.
    offsets: K offsets (dy, dx).
    spacing, origin: p is restricted to the pixels origin + spacing * (i, j); by default it is any pixel.
    Returns (N, K, h, w) uint8. ``SAME`` has the target 1; ``OTHER`` and ``OUTSIDE`` have the target 0. Pairs
    of two background pixels, pairs that leave the image and pairs with a void pixel are ``IGNORED``.
    """
    reach = max(max(abs(dy), abs(dx)) for dy, dx in offsets)
    shift = torch.full_like(instances, BACKGROUND_SHIFT, dtype=torch.uint8)
    shift.masked_fill_(instances > 0, INSTANCE_SHIFT).masked_fill_(
        instances == VOID_INSTANCE, VOID_SHIFT
    )
    ids = _ThinnedMap(F.pad(instances, (reach,) * 4, value=VOID_INSTANCE), spacing)
    shifts = _ThinnedMap(F.pad(shift, (reach,) * 4, value=VOID_SHIFT), spacing)

    first_ids, byte = _first_pixels(instances, shift, spacing, origin)
    kinds = byte.new_empty((len(byte), len(offsets), *byte.shape[1:]))
    # A training step has millions of pairs, so each is one byte, written once and changed in place.
    same = torch.empty_like(first_ids, dtype=torch.bool)
    for channel, (dy, dx) in enumerate(offsets):
        corner = (reach + origin[0] + dy, reach + origin[1] + dx)
        torch.bitwise_right_shift(byte, shifts.window(corner, byte), out=kinds[:, channel])
        torch.eq(first_ids, ids.window(corner, byte), out=same)
        kinds[:, channel].sub_(same.view(torch.uint8), alpha=OTHER - SAME)
    return kinds.bitwise_and_(0b11)


def _first_pixels(
    instances: Tensor, shift: Tensor, spacing: int, origin: tuple[int, int]
) -> tuple[Tensor, Tensor]:
    """For each first pixel its id (N, h, w), and its value in ``KINDS_BY_SECOND`` (N, h, w) uint8."""
    shift = shift[:, origin[0] :: spacing, origin[1] :: spacing]
    ids = instances[:, origin[0] :: spacing, origin[1] :: spacing]
    ids = torch.where(shift == INSTANCE_SHIFT, ids, NO_INSTANCE)
    byte = torch.zeros_like(ids, dtype=torch.uint8)
    for value, kinds in KINDS_BY_SECOND.items():
        byte.masked_fill_(shift == value, kinds)
    return ids, byte


class _ThinnedMap:
    """A map (N, H, W) of which every ``spacing``-th pixel is read, starting at any pixel.

    Each set of such pixels is copied once, to be contiguous; windows are views of the copy.
    """

    def __init__(self, whole: Tensor, spacing: int) -> None:
        self.whole, self.spacing = whole, spacing
        self.copies: dict[tuple[int, int], Tensor] = {}

    def window(self, corner: tuple[int, int], like: Tensor) -> Tensor:
        """The pixels corner + spacing * (i, j), in the shape of ``like`` (N, h, w)."""
        (top, row), (left, column) = (divmod(start, self.spacing) for start in corner)
        if (row, column) not in self.copies:
            thinned = self.whole[:, row :: self.spacing, column :: self.spacing]
            self.copies[row, column] = thinned.contiguous()
        height, width = like.shape[1:]
        return self.copies[row, column][:, top : top + height, left : left + width]
