"""One check of a backend."""

from collections.abc import Callable
from dataclasses import dataclass

from merge_impls.conformance.harness import Harness


@dataclass(frozen=True)
class Check:
    """One check of a backend.

    name: must not change, because users list names of checks in files of expected failures.
    claim: what holds if the check passes.
    execute: raises ``CheckFailure`` at the first problem with a wrong result, and ``CheckSkipped`` if
        the backend declares that it does not support such problems.
    shrink_seconds: the most seconds to spend on making a failing problem smaller. Only crashes and
        hangs need all of them.
    """

    name: str
    claim: str
    execute: Callable[[Harness], None]
    shrink_seconds: float = 30.0
