"""The class ``ChildProcess``, with which the parent starts a child process and exchanges messages with it.

The code that runs in the child process is in ``child_main``. Every wait of the parent has a time
limit. All processes that the child process has started end with it.
"""

import multiprocessing
import os
import signal
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import wait
from threading import Timer
from time import monotonic, sleep
from typing import TYPE_CHECKING

from merge_impls.isolation.child_main import serve_requests
from merge_impls.isolation.protocol import ChildOptions, Reply, Request

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

PROCESS_CONTEXT: "SpawnContext | ForkServerContext" = multiprocessing.get_context("spawn")
"""Starts processes. A spawned process shares neither memory nor imported modules with another.

Tests that start many processes replace it: a process that is forked from a server starts sooner.
"""

POLL_SECONDS = 0.5
"""The interval at which the waiting parent process checks whether the child process still runs."""


class ChildDied(Exception):
    """The child process has ended; the message says how."""


class ChildTimedOut(Exception):
    """The child process did not reply in time and has been killed."""


class ChildProcess:
    """The parent's handle of a child process that runs a backend.

    After ``send_and_receive`` has raised, only ``end`` may be called.
    """

    def __init__(self, options: ChildOptions) -> None:
        """Start the process."""
        self._connection, child_end = PROCESS_CONTEXT.Pipe()
        self._process = PROCESS_CONTEXT.Process(
            target=serve_requests, args=(child_end, options), daemon=True
        )
        self._process.start()
        child_end.close()

    def send_and_receive(self, request: Request | None, timeout: float) -> Reply:
        """Send a request, if there is one, and return the next reply.

        timeout: seconds until the process is killed.
        Raises ``ChildDied``, ``ChildTimedOut`` and the exceptions of unpickling the reply.
        """
        # The parent may wait for the child to read the request, to reply, or to complete a reply. If
        # the child is killed, each of these waits ends.
        timer = _ExpiryTimer(timeout, self._kill)
        timer.start()
        try:
            if request is not None:
                self._connection.send(request)
            # If the child has started a process, that process may keep the pipe open after the child
            # has ended. So the end of the child is polled for.
            while not wait([self._connection], POLL_SECONDS) and self._process.exitcode is None:
                pass
            if self._connection.poll():
                reply: Reply = self._connection.recv()
                return reply
        except (EOFError, OSError):  # the child has died, before it read or while it replied
            pass
        finally:
            timer.cancel()
        if timer.expired:
            raise ChildTimedOut
        raise ChildDied(self._describe_death())

    def end(self, patience: float = 0) -> None:
        """Wait ``patience`` seconds for the process to end, then kill it and all that it started."""
        if patience:
            with suppress(OSError):
                self._connection.send(None)
                self._wait_for_exit_code(patience)
        self._kill()
        self._process.join()
        self._connection.close()

    def _kill(self) -> None:
        """Kill the process and, where the system allows it, all processes that it started."""
        if hasattr(os, "killpg") and self._process.pid is not None:
            # The child makes a process group of its own; right after its start there is none yet.
            with suppress(ProcessLookupError, PermissionError):
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.kill()

    def _describe_death(self) -> str:
        """Say how the process ended, such as "its process died (SIGSEGV)"."""
        code = self._wait_for_exit_code(patience=1)
        if code is None:
            return "its process closed its end of the pipe"
        return f"its process died ({_signal_name(-code) if code < 0 else f'exit code {code}'})"

    def _wait_for_exit_code(self, patience: float) -> int | None:
        """The exit code of the process; None if it still runs after ``patience`` seconds."""
        # `join(timeout)` may wait without limit for a child that has closed its files, so it is not used.
        end = monotonic() + patience
        while self._process.exitcode is None and monotonic() < end:
            sleep(0.01)
        return self._process.exitcode


class _ExpiryTimer(Timer):
    """A timer that calls an action when the time has run out, and sets ``expired``."""

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
    except ValueError:  # real-time signals have no names
        return f"signal {number}"
