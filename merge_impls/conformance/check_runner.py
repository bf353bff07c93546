"""Run checks. If a check fails, make the failing problem smaller, explain the failure, save the problem."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from merge_impls.argument_checks import one_line_error_message
from merge_impls.conformance.check import Check
from merge_impls.conformance.comparator import CheckFailure
from merge_impls.conformance.explain.problem_text import describe_problem
from merge_impls.conformance.harness import CheckSkipped, Harness
from merge_impls.conformance.outcomes import FAILURE_STATES, CheckState, Outcome
from merge_impls.conformance.replay_file import replay_command, save_counterexample
from merge_impls.conformance.shrink.counterexample import explain_failure, shrink_failure

TOTAL_SHRINK_SECONDS = 120.0
"""The most seconds in one session for making failing problems smaller.

Afterwards failing problems are reported as they are.
"""


@dataclass
class CheckRunner:
    """Runs checks on one backend.

    harness: passed to each check; it merges problems with the backend.
    backend: the name of the backend, as the option ``--backend`` takes it.
    xfails: for the name of each check that is expected to fail, the reason.
    failures: the folder to which problems that fail are saved.
    shrink_seconds: seconds left in this session for making failing problems smaller.
    """

    harness: Harness
    backend: str
    xfails: Mapping[str, str]
    failures: Path
    shrink_seconds: float = TOTAL_SHRINK_SECONDS

    def run_check(self, check: Check) -> Outcome:
        """Run one check and return its outcome, also if the backend raises, crashes or hangs."""
        begin = monotonic()
        self.harness.start_check(check.name)
        state, message, file = CheckState.PASSED, "", None
        try:
            check.execute(self.harness)
        except CheckSkipped as reason:
            state, message = CheckState.SKIPPED, str(reason)
        except CheckFailure as failure:
            state = failure.mismatch.state
            if state is CheckState.TIMEOUT:
                # A backend that has hung once is likely to hang again, so later merges get less time.
                self.harness.comparator.merge_timeout = (
                    self.harness.comparator.short_timeout_seconds
                )
            if check.name not in self.xfails:
                message, file = self._shrink_explain_and_save(check, failure)
        if check.name in self.xfails and state is not CheckState.SKIPPED:
            state = CheckState.XFAILED if state in FAILURE_STATES else CheckState.XPASSED
            message = self.xfails[check.name]
        seconds = monotonic() - begin
        return Outcome(
            check.name, state, self.harness.executed_problem_count, seconds, message, file
        )

    def _shrink_explain_and_save(
        self, check: Check, failure: CheckFailure
    ) -> tuple[str, Path | None]:
        """Return the message for a failure, and the file with its problem; None if there is no file."""
        head = f"should hold: {check.claim}"
        if failure.mismatch.problem is None:
            return f"{head}\n{failure.mismatch.line}", None
        begin, comparator = monotonic(), self.harness.comparator
        if self.shrink_seconds > 0:
            seconds = min(check.shrink_seconds, self.shrink_seconds)
            failure = shrink_failure(comparator, failure, seconds)
        words = [describe_problem(failure.problem), explain_failure(comparator, failure)]
        try:
            file = save_counterexample(self.failures, failure, self.backend, check.name)
            again = f"again: {replay_command(file, self.backend)}"
        except OSError as error:
            file, reason = None, one_line_error_message(error)
            again = f"the counterexample could not be saved: {reason}"
        self.shrink_seconds -= monotonic() - begin
        return "\n".join([head, *words, again]), file
