"""``pytest --pyargs merge_impls.conformance --merge-backend NAME``: the worker, the exit status."""

import os
import sys
from importlib.util import find_spec

import pytest

from merge_impls.argument_checks import one_line
from merge_impls.backend import BackendUnavailable
from merge_impls.commands.exit_codes import UNAVAILABLE
from merge_impls.conformance.defaults import NO_HYPOTHESIS
from merge_impls.conformance.target import isolated
from merge_impls.isolation import BackendFailed

if find_spec("hypothesis") is None:
    pytest.exit(NO_HYPOTHESIS, returncode=UNAVAILABLE)

from merge_impls.conformance.session import SessionOptions  # noqa: E402

USAGE = "who is to be checked? pytest --pyargs merge_impls.conformance --merge-backend NAME"

ASKED = pytest.StashKey[tuple]()
"""The plan, and the worker that is to be started for it."""


def pytest_collection_finish(session: pytest.Session) -> None:
    """Refuse, in one line, what cannot be checked at all."""
    options = session.config.option
    if options.merge_backend is None:
        raise pytest.UsageError(USAGE)
    # As for merge-impls, modules of the current folder can be named, and hide no installed one.
    sys.path.append(os.getcwd())
    try:
        session_options = SessionOptions.from_arguments(
            options.merge_profile,
            options.merge_examples,
            options.merge_seed,
            xfails=options.merge_xfails,
            failures=options.merge_failures,
        )
        target = isolated(options.merge_backend, options.merge_timeout, options.merge_memory)
    except (ValueError, OSError) as error:
        raise pytest.UsageError(one_line(error)) from None
    session.config.stash[ASKED] = session_options, target
    session.config.pluginmanager.register(Executed())


@pytest.fixture(scope="session")
def runner(pytestconfig: pytest.Config):
    """What runs the checks, on a worker that lives as long as the session."""
    session_options, target = pytestconfig.stash[ASKED]
    with target:
        try:
            runner = session_options.runner(target, pytestconfig.option.merge_backend)
        except (BackendFailed, BackendUnavailable) as error:
            # Who is not there fails once, not in every check.
            pytest.exit(str(error), returncode=UNAVAILABLE)
        yield runner


class Executed:
    """A session in which every check was skipped has shown nothing, and fails."""

    def __init__(self) -> None:
        self.checks, self.skipped = 0, 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count; an expected failure was executed, too."""
        if report.skipped and not hasattr(report, "wasxfail"):
            self.skipped += 1
        elif report.when == "call":
            self.checks += 1

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Turn success into failure if nothing was executed."""
        if self.skipped and not self.checks and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say so."""
        if self.skipped and not self.checks:
            terminalreporter.write_line("no check was executed, so nothing is shown", red=True)
