"""The table that compares methods on the same images: AP by size of object, and the change of AP."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class MethodApBySize:
    """AP of a method, in [0, 1]; nan if there are no objects.

    ap: AP of all objects. by_size: AP of the objects of each range of sizes, by the name of the range.
    images: the number of scored images.
    change: AP minus AP of the first method, and the lower and the upper bound of its interval. None for the
        first method.
    """

    method: str
    ap: float
    by_size: Mapping[str, float]
    images: int
    change: tuple[float, float, float] | None = None


def ap_by_object_size_table(methods: Sequence[MethodApBySize]) -> pd.DataFrame:
    """One row for each method: name, AP, AP by size, change of AP with its interval, number of images."""
    rows = []
    for one in methods:
        change, low, high = one.change or (np.nan,) * 3
        row = {"method": one.method, "AP": one.ap, **one.by_size}
        row |= {"change": change, "change_low": low, "change_high": high}
        rows.append(row | {"images": one.images})
    return pd.DataFrame(rows)
