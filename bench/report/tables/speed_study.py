"""All tables of a study of generated fields, by the names of their files."""

from collections.abc import Iterable, Sequence

import pandas as pd

from bench.report.tables.family_speeds import family_speeds_table
from bench.report.tables.goals import goals_table
from bench.report.tables.graph_families import families_table, worst_families_table
from bench.report.tables.speed_by_method import speed_by_method_table
from bench.report.tables.time_against_edges import time_against_edges_table
from bench.runner.record import Record, latest_record_of_each_cell
from bench.runner.study import Goal
from merge_impls.fields import FAMILIES


def speed_study_tables(
    records: Iterable[Record], goals: Sequence[Goal], baseline: str | None = None
) -> dict[str, pd.DataFrame]:
    """The tables of streets: ``goals``, ``speed_NOISE`` for each noise and ``scaling``; those of families of
    graphs: ``worst_families``, ``family_speeds`` and ``families``.

    Empty tables are left out, and so is ``scaling`` with a single size, which shows no growth.

    goals: the goals of the study. baseline: see ``baselines_of_fields``.
    """
    records = list(records)
    of_families = [record for record in records if record.cell.split in FAMILIES]
    records = [record for record in records if record.cell.split not in FAMILIES]
    shown = latest_record_of_each_cell(records)
    noises = dict.fromkeys(record.cell.split for record in shown)
    scaling = time_against_edges_table(shown)
    tables = {
        "goals": goals_table(shown, goals, scaling),
        **{f"speed_{noise}": speed_by_method_table(records, noise, baseline) for noise in noises},
        "scaling": scaling if _has_several_sizes(scaling) else scaling[:0],
        "worst_families": worst_families_table(of_families, baseline),
        "family_speeds": family_speeds_table(of_families, baseline),
        "families": families_table(of_families, baseline),
    }
    return {name: table for name, table in tables.items() if len(table)}


def _has_several_sizes(scaling: pd.DataFrame) -> bool:
    return len(scaling) > 0 and scaling["size"].nunique() > 1
