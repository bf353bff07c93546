"""What comes back from a backend's process: an answer, or why there is none."""

from dataclasses import dataclass

from merge_impls.result import MergeResult

KINDS = ("raised", "invalid", "unsupported", "unavailable", "crash", "timeout")
"""It raised; its result cannot be one; it does not do this problem; it cannot run here; its process
died; it took too long."""


class BackendFailed(RuntimeError):
    """A backend gave no result. ``kind`` is one of ``KINDS``, the message one line."""

    def __init__(self, kind: str, message: str) -> None:
        if kind not in KINDS:
            raise ValueError(f"kind is {kind!r}; known are {', '.join(KINDS)}")
        super().__init__(message)
        self.kind = kind


@dataclass(frozen=True)
class Answer:
    """A result and what it took: a checked problem in memory in; labels, sizes, confidences and
    history out. Building the problem and bringing it into the process are outside.

    seconds: wall clock of the whole, ``cpu_seconds`` those of all threads of the process.
    conversion_seconds: the part of ``seconds`` in the backend's own ``prepare`` and ``finish``; None
        without them.
    peak_bytes: the most memory above what the process held before; None where it is not known.
    modified: the first array of the problem that is not what it was before, "" if all are.
    call_seconds: the part of ``seconds`` in the backend's function alone; the rest beside conversion
        is checking its result and deriving what it left out.
    """

    result: MergeResult
    seconds: float
    cpu_seconds: float
    conversion_seconds: float | None = None
    peak_bytes: int | None = None
    modified: str = ""
    call_seconds: float | None = None
