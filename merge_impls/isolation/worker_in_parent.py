"""The class ``Worker``, with which the parent process merges in a child process.

The worker starts the child process, sends it problems, and starts it again after it has died.
The code that runs in the child process is in ``child_main``.
"""

from collections.abc import Callable, Sequence
from typing import Any, NoReturn, Self

import numpy as np

from merge_impls.backend import Backend
from merge_impls.isolation.child_process import ChildDied, ChildProcess, ChildTimedOut
from merge_impls.isolation.loaded_code import CodeDigest
from merge_impls.isolation.protocol import BackendFailed, ChildOptions, MeasuredMerge, Request
from merge_impls.problem import MergeProblem
from merge_impls.result import CompleteResult

SURVIVABLE_KINDS = ("raised", "invalid")
"""The kinds of failures after which the child process still runs."""

STOP_SECONDS = 5
"""The seconds that a child process may take to end by itself before it is killed."""


def make_small_problem(declaration: Backend) -> MergeProblem:
    """Make a problem of 16 vertices in a form that the backend can merge.

    Merging this problem makes the backend import and compile what it needs.
    """
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
    """Merges with one backend in a child process. A worker is a context manager.

    The process starts with the first method call that needs it. It is started again after it has
    died, was stopped, or was killed because it took too long. After each start, it merges a first
    problem before all others.

    backend: a registered name or "module:object".
    threads: the most threads that a merge may use.
    core: the number of the core to which the process is pinned if the worker or the backend uses
        only one thread; None to pin it to no core.
    timeout: seconds until the process is killed if a request is not answered.
    start_timeout: seconds until the process is killed if its start and its imports take long.
    first_merge_timeout: seconds until the process is killed if its first merge, compilation included,
        takes long; None for ``start_timeout``.
    memory: the most bytes of data that the process may hold; None for no limit.
    make_first_problem: makes the first problem from the backend's declaration.
    first_merge_may_fail: whether the worker accepts that the first merge raises an exception or
        returns an invalid result.
    name: distinguishes workers of the same backend; "" stands for ``backend``.
    code: the digest that the backend's code must have after each start; "" for any code.
    code_apart: the names of packages that do not count in the digest of the code.

    late_file: the path of a file of code that a process has loaded in a merge after its digest, so that
        the digest does not identify the code; "" if no process has. It is found if ``code`` is given.
    """

    def __init__(
        self,
        backend: str,
        threads: int = 1,
        core: int | None = None,
        timeout: float = 600,
        start_timeout: float = 600,
        first_merge_timeout: float | None = None,
        memory: int | None = None,
        make_first_problem: Callable[[Backend], MergeProblem] = make_small_problem,
        first_merge_may_fail: bool = False,
        name: str = "",
        code: str = "",
        code_apart: tuple[str, ...] = (),
    ) -> None:
        self.backend, self.threads, self.name = backend, threads, name or backend
        self.timeout, self.start_timeout = timeout, start_timeout
        self._first_merge_timeout = first_merge_timeout or start_timeout
        self._options = ChildOptions(backend, threads, core, memory)
        self._make_first_problem, self._first_merge_may_fail = (
            make_first_problem,
            first_merge_may_fail,
        )
        self._expected_code, self._code_apart = code, code_apart
        self.late_file = ""
        self._process: ChildProcess | None = None
        self._declaration: Backend | None = None
        self._first_call_seconds: float | None = None

    def __enter__(self) -> Self:
        """Return the worker. The process does not start yet."""
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: object) -> None:
        """End the process, immediately if the block has raised an exception."""
        self._end_process(patience=0 if kind else STOP_SECONDS)

    def stop(self) -> None:
        """End the process; the next call starts a new one."""
        self._end_process(patience=STOP_SECONDS)

    @property
    def first_call_seconds(self) -> float | None:
        """The seconds that imports, compilation and the first merge took in the first process.

        This is None if the first merge has failed and ``first_merge_may_fail`` is true.
        Raises ``BackendFailed`` if the process cannot start.
        """
        if self._first_call_seconds is None:
            self.start()
        return self._first_call_seconds

    @property
    def declaration(self) -> Backend:
        """The backend's declaration.

        Raises ``BackendFailed`` if the backend cannot be loaded, and if the first merge takes too long.
        """
        if self._declaration is None:
            try:
                self.start()
            except BackendFailed as failure:
                if self._declaration is None or failure.kind == "timeout":
                    raise
        assert self._declaration is not None
        return self._declaration

    def start(self) -> None:
        """Start the process unless it runs already. Raises ``BackendFailed`` if this fails."""
        if self._process is not None:
            return
        self._process = ChildProcess(self._options)
        try:
            self._declaration, import_seconds = self._send_and_receive(self.start_timeout, None)
            answer = self._merge_first_problem(self._make_first_problem(self._declaration))
            self._check_code()
        except BaseException as error:
            no_result = isinstance(error, BackendFailed) and error.kind in SURVIVABLE_KINDS
            if no_result and self._first_merge_may_fail:
                return
            self._end_process()
            raise
        if self._first_call_seconds is None:
            self._first_call_seconds = import_seconds + answer.seconds

    def digest_code(self) -> CodeDigest:
        """The digest of the code that the process has loaded up to now, its first merge included.

        Processes that start later must have loaded the same code after their first merge.
        Raises ``BackendFailed`` if the process cannot start.
        """
        self.start()
        digest = self._digest_code_of_process()
        self._expected_code = digest.sha256
        return digest

    def _digest_code_of_process(self) -> CodeDigest:
        request = "digest_code", {"apart": self._code_apart}
        digest: CodeDigest = self._send_and_receive(self.start_timeout, request)
        return digest

    def _check_code(self) -> None:
        """Raise ``BackendFailed`` if the process runs other code than expected."""
        if self._expected_code and self._digest_code_of_process().sha256 != self._expected_code:
            message = (
                f"backend {self.backend}: its files changed during the run; start the run again"
            )
            raise BackendFailed("unavailable", message)

    def _merge_first_problem(self, problem: MergeProblem) -> MeasuredMerge:
        """Merge the first problem of a process. Raises ``BackendFailed``; a timeout says what to do."""
        options = {"threads": self.threads, "verify": False, "strided": False}
        request = "merge", {"problem": problem, **options}
        try:
            answer: MeasuredMerge = self._send_and_receive(self._first_merge_timeout, request)
        except BackendFailed as failure:
            if failure.kind != "timeout":
                raise
            count = "1 vertex" if problem.num_vertices == 1 else f"{problem.num_vertices} vertices"
            advice = "look for a loop without an end, or set a longer timeout if it compiles"
            message = f"{failure} to the first merge, of {count}; {advice}"
            raise BackendFailed("timeout", message) from None
        return answer

    def merge(
        self,
        problem: MergeProblem,
        threads: int | None = None,
        timeout: float | None = None,
        verify: bool = False,
        strided: bool = False,
        least_seconds: float = 0,
    ) -> MeasuredMerge:
        """Merge a problem and return the result with its times.

        threads, timeout: replace those of the worker, for this merge.
        verify: see ``merge_impls.merge``. The verification is not timed.
        strided: whether the arrays of the problem are made non-contiguous before the merge.
        least_seconds: the merge is repeated until all calls together have taken this time.
        Raises ``BackendFailed`` if the backend gives no valid result.
        """
        options = {"threads": threads or self.threads, "verify": verify, "strided": strided}
        answer: MeasuredMerge = self._start_send_and_receive(
            timeout, "merge", problem=problem, least_seconds=least_seconds, **options
        )
        if self._expected_code and not self.late_file:
            request: Request = "file_loaded_since_digest", {}
            self.late_file = self._send_and_receive(self.start_timeout, request)
        return answer

    def merge_concurrently(
        self, problems: Sequence[MergeProblem], timeout: float | None = None
    ) -> list[CompleteResult]:
        """Merge several problems at the same time, each on its own Python thread.

        Raises ``BackendFailed`` if the backend gives no valid result for one of them.
        """
        results: list[CompleteResult] = self._start_send_and_receive(
            timeout, "merge_concurrently", problems=list(problems)
        )
        return results

    def call_unchecked(self, argument: Any, timeout: float | None = None) -> str:
        """Call the merge function with an argument that need not be a problem, without checks.

        Returns the exception that the function raises as text, or "" if it raises none.
        Raises ``BackendFailed`` if the process dies or takes too long.
        """
        raised: str = self._start_send_and_receive(timeout, "call_unchecked", argument=argument)
        return raised

    def _start_send_and_receive(
        self, timeout: float | None, operation: str, **arguments: Any
    ) -> Any:
        """Start the process unless it runs, and have it carry out an operation; return the result."""
        self.start()
        return self._send_and_receive(timeout or self.timeout, (operation, arguments))

    def _send_and_receive(self, timeout: float, request: Request | None) -> Any:
        """Send a request, wait for the reply and return its value. Raises ``BackendFailed``.

        request: None to wait for the first reply, which the process sends without a request.
        """
        assert self._process is not None
        try:
            kind, value = self._process.send_and_receive(request, timeout)
        except BaseException as error:
            # The process is also ended after Ctrl-C: otherwise its late reply would be read as the
            # reply to the next request.
            self._end_process()
            self._raise_backend_failed(error, timeout)
        if kind is not None:
            raise BackendFailed(kind, value)
        return value

    def _raise_backend_failed(self, error: BaseException, timeout: float) -> NoReturn:
        """Raise ``BackendFailed`` if the process died or was killed, and else ``error`` itself."""
        if isinstance(error, ChildTimedOut):
            message = f"backend {self.backend}: no answer within {timeout:g} s"
            raise BackendFailed("timeout", message) from None
        if isinstance(error, ChildDied):
            raise BackendFailed("crash", f"backend {self.backend}: {error}") from None
        raise error

    def _end_process(self, patience: float = 0) -> None:
        """End the process if it runs. patience: seconds until it is killed."""
        if self._process is not None:
            self._process.end(patience)
            self._process = None
