"""One live view of a whole run: what is done, how the merges ended, the slowest method, and the time left."""

import sys
import time
from collections import Counter
from collections.abc import Callable, Mapping
from statistics import median
from typing import NoReturn, TextIO

from tqdm import tqdm

from merge_impls.timing import TimedRun

SECONDS_BETWEEN_LINES = 60.0
"""Where the output is not a terminal, a line is printed at most this often."""

NETWORKS, MERGES = "networks", "merges"
"""The parts of a run that measures images."""

UNITS = {NETWORKS: "an image", MERGES: "an image of a row, by all methods"}
"""What one unit of the work of a part is, where it has a name."""

OK, WRONG = "ok", "wrong"
"""The states of merges that returned a result; the others are the kinds of ``TimedRun.kind``."""


class RunView:
    """Says on stderr how far a run is: in one line that changes on a terminal, else in a line a minute.

    A run has parts, such as the networks, the merges of images, and each family of graphs.

    study: its name. expected: for parts that are to come, about how many seconds each takes; None if unknown.
    output: where the lines go. clock: returns seconds.
    """

    def __init__(
        self,
        study: str,
        expected: Mapping[str, float | None] | None = None,
        output: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._study, self._expected = study, dict(expected or {})
        self._output, self._clock = output or sys.stderr, clock
        self._part, self._total, self._done, self._done_first = "", 0.0, 0.0, 0.0
        self._first_ended = self._last_line = clock()
        self._states: Counter[str] = Counter()
        self._seconds: dict[str, list[float]] = {}
        self._bar: tqdm[NoReturn] | None = None

    def begin_part(self, part: str, total: float) -> None:
        """Begin a part of the run. total: its work, in any unit, such as images."""
        self._part, self._total, self._done, self._done_first = part, total, 0.0, 0.0
        self._expected.pop(part, None)
        self._show()

    def advance(self, work: float = 1) -> None:
        """Some work of the present part is done."""
        self._done += work
        if not self._done_first:
            self._done_first, self._first_ended = self._done, self._clock()
        self._show()

    def count_runs(self, runs: Mapping[str, TimedRun]) -> None:
        """Count the states of the merges of a problem, and keep their times.

        runs: by the name of the method.
        """
        for method, run in runs.items():
            self.count(run.kind or "crash" if run.failed else WRONG if run.difference else OK)
            if run.seconds:
                self._seconds.setdefault(method, []).append(median(run.seconds))

    def count(self, state: str, number: int = 1) -> None:
        """Count cells, or merges of a problem, of this state."""
        self._states[state] += number

    def close(self) -> None:
        """End the view with a last line, if any part has begun."""
        if self._bar is not None:
            self._bar.close()
        elif self._part:
            self._print_line()
        self._bar, self._part = None, ""

    def text(self) -> str:
        """The view in one line."""
        done = f"{self._study}: {self._part} {self._done:g} of {self._total:g}"
        pace = self._pace()
        if pace is not None:
            done += f", {pace:.3g} s {UNITS.get(self._part, 'each')}"
        states = ", ".join(f"{number} {state}" for state, number in sorted(self._states.items()))
        states = f"results: {states}" if states else ""
        return "; ".join(filter(None, [done, states, self._slowest(), self._time_left()]))

    def _slowest(self) -> str:
        medians = {method: median(seconds) for method, seconds in self._seconds.items()}
        if not medians:
            return ""
        slowest = max(medians, key=lambda method: medians[method])
        return f"slowest {slowest}, {medians[slowest]:.3g} s a merge"

    def _time_left(self) -> str:
        """The time of the rest of the present part at its own pace, and of the parts to come as expected."""
        known = [seconds for seconds in self._expected.values() if seconds is not None]
        unknown = len(self._expected) - len(known)
        rest, pace = self._total - self._done, self._pace()
        if pace is not None or not rest:
            known.append((pace or 0.0) * rest)
        elif self._part:
            unknown += 1
        left = f"{_shown_seconds(sum(known))} left" if known else ""
        parts = "part" if unknown == 1 else "parts"
        return " and ".join(
            filter(None, [left, f"{unknown} {parts} of unknown time" * bool(unknown)])
        )

    def _pace(self) -> float | None:
        """The seconds for each unit of the present part's work; None before the second work is done.

        The first work is left out, because the start of processes and the compilation come on top of it.
        """
        later = self._done - self._done_first
        return (self._clock() - self._first_ended) / later if later else None

    def _show(self) -> None:
        if self._output.isatty():
            if self._bar is None:
                self._bar = tqdm(total=0, bar_format="{desc}", file=self._output)
            self._bar.set_description_str(self.text())
        elif self._clock() - self._last_line >= SECONDS_BETWEEN_LINES:
            self._print_line()

    def _print_line(self) -> None:
        self._last_line = self._clock()
        print(self.text(), file=self._output, flush=True)


def _shown_seconds(seconds: float) -> str:
    if seconds < 90:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 5400 else f"{seconds / 3600:.1f} h"
