"""What speed is to be reached, as ratios, beside what was measured."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

import numpy as np
import pandas as pd

from bench.report.tables.scaling import FITTED, exponent, scaling
from bench.report.tables.side_by_side import common_size, image_of, own_seconds, ratio

GASP, MUTEX_WATERSHED = "bioimage-cpp GASP mean", "bioimage-cpp mutex watershed"

Rows = list[Mapping]
"""The records of one noise."""


@dataclass(frozen=True)
class Goal:
    """A figure that must not fall below (``at_least``) or exceed ``must``, and aims at ``aim``.

    measure: the figure of the records of one noise, nan if they do not hold it.
    """

    words: str
    must: float
    aim: float
    measure: Callable[[Rows], float]
    at_least: bool = False

    def verdict(self, figures: list[float]) -> str:
        """What all figures reach."""
        if not figures or np.isnan(figures).any():
            return "not measured"
        sign = 1 if self.at_least else -1
        worst = min(sign * figure for figure in figures)
        if worst >= sign * self.aim:
            return "aim"
        return "must" if worst >= sign * self.must else "MISSED"

    def limit(self, value: float) -> str:
        """A limit as one writes it."""
        return f"{'≥' if self.at_least else '≤'} {value:g}"


def _found(rows: Rows, backend: str, linkage: str = "average", threads: int = 1) -> Mapping | None:
    wanted = {"backend": backend, "linkage": linkage, "threads": threads}
    return next((row for row in rows if wanted.items() <= row["cell"].items()), None)


def _seconds(rows: Rows, *who: str | int) -> list[float]:
    record = _found(rows, *who)
    image = image_of(record, common_size(rows)) if record else None
    return own_seconds(record, image) if image else []


def _time(who: tuple, by: tuple) -> Callable[[Rows], float]:
    """The time of one row by that of another, of the same rounds."""
    return lambda rows: ratio(_seconds(rows, *who), _seconds(rows, *by))


def _exponent(linkage: str) -> Callable[[Rows], float]:
    def measure(rows: Rows) -> float:
        record = _found(rows, "c", linkage)
        frame = scaling([record]) if record else pd.DataFrame()
        return np.nan if frame.empty else exponent(frame)

    return measure


def _peak(rows: Rows) -> float:
    record = _found(rows, "c")
    image = image_of(record, common_size(rows)) if record else None
    if not image or not own_seconds(record, image) or image["peak_bytes"] is None:
        return np.nan
    return image["peak_bytes"] / image["input_bytes"]


_SIZES = f"{FITTED[0]} to {FITTED[-1]}"
_C = ("c", "average")

GOALS = [
    Goal(f"c average, times as fast as {GASP}", 30, 60, _time((GASP,), _C), at_least=True),
    Goal(
        f"c average, times as fast as {MUTEX_WATERSHED}",
        4,
        10,
        _time((MUTEX_WATERSHED,), _C),
        at_least=True,
    ),
    Goal("c weighted, time by c average's", 2, 1.3, _time(("c", "weighted"), _C)),
    Goal("numba average, time by c average's", 2.5, 1.3, _time(("numba", "average"), _C)),
    Goal(
        "c average, 2 threads, times as fast as 1",
        1.3,
        1.6,
        _time(_C, ("c", "average", 2)),
        at_least=True,
    ),
    Goal(f"c average, exponent of time against edges, {_SIZES}", 1.15, 1.05, _exponent("average")),
    Goal(f"c weighted, the same exponent, {_SIZES}", 1.15, 1.05, _exponent("weighted")),
    Goal("c average, peak memory beyond the input, in uint16 grids", 3, 1, _peak),
]


def goals(records: Iterable[Mapping]) -> pd.DataFrame:
    """One row a goal: ``must`` and ``aim`` in words, a column of figures for each noise, and what the worst
    of them has ``reached``: aim, must, MISSED or not measured."""
    by_noise: dict[str, Rows] = {}
    for record in records:
        by_noise.setdefault(record["cell"]["split"], []).append(record)
    rows = []
    for goal in GOALS:
        figures = {noise: goal.measure(rows_of) for noise, rows_of in by_noise.items()}
        limits = {"must": goal.limit(goal.must), "aim": goal.limit(goal.aim)}
        verdict = goal.verdict(list(figures.values()))
        rows.append({"goal": goal.words, **limits, **figures, "reached": verdict})
    return pd.DataFrame(rows)
