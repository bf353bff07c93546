"""``merge`` completes the result of a backend, and ``first_difference`` compares two results."""

from dataclasses import replace

import numpy as np
import pytest

from merge_impls import (
    HISTORY_DTYPE,
    BackendError,
    CompleteResult,
    MergeProblem,
    MergeResult,
    first_difference,
    merge,
)
from merge_impls.argument_checks import PAPERS_LINKAGES
from merge_impls.conformance.generate.examples import for_each_example
from merge_impls.conformance.generate.random_problems import problems


@pytest.fixture
def problem():
    edges = {(0, 1): 0.9, (1, 2): 0.8, (2, 3): 0.1}
    return MergeProblem.from_edges(4, list(edges), list(edges.values()), [0, 0, 0], [0.5])


@pytest.fixture
def result(problem):
    return merge(problem, "networkx")


def test_backend_may_be_a_function_that_returns_labels_alone(problem, result):
    got = merge(problem, lambda p: result.labels.astype(np.int64))
    assert got.history is None
    assert first_difference(result, got) is None


def test_derived_sizes_and_confidences_are_those_of_the_reference():
    def compare(problem):
        expected = merge(problem, "networkx")
        assert first_difference(expected, merge(problem, lambda _: expected.labels)) is None

    for_each_example(problems(linkages=PAPERS_LINKAGES), compare, 200, seeded_by="derived")


def test_the_result_of_a_function_names_the_function(problem, result):
    def by_hand(problem):
        return result

    assert merge(problem, by_hand).backend.endswith("by_hand")
    assert merge(problem, "c").backend == "c"


def test_a_function_with_a_threads_argument_gets_their_number(problem, result):
    given = []

    def parallel(problem, threads):
        given.append(threads)
        return result

    merge(problem, parallel)
    merge(problem, parallel, threads=3)
    assert given == [1, 3]


@pytest.mark.parametrize(
    "labels",
    [
        np.zeros(3, np.int32),
        np.zeros((4, 1), np.int32),
        np.zeros(4, np.float32),
        np.array([0, 1, 2, -1]),
        np.array([1, 1, 1, 5]),
        None,
    ],
    ids=["too few", "another shape", "floats", "negative", "more than vertices", "nothing"],
)
def test_invalid_labels_are_refused(problem, labels):
    with pytest.raises(BackendError, match="returned what cannot be a result: "):
        merge(problem, lambda p: labels)


def test_lists_and_matrices_become_plain_arrays(problem, result):
    listed = replace(result, labels=result.labels.tolist(), sizes=result.sizes.tolist())
    assert first_difference(result, merge(problem, lambda _: listed)) is None
    grid = MergeProblem.from_grid([[[0.5, 0.5]]], [(0, 1)], [0], [0.5])
    labels = np.ones((1, 2), np.int32).view(np.matrix)
    assert type(merge(grid, lambda _: labels).labels) is np.ndarray


def test_right_arrays_are_not_copied(problem, result):
    got = merge(problem, lambda _: result, verify=False)
    for name in ("labels", "confidences", "history"):
        assert getattr(got, name) is getattr(result, name)


def test_a_result_of_the_backends_own_class_becomes_a_plain_one(problem, result):
    class Result(MergeResult):
        pass

    got = merge(problem, lambda _: Result(result.labels, backend="another"))
    assert type(got) is CompleteResult and got.backend.endswith("<lambda>")


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"labels": np.ma.array([1, 1, 1, 2])}, "labels is a masked array; return a plain"),
        ({"labels": [[1, 1], [2]]}, "labels is not an array (ValueError: "),
        ({"labels": None}, "labels are None; `return` labels, one for each vertex"),
        ({"sizes": {3, 1}}, "sizes has dtype object"),
        ({"history": [(0, 1), (0,)]}, "history is not an array (ValueError: "),
    ],
)
def test_values_that_are_no_arrays_are_refused_in_one_line(problem, result, changes, line):
    with pytest.raises(BackendError) as error:
        merge(problem, lambda _: replace(result, **changes))
    assert f"cannot be a result: {line}" in str(error.value) and "\n" not in str(error.value)


def test_result_cannot_be_changed(result):
    with pytest.raises(AttributeError):
        result.labels = None


def test_equal_results_do_not_differ(problem, result):
    assert first_difference(result, merge(problem, "c")) is None


def changed(result, name, index, value):
    array = getattr(result, name).copy()
    array[index] = value
    return replace(result, **{name: array})


@pytest.mark.parametrize(
    ("name", "index", "value", "line"),
    [
        ("labels", 3, 1, "labels differs at [3]: expected 2, got 1"),
        ("sizes", 0, 2, "sizes differs at [0]: expected 3, got 2"),
        ("confidences", 1, -0.0, "confidences differs at [1]: expected 0.0, got -0.0"),
    ],
)
def test_first_entry_that_differs_is_named(result, name, index, value, line):
    assert first_difference(result, changed(result, name, index, value)) == line


def test_first_merge_that_differs_is_named_with_both_weights(result):
    weight = np.nextafter(result.history["weight"][1], np.float32(1))
    other = changed(result, "history", 1, (0, 0, 3, weight))
    other = changed(other, "labels", 3, 1)
    assert first_difference(result, other) == (
        "history differs at merge 1: expected stage 0 (0, 2) at 0.800000012, "
        "got stage 0 (0, 3) at 0.800000072"
    )


def test_a_merge_that_only_one_result_has_is_named(result):
    shorter = replace(result, history=result.history[:1])
    assert first_difference(result, shorter).endswith("at 0.800000012, got no further merge")
    assert "expected no further merge, got stage 0 (0, 2)" in first_difference(shorter, result)


def test_dtypes_and_shapes_count_as_differences(result):
    wide = replace(result, labels=result.labels.astype(np.int64))
    assert first_difference(result, wide) == "labels differs in dtype: expected int32, got int64"
    short = replace(result, sizes=result.sizes[:1])
    assert "sizes differs in shape: expected (2,), got (1,)" == first_difference(result, short)


def test_history_is_not_compared_if_one_result_has_none(result):
    assert first_difference(result, replace(result, history=None)) is None


def test_empty_results_do_not_differ():
    no_merges = np.zeros(0, HISTORY_DTYPE)
    empty = MergeResult(np.zeros((1, 1), np.int32), np.zeros(0, int), np.zeros(0), no_merges)
    assert first_difference(empty, empty) is None
