"""The table of a confusion matrix."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

NUM_CONFUSED = 2
"""The number of wrong classes that ``most_frequent_confusions_table`` names for each class."""


def confusion_table(shares: np.ndarray, names: Sequence[str], pixels: np.ndarray) -> pd.DataFrame:
    """One row for each annotated class: the share of its pixels that was predicted as each class.

    shares: (1 + C, 1 + C) float; rows are annotated classes, columns are predicted classes.
    pixels: (1 + C,) int, the number of pixels of each annotated class; it becomes the last column.
    """
    frame = pd.DataFrame(shares, columns=list(names))
    frame.insert(0, "annotated", list(names))
    frame["pixels"] = pixels
    return frame


def most_frequent_confusions_table(table: pd.DataFrame) -> pd.DataFrame:
    """A narrow form of a ``confusion_table``: for each class, the most frequent wrong predictions.

    Columns: ``annotated``, the class; ``pixels``, the number of its pixels; ``right``, the share of these
    pixels that is predicted correctly; ``taken for``, the most frequent wrong classes with their shares.
    """
    rows = []
    for row in table.to_dict("records"):
        name, pixels = row.pop("annotated"), row.pop("pixels")
        right = row.pop(name)
        taken_for = sorted(row.items(), key=lambda item: -np.nan_to_num(item[1]))[:NUM_CONFUSED]
        words = ", ".join(f"{other} ({share:.3f})" for other, share in taken_for if share > 0)
        rows.append({"annotated": name, "pixels": pixels, "right": right, "taken for": words})
    return pd.DataFrame(rows)
