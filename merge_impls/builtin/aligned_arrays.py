"""Make arrays whose rows do not cross the lines of the processor's cache more often than they must."""

import numpy as np

from merge_impls.arrays import StructuredArray

CACHE_LINE = 64
"""The number of bytes that most processors load together."""


def aligned_zeros(count: int, dtype: np.dtype[np.void]) -> StructuredArray:
    """Make an array of ``count`` rows of zeros that begins where a line of the cache begins."""
    size = count * dtype.itemsize
    zeros = np.zeros(size + CACHE_LINE, np.uint8)
    first = -zeros.ctypes.data % CACHE_LINE
    return zeros[first : first + size].view(dtype)
