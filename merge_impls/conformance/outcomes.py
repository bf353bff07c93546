"""Outcomes of checks, and the verdict on a backend that they make together."""

from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path


class State(StrEnum):
    """Every way in which a check can end."""

    PASSED = "passed"
    """Every example agreed."""
    FAILED = "failed"
    """The backend disagrees with the contract, returned something that is no result, or raised."""
    CRASH = "crash"
    """Its process died."""
    TIMEOUT = "timeout"
    """It gave no result in time."""
    SKIPPED = "skipped"
    """The backend declares that it does not support what the check is about."""
    XFAILED = "xfailed"
    """It failed, crashed or timed out, as the file of expected failures says."""
    XPASSED = "xpassed"
    """It passed although it was expected not to: the file of expected failures is out of date."""


BROKEN = (State.FAILED, State.CRASH, State.TIMEOUT)
"""The states that a file of expected failures may excuse."""


GOOD = (State.PASSED, State.SKIPPED, State.XFAILED)
"""The states that do not count against a backend."""


def counted(number: int, thing: str) -> str:
    """ "1 example", "2 examples"."""
    return f"{number} {thing}" + ("" if number == 1 else "s")


@dataclass(frozen=True)
class Outcome:
    """How one check ended.

    examples: the problems on which it was executed.
    message: why it was skipped, or what was expected to fail and why, or the explanation of the
        counterexample, in several lines.
    file: the counterexample, for ``merge-impls replay``; None if there is none.
    """

    check: str
    state: State
    examples: int
    seconds: float
    message: str = ""
    file: Path | None = None

    def __str__(self) -> str:
        count = counted(self.examples, "example")
        head = f"{self.state:<8} {count:>14} {self.seconds:7.1f} s  {self.check}"
        if self.state is State.SKIPPED:
            return f"{head}: {self.message}"
        lines = [head, *(f"    {line}".rstrip() for line in self.message.splitlines())]
        return "\n".join(lines)


@dataclass(frozen=True)
class Verdict:
    """How all checks ended for one backend; printed, it is the report.

    reference: what its results were compared with. examples: of each random check.
    """

    backend: str
    version: str
    reference: str
    seed: int
    examples: int
    outcomes: tuple[Outcome, ...]

    @property
    def executed(self) -> int:
        """On how many problems checks were executed, all together."""
        return sum(outcome.examples for outcome in self.outcomes)

    @property
    def conforms(self) -> bool:
        """Whether checks were executed at all, and each ended as it should."""
        return self.executed > 0 and all(outcome.state in GOOD for outcome in self.outcomes)

    def counts(self) -> dict[State, int]:
        """How many checks ended in each state that occurred."""
        states = [outcome.state for outcome in self.outcomes]
        return {state: states.count(state) for state in State if state in states}

    def summary(self) -> str:
        """One line: whether the backend conforms, how the checks ended, and against which reference."""
        name = f"{self.backend} {self.version}".strip()
        counts = ", ".join(f"{count} {state}" for state, count in self.counts().items())
        if not self.executed:
            return f"{name} is not shown to conform: no check was executed ({counts or 'none'})"
        examples = counted(self.executed, "example")
        verdict = "conforms" if self.conforms else "does NOT conform"
        return (
            f"{name} {verdict}: {counts}; {examples} against {self.reference}, "
            f"{self.examples} a random check, seed {self.seed}"
        )

    def __str__(self) -> str:
        return "\n".join([*map(str, self.outcomes), self.summary()])

    __repr__ = __str__
