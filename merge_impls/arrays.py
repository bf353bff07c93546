"""Names of array types, by dtype, for annotations."""

from typing import Any, TypeAlias

import numpy as np
import numpy.typing as npt

AnyArray: TypeAlias = npt.NDArray[Any]
BoolArray: TypeAlias = npt.NDArray[np.bool_]
UInt16Array: TypeAlias = npt.NDArray[np.uint16]
Int32Array: TypeAlias = npt.NDArray[np.int32]
Int64Array: TypeAlias = npt.NDArray[np.int64]
Float32Array: TypeAlias = npt.NDArray[np.float32]
Float64Array: TypeAlias = npt.NDArray[np.float64]
IntegerArray: TypeAlias = npt.NDArray[np.integer[Any]]
"""Of any integer dtype."""

StructuredArray: TypeAlias = npt.NDArray[np.void]
"""Rows with named fields, such as those of ``HISTORY_DTYPE``."""

Slices: TypeAlias = tuple[slice, ...]
"""A part of a grid: one slice for each axis."""
