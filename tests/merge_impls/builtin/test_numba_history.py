"""The backend numba sorts the merges of a stage into the greedy order."""

import numpy as np
import pytest

from merge_impls.builtin.numba_kernels.history import DIGIT_BITS, MOST_INSERTED, sort_rows


@pytest.mark.parametrize("num_weights", [1, 3, 40, 2**30])
@pytest.mark.parametrize("count", [0, 1, MOST_INSERTED, 40 * MOST_INSERTED])
def test_rows_are_sorted_by_weight_then_by_names(num_weights, count):
    random = np.random.default_rng(num_weights + count)
    weights = random.integers(0, num_weights, count)
    names = random.integers(0, 5000, (count, 2))
    rows = np.column_stack([weights, names]).astype(np.int32)
    expected = rows[np.lexsort(rows.T[::-1])][::-1]
    other, firsts = np.empty_like(rows), np.empty(1 << DIGIT_BITS, np.int64)
    moved = sort_rows(rows, other, firsts, np.zeros(1, np.int32))
    assert np.array_equal(other if moved else rows, expected)
