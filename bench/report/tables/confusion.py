"""The table of a confusion matrix."""

from collections.abc import Sequence

import numpy as np
import pandas as pd


def confusion_table(shares: np.ndarray, names: Sequence[str], pixels: np.ndarray) -> pd.DataFrame:
    """One row for each annotated class: the share of its pixels that was predicted as each class.

    shares: (1 + C, 1 + C) float, rows annotated, columns predicted. pixels: (1 + C,) int, the number of
    pixels of each annotated class, which is the last column.
    """
    frame = pd.DataFrame(shares, columns=list(names))
    frame.insert(0, "annotated", list(names))
    frame["pixels"] = pixels
    return frame
