"""Compares the measurements of two runs: which times and scores have changed by more than chance."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from merge_impls.measurement_statistics import (
    FASTER,
    LEAST_IMAGES,
    SLOWER,
    TOO_FEW_IMAGES,
    Interval,
    median_interval,
    median_interval_of_groups,
    noise_floor,
    ratio_of_medians,
    ratios_by_round,
    verdict,
)
from merge_impls.text_formats import format_table, format_three_digits


@dataclass(frozen=True)
class Measurement:
    """What was measured in one cell of a run, such as a backend on a graph.

    seconds: wall times by name. The same name in two runs stands for the same image; the times of rounds
        have numbers as names, which are not pairs in two runs.
    noise: the ratios of an A/A measurement in this run; empty if there was none.
    ap: the average precision; None if it was not measured.
    rounds: the seconds of each round, one list for each unit that the bootstrap draws, such as an image.
    turns: measurements with the same text here took turns, round by round; "" if this is unknown.
    """

    seconds: Mapping[str | int, float] = field(default_factory=dict)
    noise: Sequence[float] = ()
    ap: float | None = None
    rounds: Mapping[str, Sequence[float]] = field(default_factory=dict)
    turns: str = ""


Run = Mapping[str, Measurement]
"""The measurements of a run, by the name of the cell."""


@dataclass(frozen=True)
class Change:
    """The change of a cell from run A to run B.

    time: the time in B divided by that in A, with its interval; None without times in both. verdict: see
        ``measurement_statistics.verdict``, or ``TOO_FEW_IMAGES``.
    ap: AP in B minus AP in A; None without AP in both.
    """

    cell: str
    time: Interval | None
    verdict: str
    ap: float | None


@dataclass(frozen=True)
class Limits:
    """The changes at which a comparison fails.

    slower: the share of time, 0.05 for 5 %; None for no limit. ap: the change of AP, such as -0.005; None.
    """

    slower: float | None = None
    ap: float | None = None

    @classmethod
    def parse(cls, text: str) -> "Limits":
        """Read ``slower:5%,ap:-0.005``. Raises ValueError, one line, for any other text."""
        found: dict[str, float] = {}
        for part in filter(None, text.split(",")):
            name, _, figure = part.strip().partition(":")
            try:
                value = float(figure.removesuffix("%")) / (100 if figure.endswith("%") else 1)
            except ValueError:
                value = float("nan")
            right = {"slower": 0 <= value < math.inf, "ap": -math.inf < value < 0}
            if not right.get(name) or name in found:
                raise ValueError(
                    f"limit {part.strip()!r} is unknown or given twice; give slower:SHARE and ap:CHANGE "
                    "once, such as slower:5%,ap:-0.005"
                )
            found[name] = value
        return cls(**found)

    def exceeded(self, change: Change) -> bool:
        """Whether a change is at or beyond a limit. A slower time must also exceed the noise."""
        too_slow = (
            self.slower is not None
            and change.time is not None
            and change.verdict == SLOWER
            and change.time.value >= 1 + self.slower
        )
        return too_slow or (self.ap is not None and change.ap is not None and change.ap <= self.ap)


def compare_runs(before: Run, after: Run) -> list[Change]:
    """The change of each cell that both runs have, in the order of ``before``.

    Raises ValueError, one line, if the runs have no cell in common.
    """
    common = [cell for cell in before if cell in after]
    if not common:
        raise ValueError(
            "the two runs have no cell in common; compare runs of the same study or graphs"
        )
    return [_change(cell, before[cell], after[cell]) for cell in common]


def _change(cell: str, before: Measurement, after: Measurement) -> Change:
    ap = None if before.ap is None or after.ap is None else after.ap - before.ap
    if not (before.seconds and after.seconds):
        return Change(cell, None, "", ap)
    pairs = [name for name in before.seconds if isinstance(name, str) and name in after.seconds]
    time = _ratio_of_times(before, after, pairs)
    if 0 < len(pairs) < LEAST_IMAGES:
        return Change(cell, time, TOO_FEW_IMAGES, ap)
    floor = max(noise_floor(before.noise), noise_floor(after.noise))
    return Change(cell, time, verdict(time, floor), ap)


def _ratio_of_times(before: Measurement, after: Measurement, pairs: Sequence[str]) -> Interval:
    """The time in ``after`` divided by that in ``before``: round by round if both took turns."""
    if before.turns and before.turns == after.turns:
        units = [unit for unit in before.rounds if after.rounds.get(unit)]
        return median_interval_of_groups(
            [ratios_by_round(after.rounds[unit], before.rounds[unit]) for unit in units]
        )
    if pairs:
        return median_interval([after.seconds[name] / before.seconds[name] for name in pairs])
    return ratio_of_medians(list(after.seconds.values()), list(before.seconds.values()))


def comparison_report(before: Run, after: Run, limits: Limits) -> tuple[str, bool]:
    """The table of all changes with notes, and whether a limit is exceeded. Raises as ``compare_runs``."""
    changes = compare_runs(before, after)
    has_ap = any(change.ap is not None for change in changes)
    ap = ("AP B - A",) if has_ap else ()
    heading = "cell", "time B / A (95% interval)", "verdict", *ap, ""
    lines = [heading, *(_table_row(change, limits, has_ap) for change in changes)]
    different = sum(change.verdict in (SLOWER, FASTER) for change in changes)
    notes = [f"{different} of {len(changes)} cells differ in time by more than chance"]
    alone = len(before.keys() ^ after.keys())
    if alone:
        notes.append(f"not compared: {alone} cells that only one of the runs has")
    exceeded = any(map(limits.exceeded, changes))
    return "\n".join([format_table(lines, right=(1, 3) if has_ap else (1,)), *notes]), exceeded


def _table_row(change: Change, limits: Limits, has_ap: bool) -> tuple[str, ...]:
    time = ""
    if change.time:
        value, low, high = map(
            format_three_digits, (change.time.value, change.time.low, change.time.high)
        )
        time = f"{value} ({low} to {high})"
    ap = ("" if change.ap is None else f"{change.ap:+.4f}",) if has_ap else ()
    return change.cell, time, change.verdict, *ap, "FAILS" if limits.exceeded(change) else ""
