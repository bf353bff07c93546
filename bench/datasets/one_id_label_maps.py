"""Warns of label maps that are masks: one id for all objects, which lies in several pieces."""

import warnings
from pathlib import Path

import numpy as np
from scipy import ndimage

from merge_impls.arrays import AnyArray

_EIGHT_NEIGHBOURS = np.ones((3, 3), dtype=bool)


class OneIdWarning(UserWarning):
    """The one id of a label map lies in several pieces. The message is one line."""


def warn_of_one_id_in_pieces(path: Path, labels: AnyArray) -> bool:
    """Warn if the only id of a label map (H, W) lies in several 8-connected pieces. Returns whether it does.

    Every piece is probably an object of its own. As one object, all pieces together match no prediction of
    one of them, so that perfect predictions get AP 0.
    """
    found = labels[labels != 0]
    if not found.size or (found != found[0]).any():
        return False
    _, pieces = ndimage.label(labels, structure=_EIGHT_NEIGHBOURS)
    if pieces > 1:
        warnings.warn(
            f"{path}: its only id, {found[0]}, lies in {pieces} pieces, which count as one object; if each "
            "piece is an object, give each piece an id (scipy.ndimage.label does); further such maps are not "
            "named",
            OneIdWarning,
            stacklevel=2,
        )
    return bool(pieces > 1)
