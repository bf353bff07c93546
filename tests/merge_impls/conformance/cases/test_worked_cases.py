"""Every built-in backend gives the results of the worked cases."""

import numpy as np
import pytest

from merge_impls import first_difference, merge
from merge_impls.argument_checks import LINKAGES
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


@pytest.mark.parametrize("other", LINKAGES)
@pytest.mark.parametrize("linkage", LINKAGES)
def test_labels_of_some_case_separate_each_two_linkages(linkage, other):
    cases = [case for case in CASES if case.problem.linkage == linkage]
    results = [merge(case.problem.replace(linkage=other), "heap") for case in cases]
    different = [
        case.name
        for case, result in zip(cases, results, strict=True)
        if not np.array_equal(case.result.labels, result.labels)
    ]
    assert bool(different) == (linkage != other)
