"""Run the checks as pytest tests of the backend that the option ``--merge-backend`` names."""

import pytest

from merge_impls.conformance.all_checks import all_checks
from merge_impls.conformance.check import Check
from merge_impls.conformance.check_runner import CheckRunner
from merge_impls.conformance.outcomes import FAILURE_STATES, CheckState

CHECKS = all_checks()


@pytest.mark.parametrize("check", CHECKS, ids=[check.name for check in CHECKS])
def test_backend_conforms(check: Check, runner: CheckRunner) -> None:
    """Run one check; if it fails, show its message without a traceback."""
    outcome = runner.run_check(check)
    if outcome.state is CheckState.SKIPPED:
        pytest.skip(outcome.message)
    if outcome.state is CheckState.XFAILED:
        pytest.xfail(outcome.message)
    if outcome.state is CheckState.XPASSED:
        pytest.fail(f"passed, but was expected to fail: {outcome.message}", pytrace=False)
    if outcome.state in FAILURE_STATES:
        pytest.fail(f"{outcome.state}: {outcome.message}", pytrace=False)
