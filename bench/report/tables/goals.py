"""The table of the goals of the speed study, beside the measured figures."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import pandas as pd

from bench.report.tables.speed_by_method import (
    common_size,
    counted_seconds,
    find_field,
    median_ratio,
)
from bench.report.tables.time_against_edges import fit_exponent, time_against_edges
from bench.runner.record import Record
from bench.runner.study import Goal, GoalMethod, SpeedStudy
from bench.runner.study_file import read_study
from merge_impls.text import format_shape


def speed_goals() -> tuple[Goal, ...]:
    """Read the goals in ``bench/studies/speed.toml``."""
    study = read_study("speed")
    assert isinstance(study, SpeedStudy)
    return study.goals


def goals_table(records: Iterable[Record], of: Sequence[Goal] | None = None) -> pd.DataFrame:
    """One row for each goal. Columns:

    - ``goal``: its description; ``must``, ``aim``: the limit and the better figure, each with its sign.
    - a column with the measured figure for each noise.
    - ``reached``: the verdict on the worst of these figures, see ``goal_verdict``.

    of: the goals; None: those of the study ``speed``.
    """
    by_noise: dict[str, list[Record]] = {}
    for record in records:
        by_noise.setdefault(record.cell.split, []).append(record)
    return pd.DataFrame(
        [_goal_row(goal, by_noise) for goal in (speed_goals() if of is None else of)]
    )


def _goal_row(goal: Goal, by_noise: Mapping[str, list[Record]]) -> dict[str, Any]:
    sign = "≥" if goal.at_least else "≤"
    figures = {noise: measure_goal(goal, of_noise) for noise, of_noise in by_noise.items()}
    return {
        "goal": goal.words,
        "must": f"{sign} {goal.must:g}",
        "aim": f"{sign} {goal.aim:g}",
        **figures,
        "reached": goal_verdict(goal, list(figures.values())),
    }


def goal_verdict(goal: Goal, figures: Sequence[float]) -> str:
    """ "aim" or "must" if all figures reach it, else "MISSED"; "not measured" if one is missing."""
    if not figures or np.isnan(figures).any():
        return "not measured"
    sign = 1 if goal.at_least else -1
    worst = min(sign * figure for figure in figures)
    if worst >= sign * goal.aim:
        return "aim"
    return "must" if worst >= sign * goal.must else "MISSED"


def measure_goal(goal: Goal, records: Sequence[Record]) -> float:
    """The measured figure of a goal from the records of one noise; nan if it was not measured."""
    if goal.measure == "exponent":
        return _measure_exponent(goal, records)
    if goal.measure == "memory":
        return _measure_peak_memory(goal, records)
    assert goal.by is not None
    return median_ratio(
        _seconds_at_common_size(records, goal.of), _seconds_at_common_size(records, goal.by)
    )


def _measure_exponent(goal: Goal, records: Sequence[Record]) -> float:
    record = _find_record(records, goal.of)
    frame = time_against_edges([record]) if record else pd.DataFrame()
    return np.nan if frame.empty else fit_exponent(frame, [*map(format_shape, goal.sizes)])


def _measure_peak_memory(goal: Goal, records: Sequence[Record]) -> float:
    """Peak memory beyond the input, divided by the size of the uint16 affinities."""
    record = _find_record(records, goal.of)
    image = find_field(record, common_size(records)) if record else None
    if not record or not image or not counted_seconds(record, image) or image.peak_bytes is None:
        return np.nan
    return image.peak_bytes / (image.input_bytes or np.nan)


def _seconds_at_common_size(records: Sequence[Record], method: GoalMethod) -> list[float]:
    """The seconds of each round of a method, on the largest field that all methods merged."""
    record = _find_record(records, method)
    image = find_field(record, common_size(records)) if record else None
    return counted_seconds(record, image) if record and image else []


def _find_record(records: Sequence[Record], method: GoalMethod) -> Record | None:
    return next((each for each in records if vars(method).items() <= vars(each.cell).items()), None)
