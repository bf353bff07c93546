"""Compares the measurements of two runs: which times and scores have changed by more than chance."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from statistics import median

from merge_impls.measurement_statistics import (
    FASTER,
    NOISE_FLOOR_NOTE,
    SLOWER,
    Interval,
    TimeComparison,
    compare_apart,
    compare_by_image,
    compare_by_round,
)
from merge_impls.text_formats import (
    TERMINAL_WIDTH,
    format_percent,
    format_table,
    format_three_digits,
)

ONE_PROBLEM = ""
"""The name of the problem in a cell of one problem, such as a graph."""


@dataclass(frozen=True)
class Measurement:
    """What was measured in one cell of a run, such as a backend on a graph.

    seconds: the wall time of each round, at least one, by the name of the image; a cell of one problem has
        the name ``ONE_PROBLEM``.
    floor: the noise floor of this run; None without an A/A measurement.
    ap: the average precision; None if it was not measured.
    turns: measurements with the same text here took turns, round by round; "" if this is unknown.
    is_approximate: whether the results may differ from the exact ones.
    """

    seconds: Mapping[str, Sequence[float]] = field(default_factory=dict)
    floor: float | None = None
    ap: float | None = None
    turns: str = ""
    is_approximate: bool = False


Run = Mapping[str, Measurement]
"""The measurements of a run, by the name of the cell."""


@dataclass(frozen=True)
class Change:
    """The change of a cell from run A to run B.

    cell: the name of the cell, with a remark if the results are approximate.
    time: the time in B divided by that in A, with its interval; None without times in both. verdict: see
        ``TimeComparison.verdict``; "" without a time.
    floor: the noise floor of the time; None without an A/A measurement.
    ap: AP in B minus AP in A; None without AP in both.
    """

    cell: str
    time: Interval | None
    verdict: str
    floor: float | None
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
    time, name = _compare_times(before, after), f"{cell}{_approximate_remark(before, after)}"
    if time is None:
        return Change(name, None, "", None, ap)
    return Change(name, time.ratio, time.verdict, time.floor, ap)


def _approximate_remark(before: Measurement, after: Measurement) -> str:
    """The end of the name of a cell whose results may differ from the exact ones in run A, B or both."""
    if before.is_approximate and after.is_approximate:
        return " (approximate)"
    if before.is_approximate or after.is_approximate:
        return f" (approximate in {'A' if before.is_approximate else 'B'})"
    return ""


def _compare_times(before: Measurement, after: Measurement) -> TimeComparison | None:
    """The time in ``after`` over that in ``before``: round by round if both took turns.

    None if the two have no image in common.
    """
    images = [name for name in before.seconds if name in after.seconds]
    if not images:
        return None
    floor = max((each.floor for each in (before, after) if each.floor is not None), default=None)
    took_turns = bool(before.turns) and before.turns == after.turns
    if images == [ONE_PROBLEM]:
        seconds, others = after.seconds[ONE_PROBLEM], before.seconds[ONE_PROBLEM]
        if took_turns:
            return compare_by_round(seconds, others, floor)
        return compare_apart(seconds, others, floor)
    in_after, in_before = (
        [each.seconds[name] if took_turns else [median(each.seconds[name])] for name in images]
        for each in (after, before)
    )
    return compare_by_image(in_after, in_before, floor)


def comparison_report(before: Run, after: Run, limits: Limits) -> tuple[str, bool]:
    """The table of all changes with notes, and whether a limit is exceeded. Raises as ``compare_runs``."""
    changes = compare_runs(before, after)
    table = _changes_table(changes, limits)
    different = sum(change.verdict in (SLOWER, FASTER) for change in changes)
    has_floor = any(change.floor is not None for change in changes)
    notes = [NOISE_FLOOR_NOTE] if has_floor else []
    notes += [f"{different} of {len(changes)} cells differ in time by more than chance"]
    alone = len(before.keys() ^ after.keys())
    if alone:
        notes.append(f"not compared: {alone} cells that only one of the runs has")
    exceeded = any(map(limits.exceeded, changes))
    return "\n".join([table, *notes]), exceeded


def _changes_table(changes: Sequence[Change], limits: Limits) -> str:
    """A line for each change, in columns without those that have no value."""
    columns = [
        ("cell", *(change.cell for change in changes)),
        ("time B / A (95% interval)", *map(_time_text, changes)),
        ("noise floor", *("" if c.floor is None else format_percent(c.floor) for c in changes)),
        ("verdict", *(change.verdict for change in changes)),
        ("AP B - A", *("" if change.ap is None else f"{change.ap:+.4f}" for change in changes)),
        ("limit", *("FAILS" if limits.exceeded(change) else "" for change in changes)),
    ]
    shown = [column for column in columns if any(column[1:])]
    right = [n for n, column in enumerate(shown) if column[0] not in ("cell", "verdict", "limit")]
    return format_table(list(zip(*shown, strict=True)), right, TERMINAL_WIDTH)


def _time_text(change: Change) -> str:
    if change.time is None:
        return ""
    times = change.time.value, change.time.low, change.time.high
    value, low, high = map(format_three_digits, times)
    return f"{value} ({low} to {high})"
