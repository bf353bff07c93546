"""A session: select checks by the options, and run them on one backend."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase
from pathlib import Path
from typing import Self

from merge_impls.argument_checks import join_quoted
from merge_impls.conformance.all_checks import all_checks
from merge_impls.conformance.backend_under_test import BackendUnderTest
from merge_impls.conformance.check import Check
from merge_impls.conformance.check_runner import CheckRunner
from merge_impls.conformance.choose_reference import choose_reference
from merge_impls.conformance.comparator import Comparator
from merge_impls.conformance.harness import Harness
from merge_impls.conformance.option_defaults import FAILURES, PROFILES
from merge_impls.conformance.outcomes import CONFORMING_STATES, Outcome, Verdict
from merge_impls.file_writing import check_writable


class NothingToCheck(ValueError):
    """A backend declares all its linkages approximate, so that no result can be wrong."""


@dataclass(frozen=True)
class SessionOptions:
    """Which checks to run, and on how many random problems.

    examples: the number of problems for each random check.
    seed: seed of the random problems.
    thorough: whether random problems may be larger.
    xfails: for the name of each check that is expected to fail, the reason.
    failures: the folder to which problems that fail are saved.
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
        """Check the arguments of a command line, or of ``validate``, and return the options.

        profile: a key of ``option_defaults.PROFILES``, which gives the number of examples.
        examples: overrides the number of the profile.
        only: selects the checks whose names match this pattern, with wildcards as in ``fnmatch``.
        xfails: the file of expected failures, see :func:`read_xfails`.
        Raises ValueError, one line, for an unknown profile, for ``examples`` below 1, and if no check
        matches ``only``; OSError, one line, if files cannot be written to the folder ``failures``;
        and the errors of ``read_xfails``.
        """
        check_writable(failures, folder=True)
        if profile not in PROFILES:
            raise ValueError(f"profile is {profile!r}; known are {', '.join(PROFILES)}")
        if examples is not None and examples < 1:
            raise ValueError(f"examples is {examples}; at least 1 is needed")
        checks = all_checks()
        matching = [check for check in checks if fnmatchcase(check.name, only)]
        if not matching:
            raise ValueError(_describe_unknown_check(only, [check.name for check in checks]))
        return cls(
            matching,
            PROFILES[profile] if examples is None else examples,
            seed,
            thorough=profile == "expensive",
            xfails=read_xfails(xfails, [check.name for check in checks]) if xfails else {},
            failures=failures,
        )

    def make_runner(self, target: BackendUnderTest, backend: str) -> CheckRunner:
        """Return a runner that runs checks on the target.

        backend: the name of the target, as the option ``--backend`` takes it.
        Raises ``BackendUnavailable`` if the reference cannot run here, ``BackendFailed`` if the
        target cannot be loaded, and ``NothingToCheck`` if it is exact with no linkage.
        """
        if not target.declaration.exact_linkages:
            raise NothingToCheck(
                _describe_approximate_backend(backend, target.declaration.approximate)
            )
        comparator = Comparator(target, choose_reference(backend))
        harness = Harness(comparator, target.declaration, self.examples, self.seed, self.thorough)
        return CheckRunner(harness, backend, self.xfails, self.failures)


def run_checks(
    target: BackendUnderTest,
    backend: str,
    options: SessionOptions,
    announce: Callable[[str], None] = lambda _: None,
    report: Callable[[Outcome], None] = lambda _: None,
    fail_fast: bool = False,
) -> Verdict:
    """Run the selected checks on the target, and return the verdict.

    backend: the name of the target, as the option ``--backend`` takes it.
    announce: called with the name of each check before the check begins.
    report: called with the outcome of each check as soon as the check has ended.
    fail_fast: whether to stop after the first check that does not end in ``CONFORMING_STATES``.
    Raises the errors of ``SessionOptions.make_runner``.
    """
    runner = options.make_runner(target, backend)
    outcomes = []
    for check in options.checks:
        announce(check.name)
        outcomes.append(runner.run_check(check))
        report(outcomes[-1])
        if fail_fast and outcomes[-1].state not in CONFORMING_STATES:
            break
    return Verdict(
        backend=backend,
        version=runner.harness.declaration.version,
        reference=runner.harness.comparator.reference.name,
        seed=options.seed,
        examples=options.examples,
        outcomes=tuple(outcomes),
        approximate=runner.harness.declaration.approximate,
        deselected=len(all_checks()) - len(outcomes),
    )


def _describe_approximate_backend(backend: str, approximate: Sequence[str]) -> str:
    return (
        f"backend {backend} declares linkage {join_quoted(approximate)} approximate, so no result can be "
        f"checked; `merge-impls time {backend}` shows its time and its agreement with the exact result"
    )


def _describe_unknown_check(only: str, names: Sequence[str]) -> str:
    """One line for a pattern that matches no check, with a pattern that matches some, if there is one."""
    wider = (f"{only}/*", f"{only}*", f"*{only}*")
    suggested = [each for each in wider if any(fnmatchcase(name, each) for name in names)]
    hint = f"did you mean {suggested[0]!r}? " if suggested else ""
    return f"no check is named {only!r}; {hint}`merge-impls validate --list-checks` lists all names"


def read_xfails(path: Path, names: Sequence[str]) -> dict[str, str]:
    """Read a file of expected failures; return the reason for each check that is expected to fail.

    Each line of the file is a pattern for names of checks, then ``# reason``. If several lines match
    a check, the first line counts. Empty lines and lines that begin with # are ignored.
    names: the names of all checks.
    Raises FileNotFoundError if the file does not exist, and ValueError, one line, for a line without
    a reason and for a line that matches no check.
    """
    if not path.is_file():
        raise FileNotFoundError(f"{path}, the file of expected failures, does not exist")
    reasons: dict[str, str] = {}
    for number, line in enumerate(path.read_text(encoding="utf-8-sig").splitlines(), start=1):
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
