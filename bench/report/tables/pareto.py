"""The Pareto front of AP against time: the methods that no other method beats in both."""

import numpy as np
import pandas as pd

ALL_AND_EXACT, ALL, EXACT, NEITHER = "all, exact", "all", "exact", ""
"""The values of ``front_column``: on which of the two fronts a row is."""


def pareto_front(frame: pd.DataFrame) -> pd.Series:
    """Whether each row is on the front (bool): no row is as good in ``ms`` and ``AP`` and better in one.

    frame: columns ``ms`` and ``AP``. Rows without a time or without AP are not on the front.
    """
    known = frame["ms"].notna() & frame["AP"].notna()
    ms, ap = frame["ms"].to_numpy(float), frame["AP"].to_numpy(float)
    as_good = (ms[:, None] <= ms) & (ap[:, None] >= ap)
    better = (ms[:, None] < ms) | (ap[:, None] > ap)
    beaten = pd.Series((as_good & better).any(axis=0), index=frame.index)
    return known & ~beaten


def front_column(frame: pd.DataFrame) -> pd.Series:
    """For each row, whether it is on the front over all methods, over the exact methods, or on both.

    frame: columns ``ms``, ``AP`` and ``identical``. Exact are the rows whose ``identical`` is "yes".
    """
    exact = frame["identical"] == "yes"
    of_all = pareto_front(frame)
    of_exact = pareto_front(frame.assign(ms=frame["ms"].where(exact)))
    both, either = np.where(of_all, ALL_AND_EXACT, EXACT), np.where(of_all, ALL, NEITHER)
    return pd.Series(np.where(of_exact, both, either), index=frame.index)
