"""Methods on the same images: AP by size of object, and how sure the change from the first one is."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class MethodScore:
    """A method's row.

    ap: over all objects; by_size: over those of each range of sizes alone; in [0, 1], nan without objects.
    change: AP minus the first method's, and the bounds of its interval; None of the first itself.
    """

    method: str
    ap: float
    by_size: Mapping[str, float]
    change: tuple[float, float, float] | None = None


def comparison(methods: Sequence[MethodScore]) -> pd.DataFrame:
    """One row a method: ``method``, ``AP``, AP by size, ``change``, ``change_low``, ``change_high``."""
    rows = []
    for one in methods:
        change, low, high = one.change or (np.nan,) * 3
        row = {"method": one.method, "AP": one.ap, **one.by_size}
        rows.append(row | {"change": change, "change_low": low, "change_high": high})
    return pd.DataFrame(rows)
