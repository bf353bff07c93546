"""A few numbers for many."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np

from merge_impls.timing import Run


@dataclass(frozen=True)
class Spread:
    """Median and quartiles."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """Of at least one value."""
        low, median, high = np.quantile(values, [0.25, 0.5, 0.75]).tolist()
        return cls(median, low, high)


def kernel_seconds(run: Run) -> list[float]:
    """The wall time of each round without the conversion."""
    conversion = run.conversion_seconds or [0.0] * len(run.seconds)
    return [whole - converting for whole, converting in zip(run.seconds, conversion, strict=True)]
