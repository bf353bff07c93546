"""Merge a problem with a backend in a given mode, and compare the result with that of the reference."""

from contextlib import suppress
from dataclasses import dataclass

from merge_impls.compare_results import first_difference
from merge_impls.conformance.backend_under_test import BackendUnderTest
from merge_impls.conformance.choose_reference import Reference
from merge_impls.conformance.laws.transformations import invert_affinities
from merge_impls.conformance.outcomes import CheckState
from merge_impls.isolation import BackendFailed
from merge_impls.isolation.worker_in_parent import make_small_problem
from merge_impls.problem import MergeProblem
from merge_impls.result import CompleteResult


@dataclass(frozen=True)
class CallMode:
    """How the backend is called to merge a problem. It is saved with a problem that fails.

    threads: the most threads that the backend may use.
    repetitions: the number of merges of the problem, one after the other.
    at_once: the number of Python threads that merge at the same time. Every second thread merges the
        problem with inverted affinities, 1 - p for p.
    strided: whether the backend gets arrays that are not contiguous in memory.
    verify: whether confidences and history are also checked against the labels.
    after_another: whether another problem is merged first.
    """

    threads: int = 1
    repetitions: int = 1
    at_once: int = 1
    strided: bool = False
    verify: bool = False
    after_another: bool = False

    def __str__(self) -> str:
        """Describe the mode in words, such as "3 times"."""
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
"""The default mode: the problem is merged once, by one thread."""


DIFFERS, CHANGED_INPUT, NOT_DETERMINISTIC = "differs", "changed input", "not deterministic"
"""Kinds of mismatches, in addition to the kinds of :class:`BackendFailed`."""


@dataclass(frozen=True)
class Mismatch:
    """What is wrong with a merge.

    kind: ``DIFFERS``, ``CHANGED_INPUT``, ``NOT_DETERMINISTIC``, or the kind of a ``BackendFailed``.
    line: one line that describes the first difference, or the error.
    problem: the problem whose merge is wrong; None if the backend was called with an argument that is
        not a ``MergeProblem``.
    expected: the result of the reference; None if there is no problem.
    got: the result of the backend; None if it returned none.
    """

    kind: str
    line: str
    problem: MergeProblem | None = None
    expected: CompleteResult | None = None
    got: CompleteResult | None = None

    @property
    def state(self) -> CheckState:
        """The state in which this mismatch ends a check."""
        return {"crash": CheckState.CRASH, "timeout": CheckState.TIMEOUT}.get(
            self.kind, CheckState.FAILED
        )


class CheckFailure(Exception):
    """Raised if a check fails: merging the problem of ``mismatch`` in ``mode`` gives this mismatch."""

    def __init__(self, mismatch: Mismatch, mode: CallMode) -> None:
        super().__init__(mismatch.line)
        self.mismatch, self.mode = mismatch, mode

    @property
    def problem(self) -> MergeProblem:
        """The problem whose merge is wrong. Must not be used if ``mismatch.problem`` is None."""
        assert self.mismatch.problem is not None
        return self.mismatch.problem


@dataclass
class Comparator:
    """Compares the results of a backend with those of the reference.

    target: the backend under test.
    slowest_seconds: the duration of the slowest merge so far.
    merge_timeout: seconds after which a merge is stopped; None: ``target.timeout``.
    """

    target: BackendUnderTest
    reference: Reference
    slowest_seconds: float = 0.0
    merge_timeout: float | None = None

    @property
    def short_timeout_seconds(self) -> float:
        """Seconds after which a merge counts as hanging: 20 times the slowest merge so far, at least 1."""
        return min(self.target.timeout, max(1.0, 20 * self.slowest_seconds))

    def compare(
        self, problem: MergeProblem, mode: CallMode, timeout: float | None = None
    ) -> Mismatch | None:
        """Merge a problem and return the first mismatch with the reference; None if there is none.

        timeout: seconds after which a merge is stopped; None: ``self.merge_timeout``.
        """
        if mode.after_another:
            with suppress(BackendFailed):
                self.target.merge(
                    make_small_problem(self.target.declaration), mode.threads, timeout
                )
        compare = self._compare_sequential if mode.at_once == 1 else self._compare_concurrent
        return compare(problem, mode, timeout or self.merge_timeout)

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
            self.slowest_seconds = max(self.slowest_seconds, answer.seconds)
            difference = first_difference(expected, answer.result)
            if difference:
                line = difference if number == 1 else f"merge {number} of the problem: {difference}"
                return Mismatch(DIFFERS, line, problem, expected, answer.result)
            modified = modified or answer.modified
        if not modified:
            return None
        line = f"the result is right, but the merge changed its input: the array {modified}"
        return Mismatch(CHANGED_INPUT, line, problem, expected, answer.result)

    def _compare_concurrent(
        self, problem: MergeProblem, mode: CallMode, timeout: float | None
    ) -> Mismatch | None:
        pair = [problem, invert_affinities(problem)]
        expected = [self.reference.merge(each) for each in pair]
        for _ in range(mode.repetitions):
            try:
                results = self.target.merge_concurrently(
                    [pair[thread % 2] for thread in range(mode.at_once)], timeout
                )
            except BackendFailed as failure:
                return Mismatch(failure.kind, str(failure), problem, expected[0])
            for thread, got in enumerate(results):
                right = expected[thread % 2]
                difference = first_difference(right, got)
                if difference:
                    line = f"while other threads merge at the same time: {difference}"
                    return Mismatch(DIFFERS, line, pair[thread % 2], right, got)
        return None
