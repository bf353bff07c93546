"""Convert affinities to fixed point, integers in 0..65535, and thresholds to float32.

Sums of integers are exact and do not depend on the order of summation.
"""

import numpy as np
from numpy.typing import ArrayLike

from merge_impls.argument_checks import as_array, refuse_first_bad_entry
from merge_impls.arrays import Float32Array, UInt16Array

ONE = 65535
"""The fixed-point integer of an affinity of 1."""

_FLOATS = (np.float16, np.float32, np.float64)


def affinities_to_fixed_point(affinities: ArrayLike) -> UInt16Array:
    """Convert affinities p to uint16: rint(p * 65535), computed in float64, rounded half to even.

    An array of uint16 is fixed point already and is returned without a copy.
    Raises TypeError for another dtype than uint16, float16, float32 and float64, and ValueError for
    values outside [0, 1], for NaN and for infinities.
    """
    given = as_array("affinities", affinities)
    values = given.astype(given.dtype.newbyteorder("="), copy=False)
    if values.dtype == np.uint16:
        return values
    if values.dtype not in _FLOATS:
        hint = "; merge_impls.canonical converts uint8" if values.dtype == np.uint8 else ""
        raise TypeError(
            "affinities must be float16, float32 or float64 in [0, 1], or uint16 fixed point "
            f"(65535 stands for 1); got {values.dtype}{hint}"
        )
    # For NaN both comparisons are False, so NaN is refused too.
    refuse_first_bad_entry(
        "affinities", values, ~((values >= 0) & (values <= 1)), "must be in [0, 1]"
    )
    fixed = np.empty(values.shape, np.uint16)
    # One channel at a time, because a float64 copy of all channels would need much memory.
    channels = range(len(values)) if values.ndim > 1 else [slice(None)]
    for channel in channels:
        fixed[channel] = np.rint(values[channel].astype(np.float64) * ONE)
    return fixed


def thresholds_to_float32(thresholds: ArrayLike) -> Float32Array:
    """Convert thresholds r (S,) in [0, 1] to float32(rint(r * 65535) / 65535).

    This is the weight that an edge of affinity r has, so that an edge reaches an equal threshold.
    Raises ValueError or TypeError with a one-line message.
    """
    values = as_array("thresholds", thresholds)
    if values.ndim != 1:
        raise ValueError(f"thresholds must have shape (S,); got {values.shape}")
    if values.size == 0:
        raise ValueError("thresholds is empty; give one threshold for each stage")
    if values.dtype.kind not in "fiu":
        raise TypeError(f"thresholds must be numbers in [0, 1]; got {values.dtype}")
    refuse_first_bad_entry(
        "thresholds", values, ~((values >= 0) & (values <= 1)), "must be in [0, 1]"
    )
    return (np.rint(values.astype(np.float64) * ONE) / ONE).astype(np.float32)
