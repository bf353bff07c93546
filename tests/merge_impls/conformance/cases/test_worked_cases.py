"""Every built-in backend gives the results of the worked cases."""

import pytest

from merge_impls import first_difference, merge
from merge_impls.builtin import BUILT_IN
from merge_impls.conformance.cases import worked_cases

CASES = worked_cases()


@pytest.mark.parametrize(
    ("case", "backend"),
    [
        pytest.param(case, backend.name, id=f"{case.name}-{backend.name}")
        for case in CASES
        for backend in BUILT_IN
        if case.problem.linkage in backend.linkages
    ],
)
def test_backend_gives_the_result_worked_out_by_hand(case, backend):
    assert first_difference(case.result, merge(case.problem, backend)) is None, case.why


def test_names_of_cases_are_unique():
    assert len({case.name for case in CASES}) == len(CASES)
