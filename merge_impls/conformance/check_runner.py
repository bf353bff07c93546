"""Run checks one by one; shrink, explain and save each failure."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from merge_impls.argument_checks import one_line_message
from merge_impls.conformance.checks import Check
from merge_impls.conformance.comparator import CheckFailure
from merge_impls.conformance.explain.wording import describe
from merge_impls.conformance.harness import CheckSkipped, Harness
from merge_impls.conformance.outcomes import BROKEN, Outcome, State
from merge_impls.conformance.replay_file import replay_command, save_counterexample
from merge_impls.conformance.shrink.counterexample import explain_failure, shrink_failure

TOTAL_SHRINK_SECONDS = 120.0
"""The most seconds for shrinking in one session; later counterexamples are reported unshrunk."""


@dataclass
class CheckRunner:
    """Runs checks on a harness.

    backend: its name, as ``--backend`` takes it.
    xfails: why a check is expected to fail, by the check's name.
    failures: the folder for counterexamples.
    """

    harness: Harness
    backend: str
    xfails: Mapping[str, str]
    failures: Path
    shrink_seconds: float = TOTAL_SHRINK_SECONDS

    def run_check(self, check: Check) -> Outcome:
        """Run one check. A backend that raises, crashes or hangs gives an outcome, not an exception."""
        begin = monotonic()
        self.harness.start(check.name)
        state, message, file = State.PASSED, "", None
        try:
            check.execute(self.harness)
        except CheckSkipped as reason:
            state, message = State.SKIPPED, str(reason)
        except CheckFailure as failure:
            state = failure.mismatch.state
            if state is State.TIMEOUT:
                # A backend that has hung once hangs often, so further waits are short.
                self.harness.comparator.patience = self.harness.comparator.short_timeout
            if check.name not in self.xfails:
                message, file = self._shrink_explain_and_save(check, failure)
        if check.name in self.xfails and state is not State.SKIPPED:
            state = State.XFAILED if state in BROKEN else State.XPASSED
            message = self.xfails[check.name]
        seconds = monotonic() - begin
        return Outcome(check.name, state, self.harness.executed, seconds, message, file)

    def _shrink_explain_and_save(
        self, check: Check, failure: CheckFailure
    ) -> tuple[str, Path | None]:
        """The message for a failure, and the file with its problem, if it has one."""
        head = f"should hold: {check.claim}"
        if failure.mismatch.problem is None:
            return f"{head}\n{failure.mismatch.line}", None
        begin, comparator = monotonic(), self.harness.comparator
        if self.shrink_seconds > 0:
            seconds = min(check.shrink_seconds, self.shrink_seconds)
            failure = shrink_failure(comparator, failure, seconds)
        words = [describe(failure.problem), explain_failure(comparator, failure)]
        try:
            file = save_counterexample(self.failures, failure, self.backend, check.name)
            again = f"again: {replay_command(file, self.backend)}"
        except OSError as error:
            file, again = None, f"the counterexample could not be saved: {one_line_message(error)}"
        self.shrink_seconds -= monotonic() - begin
        return "\n".join([head, *words, again]), file
