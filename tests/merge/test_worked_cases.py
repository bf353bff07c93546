"""Small cases with answers worked out by hand, for every backend."""

import numpy as np
import pytest

from merge_impls import HISTORY_DTYPE, merge
from merge_impls.conformance.worked import worked_cases

CASES = worked_cases()


@pytest.mark.parametrize("backend", ["networkx", "numba", "c"])
@pytest.mark.parametrize("case", CASES, ids=[case.name for case in CASES])
def test_backend_gives_the_known_answer(case, backend):
    result = merge(case.problem, backend)
    expected = np.array([(0, *row) for row in case.merges], HISTORY_DTYPE)
    np.testing.assert_array_equal(result.history, expected)
    np.testing.assert_array_equal(result.labels, case.labels)
