"""The backend under test, in a child process or in this process."""

from collections.abc import Sequence
from copy import deepcopy
from math import inf
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from merge_impls.backend import Backend, MergeFunction
from merge_impls.conformance.option_defaults import START_SECONDS, TIMEOUT
from merge_impls.isolation import BackendFailed, MeasuredMerge, Worker
from merge_impls.isolation.child_operations import perform_operation
from merge_impls.merging import load_backend
from merge_impls.problem import MergeProblem
from merge_impls.registry import backends, check_backend_name
from merge_impls.result import CompleteResult


def one_vertex_problem(declaration: Backend) -> MergeProblem:
    """Return a problem of one vertex, in a form and with a linkage that the backend supports.

    The worker merges it first, to start the backend. All larger problems are merged by checks, so that
    a crash or a hang counts as the failure of a check.
    """
    linkage = declaration.linkages[0]
    grids = [ndim for ndim in declaration.dimensions if ndim > 1]
    if not grids:
        return MergeProblem.from_edges(1, [], [], [], [1], linkage=linkage)
    offset = np.eye(grids[0], dtype=np.int64)[-1:]
    affinities = np.zeros((1,) * (1 + grids[0]), np.uint16)
    return MergeProblem.from_grid(affinities, offset, [0], [1], linkage=linkage)


def backend_in_child_process(
    backend: str, timeout: float | None = None, mebibytes: int | None = None
) -> Worker:
    """Return a worker that runs the backend in a child process, which starts with the first merge.

    backend: a registered name, or module:object.
    timeout: seconds for one merge, the first one included. None: ``TIMEOUT``, and ``START_SECONDS`` for
        the first merge.
    mebibytes: the most memory that the process may use; None: no limit.
    Raises ValueError, one line, if ``backend`` is neither a registered name nor module:object.
    """
    module, colon, name = backend.partition(":")
    if colon and not (module and name):
        raise ValueError(
            f"backend {backend!r} is not of the form module:object, such as my_merge:merge"
        )
    if not colon and Path(f"{backend}.py").is_file() and backend not in backends():
        raise ValueError(f"backend {backend!r} is a module; name its function: {backend}:FUNCTION")
    if not colon:
        check_backend_name(backend)
    return Worker(
        backend,
        timeout=timeout or TIMEOUT,
        start_timeout=max(START_SECONDS, timeout or 0),
        first_merge_timeout=timeout or START_SECONDS,
        memory=None if mebibytes is None else mebibytes << 20,
        make_first_problem=one_vertex_problem,
        first_merge_may_fail=True,
    )


class BackendUnderTest(Protocol):
    """The methods of ``merge_impls.isolation.Worker`` that checks use.

    Each call of the backend raises ``BackendFailed`` if the backend raises, crashes or takes too long.
    """

    timeout: float
    """Seconds for one merge; the argument ``timeout`` of a call takes precedence."""

    @property
    def declaration(self) -> Backend:
        """What the backend declares."""

    def merge(
        self,
        problem: MergeProblem,
        threads: int | None = None,
        timeout: float | None = None,
        verify: bool = False,
        strided: bool = False,
    ) -> MeasuredMerge:
        """Merge the problem once.

        verify: also check confidences and history. strided: pass arrays that are not contiguous.
        """

    def merge_concurrently(
        self, problems: Sequence[MergeProblem], timeout: float | None = None
    ) -> list[CompleteResult]:
        """Merge all problems at the same time, each in its own Python thread."""

    def call_unchecked(self, argument: Any, timeout: float | None = None) -> str:
        """Call the merge function with any argument; return its exception as text, "" if it raises none."""

    def stop(self) -> None:
        """End the process of the backend, if it has one; the next merge starts a new process."""


class InProcessBackend:
    """A merge function, or a backend, that is called in this process; for notebooks.

    There is no timeout. A crash ends this process, and a merge that hangs must be interrupted by hand.
    """

    timeout = inf

    def __init__(self, backend: str | Backend | MergeFunction) -> None:
        self._loaded = load_backend(backend)
        self.declaration = self._loaded.backend

    def merge(
        self,
        problem: MergeProblem,
        threads: int | None = None,
        timeout: float | None = None,
        verify: bool = False,
        strided: bool = False,
    ) -> MeasuredMerge:
        """Merge a copy of the problem, because the function may change its input."""
        options = {"threads": threads or 1, "verify": verify, "strided": strided}
        answer: MeasuredMerge = self._perform("merge", problem=deepcopy(problem), **options)
        return answer

    def merge_concurrently(
        self, problems: Sequence[MergeProblem], timeout: float | None = None
    ) -> list[CompleteResult]:
        """Merge all problems at the same time, each in its own Python thread."""
        results: list[CompleteResult] = self._perform(
            "merge_concurrently", problems=deepcopy(list(problems))
        )
        return results

    def call_unchecked(self, argument: Any, timeout: float | None = None) -> str:
        """Call the merge function with any argument; return its exception as text, "" if it raises none."""
        raised: str = self._perform("call_unchecked", argument=argument)
        return raised

    def stop(self) -> None:
        """Do nothing, because the backend has no process of its own."""

    def _perform(self, operation: str, **arguments: Any) -> Any:
        kind, given = perform_operation(self._loaded, self.declaration.name, operation, arguments)
        if kind is not None:
            raise BackendFailed(kind, given)
        return given
