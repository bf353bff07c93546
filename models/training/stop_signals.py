"""Let a training end its step before Ctrl-C (SIGINT) or SIGTERM stops it."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM)


class TrainingStopped(Exception):
    """A signal stopped a training after a step. The message says where the training continues from.

    signal: the number of the signal.
    """

    def __init__(self, message: str, number: int) -> None:
        super().__init__(message)
        self.signal = signal.Signals(number)


@dataclass
class StopRequest:
    """Whether a signal has come that stops the training: its number, or None."""

    signal: int | None = None


@contextmanager
def record_stop_signals() -> Iterator[StopRequest]:
    """Within the block, the first signal of ``STOP_SIGNALS`` is only recorded; the second one acts at once.

    Only the main thread can do this. In other threads, signals act as always. Signals that are ignored, as
    SIGINT is in a shell's background, stay ignored.
    """
    request = StopRequest()
    if threading.current_thread() is not threading.main_thread():
        yield request
        return
    handlers = {number: signal.getsignal(number) for number in STOP_SIGNALS}
    before = {number: one for number, one in handlers.items() if one is not signal.SIG_IGN}

    def restore() -> None:
        for number, handler in before.items():
            signal.signal(number, handler or signal.SIG_DFL)

    def record(number: int, frame: FrameType | None) -> None:
        request.signal = number
        restore()

    for number in before:
        signal.signal(number, record)
    try:
        yield request
    finally:
        restore()
