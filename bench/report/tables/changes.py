"""The table of the changes between two runs."""

from collections.abc import Iterable

import numpy as np
import pandas as pd

from merge_impls.run_comparison import Change


def changes_table(changes: Iterable[Change]) -> pd.DataFrame:
    """One row for each cell that both runs have. Columns:

    ``cell``; ``ratio``, ``low`` and ``high``: the time of the second run divided by that of the first, with
    its interval, nan without times; ``noise_floor``: nan without one; ``verdict``; ``ap``: the change of AP,
    nan without AP.
    """
    rows = [
        {
            "cell": change.cell,
            "ratio": change.time.value if change.time else np.nan,
            "low": change.time.low if change.time else np.nan,
            "high": change.time.high if change.time else np.nan,
            "noise_floor": np.nan if change.floor is None else change.floor,
            "verdict": change.verdict,
            "ap": np.nan if change.ap is None else change.ap,
        }
        for change in changes
    ]
    return pd.DataFrame(rows)
