"""Convert arrays to the dtypes and memory layouts that callers may pass."""

from typing import TypeVar

import numpy as np
import numpy.typing as npt

from merge_impls.arrays import AnyArray, UInt16Array
from merge_impls.fixed_point_affinities import ONE

Scalar = TypeVar("Scalar", bound=np.generic)

LAYOUTS = ["C"] * 3 + ["F", "spread", "reversed"]
"""The memory layouts of ``with_memory_layout``; one that is listed several times is drawn more often."""


def with_memory_layout(array: npt.NDArray[Scalar], layout: str) -> npt.NDArray[Scalar]:
    """Return the same values in another memory layout.

    layout: "C": C-contiguous, "F": Fortran-contiguous, "spread": with gaps between the values,
        "reversed": with a negative stride along the last axis.
    """
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
"""The dtypes of affinities; one that is listed several times is drawn more often."""


def with_dtype_and_layout(fixed: UInt16Array, dtype: str, layout: str) -> AnyArray:
    """Convert fixed-point affinities to one of ``DTYPES`` and one of ``LAYOUTS``.

    float16 has a lower precision than fixed point, so the affinities change a little.
    """
    return with_memory_layout(fixed if dtype == "uint16" else (fixed / ONE).astype(dtype), layout)
