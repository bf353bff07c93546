"""Affinities in any dtype and memory layout that a caller may hand in."""

import numpy as np

from merge_impls.fixed_point import ONE

LAYOUTS = ["C"] * 3 + ["F", "spread", "reversed"]


def laid_out(array: np.ndarray, layout: str) -> np.ndarray:
    """The same values; contiguous, Fortran-ordered, every second one, or from back to front."""
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


def as_given(fixed: np.ndarray, dtype: str, layout: str) -> np.ndarray:
    """The same affinities as a caller may have them: fixed point or floats, in any memory layout.

    float16 is coarser than fixed point, so there the affinities change a little.
    """
    return laid_out(fixed if dtype == "uint16" else (fixed / ONE).astype(dtype), layout)
