"""The table of methods on the same images: AP by size of object, and the change from the first method."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class MethodAp:
    """What a method reached.

    ap: of all objects; by_size: of the objects of each range of sizes; in [0, 1], nan without objects.
    change: AP minus the first method's, and the bounds of its interval; None for the first method.
    """

    method: str
    ap: float
    by_size: Mapping[str, float]
    change: tuple[float, float, float] | None = None


def ap_by_object_size(methods: Sequence[MethodAp]) -> pd.DataFrame:
    """One row for each method: name, AP, AP by size, and the change with the bounds of its interval."""
    rows = []
    for one in methods:
        change, low, high = one.change or (np.nan,) * 3
        row = {"method": one.method, "AP": one.ap, **one.by_size}
        rows.append(row | {"change": change, "change_low": low, "change_high": high})
    return pd.DataFrame(rows)
