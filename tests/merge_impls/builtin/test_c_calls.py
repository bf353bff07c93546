"""``c_calls`` calls the merges in C: their arguments, their results and their errors."""

import numpy as np
import pytest
from merge_impls._c_merge import ffi, lib

from merge_impls import MergeProblem
from merge_impls.builtin import c_calls
from merge_impls.edge_counts import MAX_COUNT_SUM

MERGES = {"heap": c_calls.merge_heap, "c": c_calls.merge_fast}


def row_of_pixels(affinities, mask=None):
    return MergeProblem.from_grid(np.array([[affinities]], float), [(0, 1)], [0], [0.5], mask=mask)


@pytest.mark.parametrize("backend", MERGES)
def test_a_mask_that_grew_after_preparation_is_refused(backend):
    prepared = c_calls.prepare_for_c(row_of_pixels([1, 1, 0], np.array([[True, False, True]])))
    grown = np.ones(3, np.uint8)
    prepared.given.mask = ffi.from_buffer("uint8_t[]", grown)
    with pytest.raises(ValueError, match=f"^backend {backend}: the C code refused the problem"):
        MERGES[backend](prepared)


@pytest.mark.parametrize(
    ("status", "error", "words"),
    [
        (lib.MERGE_OUT_OF_MEMORY, MemoryError, "not enough memory"),
        (lib.MERGE_OVERFLOW, OverflowError, "more vertices or edges than it can number"),
        (lib.MERGE_BAD_ARGUMENT, ValueError, "the C code refused the problem"),
        (lib.MERGE_CHANGED, ValueError, "the affinities changed during the merge"),
    ],
)
def test_status_becomes_an_error_in_one_line_that_names_the_backend(status, error, words):
    prepared = c_calls.prepare_for_c(row_of_pixels([0.5]))
    with pytest.raises(error, match=f"^backend mine: {words}[^\\n]*$"):
        c_calls.call_c_function("mine", lambda given, made: status, prepared)


@pytest.mark.parametrize("backend", MERGES)
@pytest.mark.parametrize(
    ("total", "count"),
    [(-1, 1), (0, 0), (65536, 1), (0, -1), (0, MAX_COUNT_SUM + 1), (5, MAX_COUNT_SUM)],
)
def test_totals_and_counts_that_changed_after_preparation_are_refused(backend, total, count):
    problem = MergeProblem.from_edges(3, [(0, 1), (1, 2)], [0.5, 0.5], [0, 0], [0.5], counts=[1, 1])
    prepared = c_calls.prepare_for_c(problem)
    prepared.arrays["sums"][1] = total, count
    with pytest.raises(ValueError, match=f"^backend {backend}: the C code refused the problem"):
        MERGES[backend](prepared)


def test_further_arguments_are_passed_between_problem_and_output():
    passed = []

    def function(given, threads, made):
        passed.append(threads)
        return lib.merge_heap(given, made)

    result = c_calls.call_c_function(
        "mine", function, c_calls.prepare_for_c(row_of_pixels([1, 0.9, 0])), 7
    )
    assert passed == [7] and result.labels.tolist() == [[1, 1, 1]]


@pytest.mark.parametrize("affinity", [0, 1], ids=["no merges", "one segment"])
def test_result_keeps_no_large_buffer_alive_for_a_few_entries(affinity):
    problem = row_of_pixels([affinity] * 1000)
    result = c_calls.merge_heap(c_calls.prepare_for_c(problem))
    for array in (result.sizes, result.confidences, result.history):
        kept = array if array.base is None else array.base
        assert len(kept) <= 2 * len(array)
    most = result.sizes if affinity == 0 else result.history
    assert most.base is not None, "what fills its buffer is not copied"
