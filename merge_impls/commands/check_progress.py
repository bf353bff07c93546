"""Shows which check of ``merge-impls validate`` runs, and for how long."""

import sys
import time
from collections.abc import Callable, Sequence
from threading import Event, Lock, Thread
from typing import Self, TextIO

from merge_impls.conformance.outcomes import group_of_check

SECONDS_BETWEEN_LINES = 60.0
"""Where the output is not a terminal, a line is printed at most this often, and none for a shorter check."""

_START_OF_EMPTY_LINE = "\r\x1b[K"


class CheckProgress:
    """Says on stderr which check runs: in one line that changes on a terminal, else in a line a minute.

    checks: the names of all checks, in their order. output: where the lines go. clock: returns seconds.
    """

    def __init__(
        self,
        checks: Sequence[str],
        output: TextIO | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._checks, self._output, self._clock = checks, output or sys.stderr, clock
        self._running: str | None = None
        self._began = self._check_began = self._last_line = clock()
        self._lock, self._end = Lock(), Event()

    def __enter__(self) -> Self:
        """Begin to show the time each second."""
        Thread(target=self._show_each_second, daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        """End the display; a line on a terminal is cleared."""
        self._end.set()
        self.end_check()

    def begin_check(self, name: str) -> None:
        """A check begins."""
        with self._lock:
            self._running, self._check_began = name, self._clock()
            self._last_line = self._check_began

    def end_check(self) -> None:
        """The check has ended. On a terminal the line is cleared for other output."""
        with self._lock:
            if self._running and self._output.isatty():
                print(_START_OF_EMPTY_LINE, end="", file=self._output, flush=True)
            self._running = None

    def show(self) -> None:
        """Show the running check, unless it is too early for the next line."""
        with self._lock:
            if self._running is None:
                return
            if self._output.isatty():
                line = f"{_START_OF_EMPTY_LINE}{self._text(self._running)}"
                print(line, end="", file=self._output, flush=True)
            elif self._clock() - self._last_line >= SECONDS_BETWEEN_LINES:
                self._last_line = self._clock()
                print(self._text(self._running), file=self._output, flush=True)

    def _show_each_second(self) -> None:
        while not self._end.wait(1.0):
            self.show()

    def _text(self, name: str) -> str:
        """The running check, its place among all checks and in its group, and the time that has passed."""
        group = group_of_check(name)
        of_group = [each for each in self._checks if group_of_check(each) == group]
        now = self._clock()
        return (
            f"check {self._checks.index(name) + 1} of {len(self._checks)}, "
            f"{group} {of_group.index(name) + 1} of {len(of_group)}: {name}: "
            f"{now - self._check_began:.0f} s; {now - self._began:.0f} s in all"
        )
