"""Random numbers with the same bits on every machine and with every version of numpy."""

import math

import numpy as np

from merge_impls.arrays import Int32Array, Int64Array


class PortableRandom:
    """A seeded stream of random numbers, computed from the raw output of PCG64 by exact operations.

    numpy guarantees that the raw output never changes, but does not guarantee this for distributions.
    """

    def __init__(self, *seed: int) -> None:
        self._bits = np.random.PCG64(seed)

    def uniform(self) -> float:
        """A number that is uniform in [0, 1), a multiple of 2**-53."""
        raw: int = self._bits.random_raw()
        return (raw >> 11) / 2**53

    def uniform_between(self, low: float, high: float) -> float:
        """A number that is uniform between ``low`` and ``high``."""
        return low + (high - low) * self.uniform()

    def integers(self, shape: tuple[int, ...], bits: int) -> Int64Array:
        """int64 of ``shape``: each value uniform in 0..2**bits - 1. bits: 1 to 63."""
        raw = self._bits.random_raw(math.prod(shape))
        values: Int64Array = (raw >> np.uint64(64 - bits)).astype(np.int64)
        return values.reshape(shape)

    def bell_shaped(self, shape: tuple[int, ...]) -> Int32Array:
        """int32 of ``shape``, bell-shaped around 0: -510..510 with standard deviation 148."""
        count = math.prod(shape)
        raw = self._bits.random_raw((count + 1) // 2)
        # Each value is the sum of four bytes. The order of bytes is little-endian on every machine.
        quarters = raw.astype("<u8").view(np.uint8).reshape(-1, 4)
        values: Int32Array = quarters.sum(axis=1, dtype=np.int32)[:count] - 510
        return values.reshape(shape)
