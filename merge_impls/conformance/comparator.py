"""One problem, merged by a backend in some mode and compared with the reference."""

from contextlib import suppress
from dataclasses import dataclass

from merge_impls.compare import first_difference
from merge_impls.conformance.backend_under_test import BackendUnderTest
from merge_impls.conformance.choose_reference import Reference
from merge_impls.conformance.laws.transformations import complemented
from merge_impls.conformance.outcomes import State
from merge_impls.isolation import BackendFailed
from merge_impls.isolation.worker import small_problem
from merge_impls.problem import MergeProblem
from merge_impls.result import CompleteResult


@dataclass(frozen=True)
class CallMode:
    """How a problem is merged; saved with a counterexample, so that a replay does the same.

    threads: the most the backend may use.
    repetitions: merges of the same problem, one after the other.
    at_once: Python threads that merge together; every second one merges the problem's complement.
    strided: the backend gets arrays that are not contiguous.
    verify: the arrays of the result must also agree with each other.
    after_another: another problem is merged before.
    """

    threads: int = 1
    repetitions: int = 1
    at_once: int = 1
    strided: bool = False
    verify: bool = False
    after_another: bool = False

    def __str__(self) -> str:
        parts = []
        if self.threads > 1:
            parts.append(f"with up to {self.threads} threads")
        if self.repetitions > 1:
            parts.append(f"{self.repetitions} times")
        if self.at_once > 1:
            parts.append(
                f"in {self.at_once} Python threads at once, every second one with 1 - p for p"
            )
        if self.strided:
            parts.append("from arrays that are not contiguous")
        if self.after_another:
            parts.append("after another problem")
        return ", ".join(parts) or "once"


ONCE = CallMode()
"""The plain mode."""


DIFFERS, CHANGED_INPUT, UNSTEADY = "differs", "changed input", "unsteady"
"""Kinds of mismatches beside the kinds of :class:`BackendFailed`."""


@dataclass(frozen=True)
class Mismatch:
    """How a merge does not match the reference, in one line, and both results.

    kind: one of the above, or that of a ``BackendFailed``.
    problem: the problem that went wrong, which may be the complement of the one merged; None if the
        backend was called with something that is no problem.
    got: None if there is no result.
    """

    kind: str
    line: str
    problem: MergeProblem | None = None
    expected: CompleteResult | None = None
    got: CompleteResult | None = None

    @property
    def state(self) -> State:
        """How a check ends with this mismatch."""
        return {"crash": State.CRASH, "timeout": State.TIMEOUT}.get(self.kind, State.FAILED)


class CheckFailure(Exception):
    """A check does not hold: ``mismatch`` is found when its problem is merged in ``mode``."""

    def __init__(self, mismatch: Mismatch, mode: CallMode) -> None:
        super().__init__(mismatch.line)
        self.mismatch, self.mode = mismatch, mode

    @property
    def problem(self) -> MergeProblem:
        """The problem that fails; there is one unless the backend was called with something else."""
        assert self.mismatch.problem is not None
        return self.mismatch.problem


@dataclass
class Comparator:
    """Compares a backend's merges with those of the reference.

    slowest: seconds that the longest merge took so far.
    patience: seconds for one merge; None takes the target's own timeout.
    """

    target: BackendUnderTest
    reference: Reference
    slowest: float = 0.0
    patience: float | None = None

    @property
    def short_timeout(self) -> float:
        """Seconds after which a merge counts as one that hangs: many times those of the slowest so far."""
        return min(self.target.timeout, max(1.0, 20 * self.slowest))

    def compare(
        self, problem: MergeProblem, mode: CallMode, timeout: float | None = None
    ) -> Mismatch | None:
        """The first mismatch between merges of a problem and the reference's, None if there is none.

        timeout: seconds for one merge; None takes ``patience``.
        """
        if mode.after_another:
            with suppress(BackendFailed):
                self.target.merge(small_problem(self.target.declaration), mode.threads, timeout)
        compare = self._compare_sequential if mode.at_once == 1 else self._compare_concurrent
        return compare(problem, mode, timeout or self.patience)

    def _compare_sequential(
        self, problem: MergeProblem, mode: CallMode, timeout: float | None
    ) -> Mismatch | None:
        expected, modified = self.reference.merge(problem), ""
        for number in range(1, mode.repetitions + 1):
            try:
                answer = self.target.merge(
                    problem, mode.threads, timeout, verify=mode.verify, strided=mode.strided
                )
            except BackendFailed as failure:
                return Mismatch(failure.kind, str(failure), problem, expected)
            self.slowest = max(self.slowest, answer.seconds)
            difference = first_difference(expected, answer.result)
            if difference:
                line = difference if number == 1 else f"merge {number} of it: {difference}"
                return Mismatch(DIFFERS, line, problem, expected, answer.result)
            modified = modified or answer.modified
        if not modified:
            return None
        line = f"the merge is right, but it changed its input: {modified} is not what it was"
        return Mismatch(CHANGED_INPUT, line, problem, expected, answer.result)

    def _compare_concurrent(
        self, problem: MergeProblem, mode: CallMode, timeout: float | None
    ) -> Mismatch | None:
        pair = [problem, complemented(problem)]
        expected = [self.reference.merge(each) for each in pair]
        for _ in range(mode.repetitions):
            try:
                results = self.target.merge_at_once(
                    [pair[thread % 2] for thread in range(mode.at_once)], timeout
                )
            except BackendFailed as failure:
                return Mismatch(failure.kind, str(failure), problem, expected[0])
            for thread, got in enumerate(results):
                right = expected[thread % 2]
                difference = first_difference(right, got)
                if difference:
                    line = f"while other threads merge, too: {difference}"
                    return Mismatch(DIFFERS, line, pair[thread % 2], right, got)
        return None
