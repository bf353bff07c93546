"""A child process and the pipe to it.

Every wait has a limit. Ending the process also ends the processes that it started.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import wait
from threading import Timer
from time import monotonic, sleep

from merge_impls.isolation.child_main import serve
from merge_impls.isolation.protocol import ChildOptions, Reply, Request

POLL_SECONDS = 0.5
"""The interval at which a waiting parent checks whether the child is still alive."""


class ChildDied(Exception):
    """The process is gone; the message says how it ended."""


class ChildTimedOut(Exception):
    """There was no reply in time; the process has been killed."""


class ChildProcess:
    """A running process of a backend, which cannot be used after ``exchange`` has raised."""

    def __init__(self, options: ChildOptions) -> None:
        context = multiprocessing.get_context("spawn")
        self._connection, child_end = context.Pipe()
        self._process = context.Process(target=serve, args=(child_end, options), daemon=True)
        self._process.start()
        child_end.close()

    def exchange(self, request: Request | None, timeout: float) -> Reply:
        """Send a request, if there is one, and return the next reply.

        Raises ``ChildDied``, ``ChildTimedOut`` and whatever unpickling the reply raises.
        """
        # Killing the child ends every wait: until it reads, until it replies, until its reply is complete.
        timer = _Timer(timeout, self._kill)
        timer.start()
        try:
            if request is not None:
                self._connection.send(request)
            # A process that the child started may hold the pipe open after the child's death.
            while not wait([self._connection], POLL_SECONDS) and self._process.exitcode is None:
                pass
            if self._connection.poll():
                reply: Reply = self._connection.recv()
                return reply
        except (EOFError, OSError):  # it died before it read, or half-way through a reply
            pass
        finally:
            timer.cancel()
        if timer.expired:
            raise ChildTimedOut
        raise ChildDied(self._describe_death())

    def end(self, patience: float = 0) -> None:
        """Give the process ``patience`` seconds to end; then kill it and all processes that it started."""
        if patience:
            with suppress(OSError):
                self._connection.send(None)
                self._wait_for_exit_code(patience)
        self._kill()
        self._process.join()
        self._connection.close()

    def _kill(self) -> None:
        if hasattr(os, "killpg") and self._process.pid is not None:
            # The child leads a process group, unless it has only just started.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()

    def _describe_death(self) -> str:
        code = self._wait_for_exit_code(patience=1)
        if code is None:
            return "its process closed its end of the pipe"
        return f"its process died ({_signal_name(-code) if code < 0 else f'exit code {code}'})"

    def _wait_for_exit_code(self, patience: float) -> int | None:
        # `join` takes a child that closed its files for one that has ended, and then waits without limit.
        end = monotonic() + patience
        while self._process.exitcode is None and monotonic() < end:
            sleep(0.01)
        return self._process.exitcode


class _Timer(Timer):
    """A timer that records whether its time has run out."""

    expired = False

    def __init__(self, seconds: float, action: Callable[[], None]) -> None:
        super().__init__(seconds, self._expire)
        self.daemon = True
        self._action = action

    def _expire(self) -> None:
        self.expired = True
        self._action()


def _signal_name(number: int) -> str:
    try:
        return signal.Signals(number).name
    except ValueError:  # a real-time signal has no name
        return f"signal {number}"
