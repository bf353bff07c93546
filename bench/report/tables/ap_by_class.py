"""The table of AP by class, with a row for each class and a column for each method."""

from collections.abc import Sequence

import pandas as pd

from bench.report.tables.image_study import ap_by_class
from bench.report.tables.method_names import method_name
from bench.runner.record import Record


def ap_by_class_table(records: Sequence[Record]) -> pd.DataFrame:
    """One row for each class: its name in the column ``class``, and a column with AP for each method.

    records: one record with scores for each method.
    """
    by_method = {method_name(record): ap_by_class(record.scores or {}) for record in records}
    classes = dict.fromkeys(name for found in by_method.values() for name in found)
    return pd.DataFrame(
        [
            {"class": name} | {method: ap[name] for method, ap in by_method.items()}
            for name in classes
        ]
    )
