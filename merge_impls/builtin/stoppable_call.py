"""Call compiled code so that a signal, such as that of Ctrl-C, stops it.

Python handles signals in the main thread, and only between two of its own instructions. So the
compiled code runs in a helper thread, while the main thread waits. If a signal handler raises an
exception in the main thread, a flag is set that the compiled code looks at, often and in every phase.
"""

import threading
from collections.abc import Callable
from typing import Generic, TypeVar

import numpy as np

from merge_impls.arrays import Int32Array

Result = TypeVar("Result")

MOST_WORK_CALLED_DIRECTLY = 1 << 18
"""A call with at most this work, in edges and vertices, is too short to be stopped: some 0.1 s.

To start a thread takes longer than to merge a small problem.
"""

SECONDS_OF_A_WAIT = 1.0
"""The main thread waits so long before it waits again, because no system lets signals end every wait."""


class Stopped(Exception):
    """Compiled code has ended without a result, because the flag was set."""


class _Call(threading.Thread, Generic[Result]):
    """A thread that calls a function and keeps what it returns or raises."""

    def __init__(self, function: Callable[[], Result]) -> None:
        super().__init__(name="merge", daemon=True)
        self._function = function
        self._returned: list[Result] = []
        self._raised: BaseException | None = None

    def run(self) -> None:
        try:
            self._returned.append(self._function())
        except BaseException as error:
            self._raised = error

    def outcome(self) -> Result:
        """Return what the function returned, or raise what it raised."""
        if self._raised is not None:
            raise self._raised
        return self._returned[0]


def call_stoppably(function: Callable[[Int32Array], Result], work: int) -> Result:
    """Call ``function(stop)`` and return its result. An exception of a signal handler stops it.

    function: calls compiled code that looks at ``stop``, int32 (1,), and that ends soon when the entry
        is not 0. It may then raise ``Stopped``, which the caller never sees.
    work: about the number of edges and vertices. A small call, and any call outside the main thread,
        where no signal arrives, is made directly.
    Raises what the function raises, or the exception of the signal handler, such as KeyboardInterrupt,
    as soon as the function has ended.
    """
    stop = np.zeros(1, np.int32)
    if work <= MOST_WORK_CALLED_DIRECTLY:
        return function(stop)
    if threading.current_thread() is not threading.main_thread():
        return function(stop)
    call = _Call(lambda: function(stop))
    try:
        try:
            call.start()
        except RuntimeError:  # the system has no thread left; nothing is lost but the stopping
            return function(stop)
        while call.is_alive():
            call.join(SECONDS_OF_A_WAIT)
    except BaseException:
        stop[0] = 1
        if call.ident is not None:  # the thread has started
            call.join()
        raise
    return call.outcome()
