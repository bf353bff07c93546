"""A session: choose the checks by the options, and run them on one backend."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Self

from merge_impls.conformance.backend_under_test import BackendUnderTest
from merge_impls.conformance.check_runner import CheckRunner
from merge_impls.conformance.checks import Check, all_checks
from merge_impls.conformance.choose_reference import choose_reference
from merge_impls.conformance.comparator import Comparator
from merge_impls.conformance.harness import Harness
from merge_impls.conformance.option_defaults import FAILURES, PROFILES
from merge_impls.conformance.outcomes import GOOD, Outcome, Verdict
from merge_impls.files import check_writable


@dataclass(frozen=True)
class SessionOptions:
    """Which checks to run, and on how many examples.

    examples: of each random check. thorough: whether they may be large.
    xfails: why a check is expected to fail, by the check's name.
    failures: the folder for counterexamples.
    """

    checks: Sequence[Check]
    examples: int
    seed: int
    thorough: bool
    xfails: Mapping[str, str]
    failures: Path

    @classmethod
    def from_arguments(
        cls,
        profile: str = "default",
        examples: int | None = None,
        seed: int = 0,
        only: str = "*",
        xfails: Path | None = None,
        failures: Path = FAILURES,
    ) -> Self:
        """The options of a command line or of ``validate``, checked.

        profile: one of ``option_defaults.PROFILES``, whose number ``examples`` replaces.
        only: a pattern for names of checks, as file names have them.
        xfails: a file, see :func:`read_xfails`.
        Raises ValueError, one line, for an unknown profile, no examples, or a name that no check
        has, and what ``read_xfails`` raises; OSError, one line, if failures cannot be written.
        """
        check_writable(failures, folder=True)
        if profile not in PROFILES:
            raise ValueError(f"profile is {profile!r}; known are {', '.join(PROFILES)}")
        if examples is not None and examples < 1:
            raise ValueError(f"examples is {examples}; at least 1 is needed")
        checks = all_checks()
        matching = [check for check in checks if fnmatchcase(check.name, only)]
        if not matching:
            how = "`merge-impls validate --list-checks` names them all"
            raise ValueError(f"no check is named {only!r}, so none would be executed; {how}")
        return cls(
            matching,
            PROFILES[profile] if examples is None else examples,
            seed,
            thorough=profile == "expensive",
            xfails=read_xfails(xfails, [check.name for check in checks]) if xfails else {},
            failures=failures,
        )

    def runner(self, target: BackendUnderTest, backend: str) -> CheckRunner:
        """The runner for a target.

        Raises ``BackendUnavailable`` if the reference cannot run here, ``BackendFailed`` if the
        target cannot be loaded.
        """
        comparator = Comparator(target, choose_reference(backend))
        harness = Harness(comparator, target.declaration, self.examples, self.seed, self.thorough)
        return CheckRunner(harness, backend, self.xfails, self.failures)


def run_checks(
    target: BackendUnderTest,
    backend: str,
    options: SessionOptions,
    report: Callable[[Outcome], None] = lambda _: None,
    fail_fast: bool = False,
) -> Verdict:
    """Run the chosen checks; ``report`` is called with each outcome when its check has ended.

    backend: the target's name, as ``--backend`` takes it.
    fail_fast: stop after the first check that counts against the backend.
    Raises what ``SessionOptions.runner`` raises.
    """
    runner = options.runner(target, backend)
    outcomes = []
    for check in options.checks:
        outcomes.append(runner.run_check(check))
        report(outcomes[-1])
        if fail_fast and outcomes[-1].state not in GOOD:
            break
    return Verdict(
        backend=backend,
        version=runner.harness.declaration.version,
        reference=runner.harness.comparator.reference.name,
        seed=options.seed,
        examples=options.examples,
        outcomes=tuple(outcomes),
    )


def read_xfails(path: Path, names: Sequence[str]) -> dict[str, str]:
    """The reason for each of ``names`` that a line of the file matches.

    A line is a pattern for names of checks, then ``# reason``; of two that match, the first counts.
    Empty lines, and those that begin with #, are comments. Raises OSError, and ValueError, one line,
    for a line without a reason or one that matches no check.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path}, the file of expected failures, does not exist")
    reasons: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), start=1):
        if not line.strip() or line.lstrip().startswith("#"):
            continue
        pattern, _, reason = (part.strip() for part in line.partition("#"))
        if not reason:
            raise ValueError(f"{path}, line {number}: {pattern!r} needs a reason after a #")
        matching = [name for name in names if fnmatchcase(name, pattern)]
        if not matching:
            raise ValueError(f"{path}, line {number}: no check is named {pattern!r}")
        for name in matching:
            reasons.setdefault(name, reason)
    return reasons
