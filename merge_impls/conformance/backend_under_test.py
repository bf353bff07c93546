"""The backend under test: in a process of its own, or in this process."""

from collections.abc import Sequence
from copy import deepcopy
from math import inf
from pathlib import Path
from typing import Any, Protocol

import numpy as np

from merge_impls.backend import Backend, MergeFunction
from merge_impls.conformance.option_defaults import TIMEOUT
from merge_impls.isolation import Answer, BackendFailed, Worker
from merge_impls.isolation.child_operations import perform_operation
from merge_impls.merging import load_backend
from merge_impls.problem import MergeProblem
from merge_impls.registry import backends, check_backend_name
from merge_impls.result import CompleteResult

START_SECONDS = 300.0
"""The most seconds that a backend may take to import and compile, whatever the timeout of a merge."""


def nothing_to_merge(declaration: Backend) -> MergeProblem:
    """A problem of one vertex, in a form that the backend supports: the first one that it merges.

    Larger problems come only in checks, so that a crash or a hang is the failure of a check.
    """
    linkage = declaration.linkages[0]
    grids = [ndim for ndim in declaration.dimensions if ndim > 1]
    if not grids:
        return MergeProblem.from_edges(1, [], [], [], [1], linkage=linkage)
    offset = np.eye(grids[0], dtype=np.int64)[-1:]
    affinities = np.zeros((1,) * (1 + grids[0]), np.uint16)
    return MergeProblem.from_grid(affinities, offset, [0], [1], linkage=linkage)


def backend_in_child_process(
    backend: str, timeout: float = TIMEOUT, mebibytes: int | None = None
) -> Worker:
    """A worker for the backend under test; its process starts with the first merge.

    timeout: seconds for a merge. mebibytes: the most memory; None for no limit.
    Raises ValueError, one line, for a name that is neither registered nor module:object.
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
        timeout=timeout,
        start_timeout=max(START_SECONDS, timeout),
        memory=None if mebibytes is None else mebibytes << 20,
        make_first_problem=nothing_to_merge,
        first_merge_may_fail=True,
    )


class BackendUnderTest(Protocol):
    """The methods of ``merge_impls.isolation.Worker`` that checks use; all raise ``BackendFailed``."""

    timeout: float
    """Seconds for a merge, unless a call asks for fewer."""

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
    ) -> Answer:
        """Merge once."""

    def merge_at_once(
        self, problems: Sequence[MergeProblem], timeout: float | None = None
    ) -> list[CompleteResult]:
        """Merge all at the same time, each on a Python thread of its own."""

    def call_raw(self, argument: Any, timeout: float | None = None) -> str:
        """Call the function with any argument; the exception that it raises, "" if it returns."""

    def stop(self) -> None:
        """End the process: the next merge starts a fresh one."""


class InProcessBackend:
    """A function, or a backend, called in this process, for notebooks.

    No timeout applies: a crash ends the notebook, and a hang is interrupted by hand.
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
    ) -> Answer:
        """Merge a copy once, so that a function that changes its input changes only the copy."""
        options = {"threads": threads or 1, "verify": verify, "strided": strided}
        answer: Answer = self._perform("merge", problem=deepcopy(problem), **options)
        return answer

    def merge_at_once(
        self, problems: Sequence[MergeProblem], timeout: float | None = None
    ) -> list[CompleteResult]:
        """Merge all at the same time, each on a Python thread of its own."""
        results: list[CompleteResult] = self._perform(
            "merge_at_once", problems=deepcopy(list(problems))
        )
        return results

    def call_raw(self, argument: Any, timeout: float | None = None) -> str:
        """Call the function with any argument; the exception that it raises, "" if it returns."""
        raised: str = self._perform("call_raw", argument=argument)
        return raised

    def stop(self) -> None:
        """Do nothing: this process goes on."""

    def _perform(self, operation: str, **arguments: Any) -> Any:
        kind, given = perform_operation(self._loaded, self.declaration.name, operation, arguments)
        if kind is not None:
            raise BackendFailed(kind, given)
        return given
