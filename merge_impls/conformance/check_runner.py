"""The checks, one after the other, and what becomes of a failure."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from time import monotonic

from merge_impls.argument_checks import one_line
from merge_impls.conformance.checks import Check
from merge_impls.conformance.comparator import Fault
from merge_impls.conformance.explain.wording import described
from merge_impls.conformance.harness import NotDone, Trial
from merge_impls.conformance.outcomes import BROKEN, Outcome, State
from merge_impls.conformance.replay_file import replay_command, save
from merge_impls.conformance.shrink.counterexample import reduced, told

SHRINK_SECONDS_IN_ALL = 120.0
"""For all counterexamples; what fails after that is shown as it was found."""


@dataclass
class Kit:
    """Runs checks on a trial.

    backend: its name, as ``--backend`` takes it.
    xfails: why a check is expected to fail, by the check's name.
    failures: the folder for counterexamples.
    """

    trial: Trial
    backend: str
    xfails: Mapping[str, str]
    failures: Path
    shrink_seconds: float = SHRINK_SECONDS_IN_ALL

    def run(self, check: Check) -> Outcome:
        """Run one check; whatever the backend does becomes an outcome, not an exception."""
        begin = monotonic()
        self.trial.start(check.name)
        state, message, file = State.PASSED, "", None
        try:
            check.run(self.trial)
        except NotDone as reason:
            state, message = State.SKIPPED, str(reason)
        except Fault as fault:
            state = fault.finding.state
            if state is State.TIMEOUT:
                # A backend that has hung once hangs often; nobody should wait that long again.
                self.trial.examiner.patience = self.trial.examiner.short_timeout
            if check.name not in self.xfails:
                message, file = self._shown(check, fault)
        if check.name in self.xfails and state is not State.SKIPPED:
            state = State.XFAILED if state in BROKEN else State.XPASSED
            message = self.xfails[check.name]
        seconds = monotonic() - begin
        return Outcome(check.name, state, self.trial.executed, seconds, message, file)

    def _shown(self, check: Check, fault: Fault) -> tuple[str, Path | None]:
        """The message for a fault, and the file with its problem, if there is one."""
        head = f"should hold: {check.states}"
        if fault.finding.problem is None:
            return f"{head}\n{fault.finding.line}", None
        begin, examiner = monotonic(), self.trial.examiner
        if self.shrink_seconds > 0:
            seconds = min(check.shrink_seconds, self.shrink_seconds)
            fault = reduced(examiner, fault, seconds)
        told_of = [described(fault.finding.problem), told(examiner, fault)]
        try:
            file = save(self.failures, fault, self.backend, check.name)
            again = f"again: {replay_command(file, self.backend)}"
        except OSError as error:
            file, again = None, f"the counterexample could not be saved: {one_line(error)}"
        self.shrink_seconds -= monotonic() - begin
        return "\n".join([head, *told_of, again]), file
