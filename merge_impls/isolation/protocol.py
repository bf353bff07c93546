"""The messages between a worker and its child process.

The child's first reply comes without a request: its value is the backend's declaration and the
seconds that its imports took. After it every request has one reply. None instead of a request ends
the child; a child that cannot load its backend ends after its first reply.
"""

from dataclasses import dataclass
from typing import Any

from merge_impls.result import CompleteResult

Request = tuple[str, dict[str, Any]]
"""The name of one of ``child_operations.OPERATIONS``, and its arguments by name."""

Reply = tuple[str | None, Any]
"""None and the value of the operation, or one of ``FAILURE_KINDS`` and a message of one line."""

FAILURE_KINDS = ("raised", "invalid", "unsupported", "unavailable", "crash", "timeout")
"""Kinds of failures, in this order: the backend raised an exception; what it returned cannot be a result;
it does not support the problem; it cannot run here; its process died; it took too long. The worker
detects the last two itself, because no reply comes."""


@dataclass(frozen=True)
class ChildOptions:
    """The options with which a child process starts.

    backend: a registered name or "module:object". threads: the most that a merge may use.
    core: the core to which it is pinned if it uses one thread; None for no pinning.
    memory: bytes of data that it may hold; None for no limit.
    """

    backend: str
    threads: int
    core: int | None
    memory: int | None


@dataclass(frozen=True)
class Answer:
    """The result of a merge, and the time and memory that it took.

    Times run from a checked problem in memory to labels, sizes, confidences and history. Building the
    problem and sending it to the process are not included.

    seconds: wall-clock time. cpu_seconds: CPU time of all threads of the process.
    conversion_seconds: the part of ``seconds`` in the backend's own ``prepare`` and ``finish``; None
        if it has neither.
    peak_bytes: the most memory above what the process held before; None where it is not measured.
    modified: the name of the first array of the problem that the merge changed, "" if it changed none.
    call_seconds: the part of ``seconds`` in the backend's function alone; the rest, apart from
        the conversion, goes into checking its result and deriving what it left out.
    """

    result: CompleteResult
    seconds: float
    cpu_seconds: float
    conversion_seconds: float | None = None
    peak_bytes: int | None = None
    modified: str = ""
    call_seconds: float | None = None


class BackendFailed(RuntimeError):
    """A backend gave no result. ``kind`` is one of ``FAILURE_KINDS``, the message one line."""

    def __init__(self, kind: str, message: str) -> None:
        if kind not in FAILURE_KINDS:
            raise ValueError(f"kind is {kind!r}; known are {', '.join(FAILURE_KINDS)}")
        super().__init__(message)
        self.kind = kind
