"""The table of the goals of a study of generated fields: the measured figures, and the goals they reach."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from bench.report.tables.field_measurements import (
    find_measurement_at_size,
    largest_common_size,
    median_ratio,
    round_seconds_to_compare,
)
from bench.report.tables.time_against_edges import fit_exponent
from bench.runner.record import Record
from bench.runner.study import Goal, GoalMethod
from merge_impls.text_formats import format_shape


def goals_table(
    records: Iterable[Record], goals: Sequence[Goal], scaling: pd.DataFrame
) -> pd.DataFrame:
    """One row for each goal. scaling: ``time_against_edges_table(records)``. Columns:

    - ``goal``: the description of the goal. ``must``: the required figure, with the sign ≥ or ≤.
      ``aim``: a better figure to aim for.
    - for each noise, a column with the measured figure.
    - ``reached``: the result of ``goal_verdict`` for these figures.
    """
    by_noise: dict[str, list[Record]] = {}
    for record in records:
        by_noise.setdefault(record.cell.split, []).append(record)
    return pd.DataFrame([_goal_row(goal, by_noise, scaling) for goal in goals])


def _goal_row(
    goal: Goal, by_noise: Mapping[str, list[Record]], scaling: pd.DataFrame
) -> dict[str, Any]:
    sign = "≥" if goal.is_larger_better else "≤"
    figures = {
        noise: _exponent_of_goal(goal, noise, scaling)
        if goal.measure == "exponent"
        else speedup_or_memory_of_goal(goal, of_noise)
        for noise, of_noise in by_noise.items()
    }
    return {
        "goal": goal.words,
        "must": f"{sign} {goal.must:g}",
        "aim": f"{sign} {goal.aim:g}",
        **figures,
        "reached": goal_verdict(goal, list(figures.values())),
    }


def goal_verdict(goal: Goal, figures: Sequence[float]) -> str:
    """The verdict on a goal.

    It is "aim" if all figures reach the aim, "must" if all reach the required figure, otherwise "MISSED";
    "not measured" if there are no figures, or if one is nan.
    """
    if not figures or np.isnan(figures).any():
        return "not measured"
    sign = 1 if goal.is_larger_better else -1
    worst = min(sign * figure for figure in figures)
    if worst >= sign * goal.aim:
        return "aim"
    return "must" if worst >= sign * goal.must else "MISSED"


def speedup_or_memory_of_goal(goal: Goal, records: Sequence[Record]) -> float:
    """The measured figure of a goal of time or memory, from the records of one noise, or nan."""
    if goal.measure == "memory":
        return _peak_memory_over_input_size(goal, records)
    assert goal.by is not None
    return median_ratio(
        _round_seconds_at_common_size(records, goal.of),
        _round_seconds_at_common_size(records, goal.by),
    )


def _exponent_of_goal(goal: Goal, noise: str, scaling: pd.DataFrame) -> float:
    """The measured exponent of a method with one thread, from ``time_against_edges_table``, or nan."""
    if scaling.empty or goal.of.threads > 1:
        return np.nan
    own = {"backend": goal.of.backend, "linkage": goal.of.linkage, "noise": noise}
    rows = scaling[(scaling[list(own)] == pd.Series(own)).all(axis=1)]
    return fit_exponent(rows, [*map(format_shape, goal.sizes)])


def _peak_memory_over_input_size(goal: Goal, records: Sequence[Record]) -> float:
    """The peak memory of the merge beyond its input, divided by the size of the uint16 affinities."""
    record = _find_record_of_method(records, goal.of)
    image = find_measurement_at_size(record, largest_common_size(records)) if record else None
    if not record or not image or not round_seconds_to_compare(record, image):
        return np.nan
    if image.peak_bytes is None:
        return np.nan
    return image.peak_bytes / (image.input_bytes or np.nan)


def _round_seconds_at_common_size(records: Sequence[Record], method: GoalMethod) -> list[float]:
    """The seconds of each round of a method, on the largest field that all methods merged."""
    record = _find_record_of_method(records, method)
    image = find_measurement_at_size(record, largest_common_size(records)) if record else None
    return round_seconds_to_compare(record, image) if record and image else []


def _find_record_of_method(records: Sequence[Record], method: GoalMethod) -> Record | None:
    return next((each for each in records if vars(method).items() <= vars(each.cell).items()), None)
