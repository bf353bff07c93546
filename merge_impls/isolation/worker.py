"""Our side: a process that can be asked, and that is started anew when it has died or hung."""

from collections.abc import Callable, Sequence
from typing import Any, NoReturn, Self

import numpy as np

from merge_impls.backend import Backend
from merge_impls.isolation.child_main import Conditions
from merge_impls.isolation.child_process import Died, Process, TookTooLong
from merge_impls.isolation.protocol import Answer, BackendFailed
from merge_impls.problem import MergeProblem
from merge_impls.result import MergeResult

NO_RESULT = ("raised", "invalid")
"""Kinds of failures of a merge after which the process goes on."""

STOP_SECONDS = 5
"""How long a process may take to end by itself before it is killed."""


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
    """A process that merges with one backend, pinned to one core if it uses one thread.

    Used as a context manager. It starts when it is first asked, and again after it died or was
    stopped because it took too long. Every start merges a first problem before anything else.

    backend: a registered name or "module:object". threads: the most a merge may use.
    core: which one a process is pinned to that may or can use one thread only; None pins to none.
    timeout, start_timeout: seconds for an answer, and for starting, first merge included.
    memory: bytes of data that the process may hold; None for no limit.
    first: makes the first problem, given what the backend declares.
    first_may_fail: it may raise or give no result, as long as the process can go on.
    name: what it is called among other workers, of the same backend with more threads, say; the
        backend's if empty.
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
        first_may_fail: bool = False,
        name: str = "",
    ) -> None:
        self.backend, self.threads, self.name = backend, threads, name or backend
        self.timeout, self.start_timeout = timeout, start_timeout
        self._conditions = Conditions(backend, threads, core, memory)
        self._first, self._first_may_fail = first, first_may_fail
        self._process: Process | None = None
        self._declaration: Backend | None = None
        self._first_call_seconds: float | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        self._end(patience=0 if kind else STOP_SECONDS)

    def stop(self) -> None:
        """End the process; whoever asks next gets a fresh one."""
        self._end(patience=STOP_SECONDS)

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
        self._process = Process(self._conditions)
        options = {"threads": self.threads, "verify": False, "strided": False}
        try:
            self._declaration, import_seconds = self._request(self.start_timeout, None)
            first = {"problem": self._first(self._declaration), **options}
            answer = self._request(self.start_timeout, ("merge", first))
        except BaseException as error:
            gave_none = isinstance(error, BackendFailed) and error.kind in NO_RESULT
            if gave_none and self._first_may_fail:
                return
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
        return self._request(timeout or self.timeout, (operation, arguments))

    def _request(self, timeout: float, request: tuple[str, dict[str, Any]] | None) -> Any:
        try:
            kind, answer = self._process.ask(request, timeout)
        except BaseException as error:
            # Also if we were interrupted: an answer that comes late must not answer what comes next.
            self._end()
            self._raise_for(error, timeout)
        if kind is not None:
            raise BackendFailed(kind, answer)
        return answer

    def _raise_for(self, error: BaseException, timeout: float) -> NoReturn:
        if isinstance(error, TookTooLong):
            message = f"backend {self.backend}: no answer within {timeout:g} s"
            raise BackendFailed("timeout", message) from None
        if isinstance(error, Died):
            raise BackendFailed("crash", f"backend {self.backend}: {error}") from None
        raise error

    def _end(self, patience: float = 0) -> None:
        if self._process is not None:
            self._process.end(patience)
            self._process = None
