"""Array types for annotations, named after their dtype."""

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
"""An array of any integer dtype."""

StructuredArray: TypeAlias = npt.NDArray[np.void]
"""An array whose rows have named fields, such as an array of ``HISTORY_DTYPE``."""

Slices: TypeAlias = tuple[slice, ...]
"""One slice for each axis of a grid, which together select a box of pixels."""
