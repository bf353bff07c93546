"""Our side: a process that can be asked, and that is started anew when it has died or hung."""

import multiprocessing
import signal
from collections.abc import Callable, Sequence
from types import TracebackType
from typing import Any, Self

import numpy as np

from merge_impls.backend import Backend
from merge_impls.isolation.answers import Answer, BackendFailed
from merge_impls.isolation.child import Conditions, serve
from merge_impls.problem import MergeProblem
from merge_impls.result import MergeResult


def small_problem(declaration: Backend) -> MergeProblem:
    """16 vertices, one object, as a grid or as edges, of a kind that the backend does: enough to let
    it import and compile what it needs."""
    shape = (4, 4) if 2 in declaration.dimensions else (1, 4, 4)
    linkage = declaration.linkages[0]
    offsets = np.eye(len(shape), dtype=np.int64)[-2:]
    affinities = np.full((2, *shape), 40000, np.uint16)
    grid = MergeProblem.from_grid(affinities, offsets, [0, 0], [0.5], linkage=linkage)
    if len(shape) in declaration.dimensions:
        return grid
    u, v, q, stages = grid.edge_arrays()
    return MergeProblem.from_edges(
        16, np.stack([u, v], axis=1), q, stages, grid.thresholds, linkage=linkage
    )


class Worker:
    """A process that merges with one backend, pinned to one core if it has one thread.

    Used as a context manager. It starts when it is first asked, and again after it died or was
    stopped because it took too long. Every start merges a first problem before anything else.

    backend: a registered name or "module:object". threads: the most a merge may use.
    core: which one a process with one thread is pinned to; None pins to none.
    timeout, start_timeout: seconds for an answer, and for starting, first merge included.
    memory: bytes of data that the process may hold; None for no limit.
    first: makes the first problem, given what the backend declares.
    """

    def __init__(
        self,
        backend: str,
        threads: int = 1,
        core: int | None = None,
        timeout: float = 600,
        start_timeout: float = 600,
        memory: int | None = None,
        first: Callable[[Backend], MergeProblem] = small_problem,
    ) -> None:
        self.backend, self.threads = backend, threads
        self.timeout, self.start_timeout = timeout, start_timeout
        self._conditions = Conditions(backend, core if threads == 1 else None, memory)
        self._first = first
        self._process: multiprocessing.Process | None = None
        self._declaration: Backend | None = None
        self._first_call_seconds: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: type[BaseException] | BaseException | TracebackType | None) -> None:
        self.stop()

    def stop(self) -> None:
        """End the process; whoever asks next gets a fresh one."""
        if self._process is not None:
            try:
                self._connection.send(None)
                self._process.join(timeout=5)
            except OSError:
                pass  # it is gone already
            self._end()

    @property
    def first_call_seconds(self) -> float:
        """What the first merge took in its first process: imports, and compilation if there is any.

        Raises ``BackendFailed`` if it fails.
        """
        if self._first_call_seconds is None:
            self.start()
        return self._first_call_seconds

    @property
    def declaration(self) -> Backend:
        """What the backend says about itself. Raises ``BackendFailed`` if it cannot be loaded."""
        if self._declaration is None:
            try:
                self.start()
            except BackendFailed:
                if self._declaration is None:
                    raise
        return self._declaration

    def start(self) -> None:
        """Start the process, if none is running. Raises ``BackendFailed`` if its first merge fails."""
        if self._process is not None:
            return
        context = multiprocessing.get_context("spawn")
        self._connection, theirs = context.Pipe()
        self._process = context.Process(target=serve, args=(theirs, self._conditions), daemon=True)
        self._process.start()
        theirs.close()
        options = {"threads": self.threads, "verify": False, "strided": False}
        try:
            self._declaration, import_seconds = self._receive(self.start_timeout)
            first = {"problem": self._first(self._declaration), **options}
            answer = self._request(self.start_timeout, "merge", first)
        except BackendFailed:
            self._end()
            raise
        if self._first_call_seconds is None:
            self._first_call_seconds = import_seconds + answer.seconds

    def merge(
        self,
        problem: MergeProblem,
        threads: int | None = None,
        timeout: float | None = None,
        verify: bool = False,
        strided: bool = False,
    ) -> Answer:
        """Merge once. Raises ``BackendFailed``.

        threads, timeout: other than the worker's own. verify: see :func:`merge_impls.merge`.
        strided: hand over arrays that are not contiguous.
        """
        options = {"threads": threads or self.threads, "verify": verify, "strided": strided}
        return self._ask(timeout, "merge", problem=problem, **options)

    def merge_at_once(
        self, problems: Sequence[MergeProblem], timeout: float | None = None
    ) -> list[MergeResult]:
        """Merge all at the same time, each on a Python thread. Raises ``BackendFailed``."""
        return self._ask(timeout, "merge_at_once", problems=list(problems))

    def call_raw(self, argument: Any, timeout: float | None = None) -> str:
        """Hand the bare function something that need not be a problem.

        Returns the exception that it raises, "" if it returns. Raises ``BackendFailed``.
        """
        return self._ask(timeout, "call_raw", argument=argument)

    def _ask(self, timeout: float | None, operation: str, **arguments: Any) -> Any:
        self.start()
        return self._request(timeout or self.timeout, operation, arguments)

    def _request(self, timeout: float, operation: str, arguments: dict[str, Any]) -> Any:
        try:
            self._connection.send((operation, arguments))
        except OSError:
            raise self._crash() from None
        return self._receive(timeout)

    def _receive(self, timeout: float) -> Any:
        try:
            if not self._connection.poll(timeout):
                self._end()
                message = f"backend {self.backend}: no answer within {timeout:g} s"
                raise BackendFailed("timeout", message)
            kind, answer = self._connection.recv()
        except (EOFError, OSError):  # the latter if it died half-way in an answer
            raise self._crash() from None
        if kind is not None:
            raise BackendFailed(kind, answer)
        return answer

    def _crash(self) -> BackendFailed:
        process = self._process
        process.join()
        code = process.exitcode
        self._end()
        how = signal.Signals(-code).name if code < 0 else f"exit code {code}"
        return BackendFailed("crash", f"backend {self.backend}: its process died ({how})")

    def _end(self) -> None:
        if self._process is not None:
            self._process.kill()
            self._process.join()
            self._connection.close()
            self._process = None
