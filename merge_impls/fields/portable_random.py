"""Random numbers that are the same bits on every machine and with every numpy."""

import numpy as np


class Draws:
    """A seeded stream, made from the raw output of PCG64 by integers and exact divisions alone.

    Raw output is all that numpy promises never to change; what its distributions make of it, it
    may.
    """

    def __init__(self, *seed: int) -> None:
        self._bits = np.random.PCG64(seed)

    def share(self) -> float:
        """A multiple of 2**-53 in [0, 1)."""
        return (self._bits.random_raw() >> 11) / 2**53

    def between(self, low: float, high: float) -> float:
        """A float64 from ``low`` to ``high``."""
        return low + (high - low) * self.share()

    def bell(self, shape: tuple[int, ...]) -> np.ndarray:
        """int32 of a 2-D ``shape``, bell-shaped around 0: -510..510 with standard deviation 148."""
        count = shape[0] * shape[1]
        raw = self._bits.random_raw((count + 1) // 2)
        # Little-endian bytes, whatever the machine; four of them a value.
        quarters = raw.astype("<u8").view(np.uint8).reshape(-1, 4)
        return (quarters.sum(axis=1, dtype=np.int32)[:count] - 510).reshape(shape)
