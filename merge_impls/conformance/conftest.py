"""``pytest --pyargs merge_impls.conformance --merge-backend NAME``: its options, worker and exit status."""

import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from merge_impls.argument_checks import one_line_message
from merge_impls.backend import BackendUnavailable
from merge_impls.commands.exit_codes import UNAVAILABLE
from merge_impls.conformance import NO_HYPOTHESIS
from merge_impls.conformance.backend_under_test import backend_in_child_process
from merge_impls.isolation import BackendFailed, Worker

if find_spec("hypothesis") is None:
    pytest.exit(NO_HYPOTHESIS, returncode=UNAVAILABLE)

from merge_impls.conformance.check_runner import CheckRunner  # noqa: E402
from merge_impls.conformance.session import SessionOptions  # noqa: E402

USAGE = "name a backend: pytest --pyargs merge_impls.conformance --merge-backend NAME"

SESSION = pytest.StashKey[tuple[SessionOptions, Worker]]()
"""What to check, and the worker that is to be started for it."""


def pytest_collection_finish(session: pytest.Session) -> None:
    """Stop with one line if the options allow no check at all."""
    options = session.config.option
    if options.merge_backend is None:
        raise pytest.UsageError(USAGE)
    # As with merge-impls, a module of the current folder can be named, but hides no installed one.
    sys.path.append(os.getcwd())
    try:
        session_options = SessionOptions.from_arguments(
            options.merge_profile,
            options.merge_examples,
            options.merge_seed,
            xfails=options.merge_xfails,
            failures=options.merge_failures,
        )
        target = backend_in_child_process(
            options.merge_backend, options.merge_timeout, options.merge_memory
        )
    except (ValueError, OSError) as error:
        raise pytest.UsageError(one_line_message(error)) from None
    session.config.stash[SESSION] = session_options, target
    session.config.pluginmanager.register(Executed())


@pytest.fixture(scope="session")
def runner(pytestconfig: pytest.Config) -> Iterator[CheckRunner]:
    """Runs the checks, on a worker that lives as long as the session."""
    session_options, target = pytestconfig.stash[SESSION]
    with target:
        try:
            runner = session_options.runner(target, pytestconfig.option.merge_backend)
        except (BackendFailed, BackendUnavailable) as error:
            # A backend that cannot run fails once, not in every check.
            pytest.exit(str(error), returncode=UNAVAILABLE)
        yield runner


class Executed:
    """Fails a session in which every check was skipped, because it shows nothing."""

    def __init__(self) -> None:
        self.checks, self.skipped = 0, 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count the checks; an expected failure was executed, too."""
        if report.skipped and not hasattr(report, "wasxfail"):
            self.skipped += 1
        elif report.when == "call":
            self.checks += 1

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Turn success into failure if nothing was executed."""
        if self.skipped and not self.checks and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Say why the session failed."""
        if self.skipped and not self.checks:
            terminalreporter.write_line("no check was executed, so nothing is shown", red=True)
