"""All tables of a study of fields, by the names of their files."""

from collections.abc import Iterable

import pandas as pd

from bench.report.tables.goals import goals
from bench.report.tables.scaling import scaling
from bench.report.tables.side_by_side import side_by_side
from bench.runner.records import Record


def speed_tables(records: Iterable[Record]) -> dict[str, pd.DataFrame]:
    """``goals``, ``speed_NOISE`` for each noise, and ``scaling``; tables without rows are left out."""
    records = list(records)
    noises = dict.fromkeys(record["cell"]["split"] for record in records)
    tables = {
        "goals": goals(records),
        **{f"speed_{noise}": side_by_side(records, noise) for noise in noises},
        "scaling": scaling(records),
    }
    return {name: table for name, table in tables.items() if len(table)}
