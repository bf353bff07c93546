"""The sigmoid of integer logits, with the same bits on every machine."""

from functools import cache

import numpy as np

from merge_impls.arrays import Int32Array, UInt16Array
from merge_impls.fixed_point_affinities import ONE

ONE_LOGIT = 4096
"""The integer that stands for the logit 1."""

_LARGEST = 12 * ONE_LOGIT
"""The largest absolute value of a logit; larger ones are clipped."""


def sigmoid(logits: Int32Array) -> UInt16Array:
    """The sigmoid of each logit: uint16 fixed point, of the shape of ``logits``.

    ``logits`` are overwritten.
    """
    np.clip(logits, -_LARGEST, _LARGEST, out=logits)
    logits += _LARGEST
    values: UInt16Array = _sigmoid_table()[logits]
    return values


@cache
def _sigmoid_table() -> UInt16Array:
    """uint16: entry i is the fixed-point sigmoid of the logit ``i - _LARGEST``.

    The exponential is computed as (1 + x / 1024) ** 1024 by products, because ``exp`` differs between
    machines.
    """
    logits = np.arange(-_LARGEST, _LARGEST + 1)
    exponential = 1 + np.abs(logits) / (1024 * ONE_LOGIT)
    for _ in range(10):
        exponential = exponential * exponential
    low = 1 / (1 + exponential)
    values = np.where(logits < 0, low, 1 - low)
    fixed_point: UInt16Array = np.rint(values * ONE).astype(np.uint16)
    return fixed_point
