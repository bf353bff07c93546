"""Give arrays any dtype and memory layout that a caller may pass."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from merge_impls.arrays import AnyArray, UInt16Array
from merge_impls.fixed_point_affinities import ONE

Scalar = TypeVar("Scalar", bound=np.generic)

LAYOUTS = ["C"] * 3 + ["F", "spread", "reversed"]
"""The layouts of ``laid_out``; a repeated one is drawn more often."""


def laid_out(array: npt.NDArray[Scalar], layout: str) -> npt.NDArray[Scalar]:
    """The same values C-contiguous ("C"), Fortran-ordered ("F"), with gaps ("spread"), or with a negative
    stride ("reversed")."""
    if layout == "F":
        return np.asfortranarray(array)
    if layout == "spread":
        wide = np.zeros((*array.shape[:-1], 2 * array.shape[-1]), array.dtype)
        wide[..., ::2] = array
        return wide[..., ::2]
    if layout == "reversed":
        return np.ascontiguousarray(array[..., ::-1])[..., ::-1]
    return array


DTYPES = ["uint16"] * 3 + ["float64", "float32", "float16"]


def as_given(fixed: UInt16Array, dtype: str, layout: str) -> AnyArray:
    """The same affinities as a caller may pass them: fixed point or floats, in any memory layout.

    float16 is coarser than fixed point, so it changes the affinities a little.
    """
    return laid_out(fixed if dtype == "uint16" else (fixed / ONE).astype(dtype), layout)
