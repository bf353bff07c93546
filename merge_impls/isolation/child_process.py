"""A child process and the pipe to it: every wait has an end, and the end takes all it started."""

import multiprocessing
import os
import signal
from contextlib import suppress
from multiprocessing.connection import wait
from threading import Timer
from time import monotonic, sleep
from typing import Any

from merge_impls.isolation.child_main import Conditions, serve

LOOK_SECONDS = 0.5
"""How often we look whether the process is still there."""


class Died(Exception):
    """The process is gone; the message says how it went."""


class TookTooLong(Exception):
    """There was no answer in time; the process has been killed."""


class Process:
    """A running process of a backend; use one only until it raises."""

    def __init__(self, conditions: Conditions) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, conditions), daemon=True)
        self._process.start()
        theirs.close()

    def ask(self, request: Any, timeout: float) -> Any:
        """Send a request, if there is one, and return what comes next.

        Raises ``Died``, ``TookTooLong`` and whatever reading the answer raises.
        """
        # Killing it is what ends all waits: for it to read, to begin an answer, and to end one.
        timer = _Alarm(timeout, self._kill)
        timer.start()
        try:
            if request is not None:
                self._connection.send(request)
            while not wait([self._connection], LOOK_SECONDS) and self._process.exitcode is None:
                pass  # a child of its own may hold the pipe open after its death
            if self._connection.poll():
                return self._connection.recv()
        except (EOFError, OSError):  # it died before it read, or half-way in an answer
            pass
        finally:
            timer.cancel()
        if timer.rang:
            raise TookTooLong
        raise Died(self._death())

    def end(self, patience: float = 0) -> None:
        """Let it end by itself for ``patience`` seconds, then kill it and all that it started."""
        if patience:
            with suppress(OSError):
                self._connection.send(None)
                self._exit_code(patience)
        self._kill()
        self._process.join()
        self._connection.close()

    def _kill(self) -> None:
        if hasattr(os, "killpg"):
            # The group it leads; there is none yet if it has only just begun.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()

    def _death(self) -> str:
        code = self._exit_code(patience=1)
        if code is None:
            return "its process closed the pipe to us"
        return f"its process died ({_name_of_signal(-code) if code < 0 else f'exit code {code}'})"

    def _exit_code(self, patience: float) -> int | None:
        # `join` would wait for ever for a process that closed its files, because it ends such waits.
        end = monotonic() + patience
        while self._process.exitcode is None and monotonic() < end:
            sleep(0.01)
        return self._process.exitcode


class _Alarm(Timer):
    """A timer that says whether it rang."""

    rang = False

    def __init__(self, seconds: float, action: Any) -> None:
        super().__init__(seconds, self._ring)
        self.daemon = True
        self._action = action

    def _ring(self) -> None:
        self.rang = True
        self._action()


def _name_of_signal(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal has none
        return f"signal {number}"
