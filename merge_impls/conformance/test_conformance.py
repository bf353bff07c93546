"""The checks as tests of the backend that ``--merge-backend`` names."""

import pytest

from merge_impls.conformance.check_runner import CheckRunner
from merge_impls.conformance.checks import Check, all_checks
from merge_impls.conformance.outcomes import BROKEN, State

CHECKS = all_checks()


@pytest.mark.parametrize("check", CHECKS, ids=[check.name for check in CHECKS])
def test_backend_conforms(check: Check, runner: CheckRunner) -> None:
    """A failure shows the message of the check, and no code."""
    outcome = runner.run_check(check)
    if outcome.state is State.SKIPPED:
        pytest.skip(outcome.message)
    if outcome.state is State.XFAILED:
        pytest.xfail(outcome.message)
    if outcome.state is State.XPASSED:
        pytest.fail(f"passed, but was expected to fail: {outcome.message}", pytrace=False)
    if outcome.state in BROKEN:
        pytest.fail(f"{outcome.state}: {outcome.message}", pytrace=False)
