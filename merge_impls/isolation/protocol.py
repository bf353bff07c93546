"""The messages between a worker and its child process.

The child process sends a first reply without a request: the backend's declaration, and the seconds
that its imports took. Afterwards it sends one reply to each request. It ends if it receives None in
place of a request. If it cannot load the backend, its first reply says so, and it ends.
"""

from dataclasses import dataclass
from typing import Any

from merge_impls.result import CompleteResult

Request = tuple[str, dict[str, Any]]
"""The name of one of ``child_operations.OPERATIONS``, and the arguments by name."""

Reply = tuple[str | None, Any]
"""Either None and the result of the operation, or one of ``FAILURE_KINDS`` and a one-line message."""

FAILURE_KINDS = ("raised", "invalid", "unsupported", "unavailable", "crash", "timeout")
"""The kinds of failures:

- raised: the backend raised an exception
- invalid: what the backend returned cannot be the result of the problem
- unsupported: the backend cannot merge this problem
- unavailable: the backend cannot run on this machine
- crash: the child process died, which the worker notices because no reply comes
- timeout: the backend took too long, so the worker killed the child process
"""


@dataclass(frozen=True)
class ChildOptions:
    """The options with which a child process starts.

    backend: a registered name or "module:object".
    threads: the most threads that a merge may use.
    core: the number of the core to which the process is pinned if it uses one thread; None to pin it
        to no core.
    memory: the most bytes of data that the process may hold; None for no limit.
    """

    backend: str
    threads: int
    core: int | None
    memory: int | None


@dataclass(frozen=True)
class MeasuredMerge:
    """The result of a merge, and the time and memory that it took.

    Times run from a checked problem in memory to labels, sizes, confidences and history. The time for
    making the problem and sending it to the process is not included.

    If the merge was repeated, the times are those of the call with the median time.

    result: the complete result.
    seconds: the wall-clock time.
    cpu_seconds: the CPU time of all threads of the process.
    conversion_seconds: the part of ``seconds`` that the backend's ``prepare`` and ``finish`` took;
        None if it has neither.
    peak_bytes: how much the memory of the process grew at most; None if not measured. It is measured in the
        first merge of a problem in a process.
    modified: the name of the first array of the problem that the merge has changed, or "".
    call_seconds: the part of ``seconds`` that the backend's ``function`` took. The remaining time was
        spent on checking the result and computing what the backend left out.
    """

    result: CompleteResult
    seconds: float
    cpu_seconds: float
    conversion_seconds: float | None = None
    peak_bytes: int | None = None
    modified: str = ""
    call_seconds: float | None = None


class BackendFailed(RuntimeError):
    """A backend gave no valid result. ``kind`` is one of ``FAILURE_KINDS``; the message is one line."""

    def __init__(self, kind: str, message: str) -> None:
        """Raises ValueError for an unknown kind."""
        if kind not in FAILURE_KINDS:
            raise ValueError(f"kind is {kind!r}; known are {', '.join(FAILURE_KINDS)}")
        super().__init__(message)
        self.kind = kind
