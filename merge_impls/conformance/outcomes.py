"""The outcome of a check, and the verdict on a backend: the outcomes of all its checks."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from merge_impls.text_formats import pluralized


class CheckState(StrEnum):
    """The state in which a check ends."""

    PASSED = "passed"
    """The check holds for every problem on which it was executed."""
    FAILED = "failed"
    """The backend gave a wrong or an invalid result, or raised an exception."""
    CRASH = "crash"
    """The process of the backend died."""
    TIMEOUT = "timeout"
    """The backend gave no result in time."""
    SKIPPED = "skipped"
    """The check does not apply, for example because the backend does not support the linkage."""
    XFAILED = "xfailed"
    """The check failed, crashed or timed out, and the file of expected failures lists it."""
    XPASSED = "xpassed"
    """The check passed, but the file of expected failures lists it, so that file is out of date."""


FAILURE_STATES = (CheckState.FAILED, CheckState.CRASH, CheckState.TIMEOUT)
"""The states that become ``XFAILED`` if the file of expected failures lists the check."""


CONFORMING_STATES = (CheckState.PASSED, CheckState.SKIPPED, CheckState.XFAILED)
"""The states in which the checks of a backend that conforms may end."""


def group_of_check(name: str) -> str:
    """The group of a check: the part of the name before the slash, such as "laws"."""
    return name.partition("/")[0]


@dataclass(frozen=True)
class Outcome:
    """How one check ended.

    check: the name of the check.
    examples: the number of problems on which it was executed.
    message: the reason if the check was skipped or expected to fail; the explanation, in several
        lines, if it failed; else "".
    file: the problem that failed, for ``merge-impls replay``; None if there is none.
    """

    check: str
    state: CheckState
    examples: int
    seconds: float
    message: str = ""
    file: Path | None = None

    def __str__(self) -> str:
        """Format the outcome as one line, followed by its message."""
        count = pluralized(self.examples, "example")
        head = f"{self.state:<8} {count:>14} {self.seconds:7.1f} s  {self.check}"
        lines = [head, *(f"    {line}".rstrip() for line in self.message.splitlines())]
        return "\n".join(lines)


@dataclass(frozen=True)
class Verdict:
    """How all checks ended for one backend. ``str()`` of a verdict is the whole report.

    reference: the name and version of the reference.
    examples: the number of problems for each random check.
    deselected: the number of checks that were not run because the options left them out, or because an
        earlier check failed.
    approximate: the linkages that the backend declares approximate, with which nothing was checked.
    """

    backend: str
    version: str
    reference: str
    seed: int
    examples: int
    outcomes: tuple[Outcome, ...]
    deselected: int = 0
    approximate: tuple[str, ...] = ()

    @property
    def executed_problem_count(self) -> int:
        """The number of problems on which checks were executed, summed over all checks."""
        return sum(outcome.examples for outcome in self.outcomes)

    @property
    def conforms(self) -> bool:
        """Whether the backend passed, and no check was left out."""
        return self.passed and not self.deselected

    @property
    def passed(self) -> bool:
        """Whether at least one check was executed and all ended in ``CONFORMING_STATES``."""
        return self.executed_problem_count > 0 and all(
            outcome.state in CONFORMING_STATES for outcome in self.outcomes
        )

    def counts_by_state(self) -> dict[CheckState, int]:
        """The number of checks that ended in each state; states that did not occur are left out."""
        states = [outcome.state for outcome in self.outcomes]
        return {state: states.count(state) for state in CheckState if state in states}

    def skipped_line(self) -> str:
        """One line with the number of skipped checks and the reasons; "" if no check was skipped."""
        messages = [o.message for o in self.outcomes if o.state is CheckState.SKIPPED]
        reasons = [f"{messages.count(why)}: {why}" for why in dict.fromkeys(messages)]
        checks = pluralized(len(messages), "check")
        return f"{CheckState.SKIPPED:<8} {checks:>14}: {'; '.join(reasons)}" if messages else ""

    def time_line(self) -> str:
        """One line with the seconds of all executed checks, and those of each group."""
        groups: dict[str, float] = {}
        for each in self.outcomes:
            if each.state is not CheckState.SKIPPED:
                group = group_of_check(each.check)
                groups[group] = groups.get(group, 0.0) + each.seconds
        words = ", ".join(f"{group} {seconds:.1f} s" for group, seconds in groups.items())
        return f"{'time':<8} {sum(groups.values()):12.1f} s: {words}" if groups else ""

    def summary(self) -> str:
        """Describe the verdict in one line: whether the backend conforms, the counts, and the reference.

        If checks were left out, a backend that passed all others is not said to conform.
        """
        name = f"{self.backend} {self.version}".strip()
        counts = ", ".join(f"{count} {state}" for state, count in self.counts_by_state().items())
        if not self.executed_problem_count:
            return f"{name} is not shown to conform: no check was executed ({counts or 'none'})"
        examples = pluralized(self.executed_problem_count, "example")
        verdict = "passed the selected checks" if self.deselected else "conforms"
        left_out = f", {self.deselected} not run" if self.deselected else ""
        if self.approximate:
            left_out += f"; approximate, so not checked: linkage {', '.join(self.approximate)}"
        return (
            f"{name} {verdict if self.passed else 'does NOT conform'}: {counts}{left_out}; "
            f"{examples} against {self.reference}, "
            f"{self.examples} a random check, seed {self.seed}"
        )

    def __str__(self) -> str:
        """Format the outcomes of all executed checks, and the ``closing_lines``."""
        executed = [str(o) for o in self.outcomes if o.state is not CheckState.SKIPPED]
        return "\n".join([*executed, *self.closing_lines()])

    def closing_lines(self) -> list[str]:
        """The lines below the outcomes: skipped checks, if there are some, the time, and the summary."""
        return [*filter(None, [self.skipped_line(), self.time_line()]), self.summary()]

    __repr__ = __str__
