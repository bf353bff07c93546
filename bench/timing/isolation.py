"""One backend in a process of its own: what it breaks, leaks or loads stays there."""

import multiprocessing
import os
from dataclasses import dataclass
from multiprocessing.connection import Connection
from time import perf_counter
from types import TracebackType
from typing import Self

import numpy as np

from merge_impls import MergeProblem, MergeResult, merge


class BackendFailed(RuntimeError):
    """A backend raised, died, or took too long; the message says which, in one line."""


@dataclass(frozen=True)
class Timed:
    """A result and the seconds that ``merge(problem, backend)`` took: a checked problem in memory in,
    labels, sizes, confidences and history out. Building the problem and pickling are outside."""

    result: MergeResult
    seconds: float


def _first_problem() -> MergeProblem:
    affinities = np.full((2, 4, 4), 40000, np.uint16)
    return MergeProblem.from_grid(affinities, np.array([[0, 1], [1, 0]]), np.array([0, 0]), [0.5])


def _timed(problem: MergeProblem, backend: str, threads: int) -> Timed:
    start = perf_counter()
    result = merge(problem, backend, threads)
    return Timed(result, perf_counter() - start)


def _serve(connection: Connection, backend: str, threads: int, core: int | None) -> None:
    """The child's loop: a problem comes in, a ``Timed`` or the words of an error goes out."""
    if core is not None:
        os.sched_setaffinity(0, {core})
    problem: MergeProblem | None = _first_problem()
    while problem is not None:
        try:
            connection.send(_timed(problem, backend, threads))
        except Exception as error:
            connection.send(f"{type(error).__name__}: {' '.join(str(error).split())}")
        problem = connection.recv()


class Worker:
    """A process that merges with one backend, pinned to one core if it has one thread.

    Used as a context manager. ``first_call_seconds`` is what the first merge took, of a tiny problem:
    imports, and compilation where a backend compiles.
    """

    def __init__(
        self, backend: str, threads: int = 1, core: int | None = None, timeout: float = 600
    ) -> None:
        self.backend, self.timeout = backend, timeout
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        pinned = core if threads == 1 else None
        self._process = context.Process(
            target=_serve, args=(theirs, backend, threads, pinned), daemon=True
        )
        self._process.start()
        theirs.close()

    def __enter__(self) -> Self:
        try:
            self.first_call_seconds = self._receive().seconds
        except BackendFailed:
            self._end()
            raise
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        try:
            self._connection.send(None)
            self._process.join(timeout=5)
        except OSError:
            pass  # it is gone already
        self._end()

    def _end(self) -> None:
        self._process.kill()
        self._process.join()
        self._connection.close()

    def merge(self, problem: MergeProblem) -> Timed:
        """Merge once; raises ``BackendFailed``, after which the worker is of no more use if it died."""
        try:
            self._connection.send(problem)
        except (BrokenPipeError, ConnectionResetError):
            raise BackendFailed(f"backend {self.backend}: its process is gone") from None
        return self._receive()

    def _receive(self) -> Timed:
        if not self._connection.poll(self.timeout):
            self._process.kill()
            raise BackendFailed(f"backend {self.backend}: no answer within {self.timeout:g} s")
        try:
            answer = self._connection.recv()
        except (EOFError, OSError):  # the latter if it died in the middle of an answer
            self._process.join()
            raise BackendFailed(
                f"backend {self.backend}: its process died with exit code {self._process.exitcode}"
            ) from None
        if isinstance(answer, str):
            raise BackendFailed(f"backend {self.backend}: {answer}")
        return answer
