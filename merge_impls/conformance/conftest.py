"""Fixtures and hooks for ``pytest --pyargs merge_impls.conformance --merge-backend NAME``."""

import os
import sys
from collections.abc import Iterator
from importlib.util import find_spec

import pytest

from merge_impls.argument_checks import one_line_error_message
from merge_impls.backend import BackendUnavailable
from merge_impls.commands.exit_codes import UNAVAILABLE
from merge_impls.conformance import NO_HYPOTHESIS
from merge_impls.conformance.backend_under_test import backend_in_child_process
from merge_impls.isolation import BackendFailed, Worker

if find_spec("hypothesis") is None:
    pytest.exit(NO_HYPOTHESIS, returncode=UNAVAILABLE)

from merge_impls.conformance.check_runner import CheckRunner  # noqa: E402
from merge_impls.conformance.session import NothingToCheck, SessionOptions  # noqa: E402

USAGE = "name a backend: pytest --pyargs merge_impls.conformance --merge-backend NAME"

OPTIONS_AND_WORKER = pytest.StashKey[tuple[SessionOptions, Worker]]()
"""The key under which pytest's config stores the options and the worker of the backend."""


def pytest_collection_finish(session: pytest.Session) -> None:
    """Read the options and prepare the worker; end with a one-line error if an option is wrong."""
    options = session.config.option
    if options.merge_backend is None:
        raise pytest.UsageError(USAGE)
    # A backend may be a module in the current folder. Appended, so that it hides no installed module.
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
        raise pytest.UsageError(one_line_error_message(error)) from None
    session.config.stash[OPTIONS_AND_WORKER] = session_options, target
    session.config.pluginmanager.register(FailIfAllSkipped())


@pytest.fixture(scope="session")
def runner(pytestconfig: pytest.Config) -> Iterator[CheckRunner]:
    """The runner of all checks of a session; the worker of its backend is stopped at the end."""
    session_options, target = pytestconfig.stash[OPTIONS_AND_WORKER]
    with target:
        try:
            runner = session_options.make_runner(target, pytestconfig.option.merge_backend)
        except (BackendFailed, BackendUnavailable) as error:
            # End the session here, because otherwise every check would fail with the same error.
            pytest.exit(str(error), returncode=UNAVAILABLE)
        except NothingToCheck as error:
            pytest.exit(str(error), returncode=pytest.ExitCode.USAGE_ERROR)
        yield runner


class FailIfAllSkipped:
    """A pytest plug-in that makes a session fail if all its checks were skipped."""

    def __init__(self) -> None:
        self.checks, self.skipped = 0, 0

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Count executed and skipped checks; a check that failed as expected counts as executed."""
        if report.skipped and not hasattr(report, "wasxfail"):
            self.skipped += 1
        elif report.when == "call":
            self.checks += 1

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Set the exit status to failure if all checks were skipped."""
        if self.skipped and not self.checks and session.exitstatus == pytest.ExitCode.OK:
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Print why the session failed."""
        if self.skipped and not self.checks:
            terminalreporter.write_line(
                "no check was executed, so the backend is not shown to conform", red=True
            )
