"""A backend in a child process, which is restarted after it died or took too long."""

from collections.abc import Callable, Sequence
from typing import Any, NoReturn, Self

import numpy as np

from merge_impls.backend import Backend
from merge_impls.isolation.child_process import ChildDied, ChildProcess, ChildTimedOut
from merge_impls.isolation.protocol import Answer, BackendFailed, ChildOptions, Request
from merge_impls.problem import MergeProblem
from merge_impls.result import CompleteResult

SURVIVABLE_KINDS = ("raised", "invalid")
"""Kinds of failures of a merge after which the process still runs."""

STOP_SECONDS = 5
"""How long a process may take to end by itself before it is killed."""


def small_problem(declaration: Backend) -> MergeProblem:
    """One object of 16 vertices, as a grid or as edges, whichever the backend merges: enough to make
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
    """A process that merges with one backend; a context manager.

    It starts with the first call that needs it, and again after it died, was stopped, or was killed
    because it took too long. Every start merges a first problem before anything else.

    backend: a registered name or "module:object". threads: the most a merge may use.
    core: the core to which the process is pinned if the worker or the backend uses one thread only;
        None for no pinning.
    timeout, start_timeout: seconds for an answer, and for starting, first merge included.
    memory: bytes of data that the process may hold; None for no limit.
    first: makes the first problem, given the backend's declaration.
    first_merge_may_fail: the first merge may raise or give no result, as long as the process can go on.
    name: distinguishes it from other workers of the same backend, for example with more threads;
        the backend's name if empty.
    """

    def __init__(
        self,
        backend: str,
        threads: int = 1,
        core: int | None = None,
        timeout: float = 600,
        start_timeout: float = 600,
        memory: int | None = None,
        make_first_problem: Callable[[Backend], MergeProblem] = small_problem,
        first_merge_may_fail: bool = False,
        name: str = "",
    ) -> None:
        self.backend, self.threads, self.name = backend, threads, name or backend
        self.timeout, self.start_timeout = timeout, start_timeout
        self._options = ChildOptions(backend, threads, core, memory)
        self._make_first_problem, self._first_merge_may_fail = (
            make_first_problem,
            first_merge_may_fail,
        )
        self._process: ChildProcess | None = None
        self._declaration: Backend | None = None
        self._first_call_seconds: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._end_process(patience=0 if kind else STOP_SECONDS)

    def stop(self) -> None:
        """End the process; the next call starts a new one."""
        self._end_process(patience=STOP_SECONDS)

    @property
    def first_call_seconds(self) -> float | None:
        """Seconds of imports and the first merge in the first process, compilation included.

        None if that merge failed and may fail; raises ``BackendFailed`` if it may not.
        """
        if self._first_call_seconds is None:
            self.start()
        return self._first_call_seconds

    @property
    def declaration(self) -> Backend:
        """The backend's declaration. Raises ``BackendFailed`` if the backend cannot be loaded."""
        if self._declaration is None:
            try:
                self.start()
            except BackendFailed:
                if self._declaration is None:
                    raise
        assert self._declaration is not None
        return self._declaration

    def start(self) -> None:
        """Start the process, if none is running. Raises ``BackendFailed`` if its first merge fails."""
        if self._process is not None:
            return
        self._process = ChildProcess(self._options)
        options = {"threads": self.threads, "verify": False, "strided": False}
        try:
            self._declaration, import_seconds = self._request(self.start_timeout, None)
            first = {"problem": self._make_first_problem(self._declaration), **options}
            answer = self._request(self.start_timeout, ("merge", first))
        except BaseException as error:
            no_result = isinstance(error, BackendFailed) and error.kind in SURVIVABLE_KINDS
            if no_result and self._first_merge_may_fail:
                return
            self._end_process()
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

        threads, timeout: instead of the worker's own. verify: see :func:`merge_impls.merge`.
        strided: give the backend arrays that are not contiguous.
        """
        options = {"threads": threads or self.threads, "verify": verify, "strided": strided}
        answer: Answer = self._start_and_request(timeout, "merge", problem=problem, **options)
        return answer

    def merge_at_once(
        self, problems: Sequence[MergeProblem], timeout: float | None = None
    ) -> list[CompleteResult]:
        """Merge all at the same time, each on a Python thread. Raises ``BackendFailed``."""
        results: list[CompleteResult] = self._start_and_request(
            timeout, "merge_at_once", problems=list(problems)
        )
        return results

    def call_raw(self, argument: Any, timeout: float | None = None) -> str:
        """Call the bare function with an argument that need not be a problem.

        Returns the exception that it raises as text, or "" if it returns. Raises ``BackendFailed``.
        """
        raised: str = self._start_and_request(timeout, "call_raw", argument=argument)
        return raised

    def _start_and_request(self, timeout: float | None, operation: str, **arguments: Any) -> Any:
        self.start()
        return self._request(timeout or self.timeout, (operation, arguments))

    def _request(self, timeout: float, request: Request | None) -> Any:
        assert self._process is not None
        try:
            kind, value = self._process.exchange(request, timeout)
        except BaseException as error:
            # After an interruption, too: a late reply must not be taken for that of the next request.
            self._end_process()
            self._raise_backend_failed(error, timeout)
        if kind is not None:
            raise BackendFailed(kind, value)
        return value

    def _raise_backend_failed(self, error: BaseException, timeout: float) -> NoReturn:
        if isinstance(error, ChildTimedOut):
            message = f"backend {self.backend}: no answer within {timeout:g} s"
            raise BackendFailed("timeout", message) from None
        if isinstance(error, ChildDied):
            raise BackendFailed("crash", f"backend {self.backend}: {error}") from None
        raise error

    def _end_process(self, patience: float = 0) -> None:
        if self._process is not None:
            self._process.end(patience)
            self._process = None
