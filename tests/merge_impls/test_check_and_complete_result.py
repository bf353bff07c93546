"""A result that contradicts its problem or itself is refused, and the error names the first contradiction."""

from dataclasses import replace

import numpy as np
import pytest

from merge_impls import HISTORY_DTYPE, BackendError, MergeProblem, merge
from merge_impls.builtin import networkx_merge


@pytest.fixture
def problem():
    edges = {(0, 1): 0.9, (1, 2): 0.8, (3, 4): 0.85, (2, 3): 0.1}
    return MergeProblem.from_edges(5, list(edges), list(edges.values()), [0, 0, 1, 1], [0.7, 0.5])


@pytest.fixture
def result(problem):
    result = merge(problem, "networkx")
    assert [row[:3] for row in result.history.tolist()] == [(0, 0, 1), (0, 0, 2), (1, 3, 4)]
    return result


def refusal(problem, result, verify=True):
    """Merge with a backend that returns ``result``, which must be refused; return the reason."""
    with pytest.raises(BackendError) as error:
        merge(problem, lambda _: result, verify=verify)
    assert "\n" not in str(error.value)
    return str(error.value).partition("cannot be a result: ")[2]


def with_row(history, row, values):
    history = history.copy()
    history[row] = values
    return history


def test_a_right_result_is_accepted(problem, result):
    assert merge(problem, lambda _: result, verify=True).backend.endswith("<lambda>")


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
@pytest.mark.parametrize(
    ("labels", "line"),
    [
        ([1, 1, 1, 2, 0], "vertex 4 has label 0; every vertex needs a segment, at least 1"),
        ([2, 2, 2, 1, 1], "vertex 0 has label 2; segments are numbered 1, 2, ..."),
        ([1, 1, 1, 3, 3], "vertex 3 has label 3; segments are numbered 1, 2, ..."),
        ([1, 1, 1, -2, 2], "vertex 3 has label -2; labels start at 0"),
        ([1, 1, 3, 2, 2], "vertex 2 has label 3; segments are numbered 1, 2, ..."),
    ],
)
def test_labels_are_always_checked(problem, labels, line, dtype):
    assert refusal(problem, np.array(labels, dtype), verify=False).startswith(line)


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
@pytest.mark.parametrize(
    ("mask", "labels", "line"),
    [
        ([True, False, True], [1, 1, 2], "vertex 1 has label 1; it lies outside the mask and must"),
        ([True, False, True], [1, -1, 2], "vertex 1 has label -1; labels start at 0"),
        ([True, False, True], [1, 1, 0], "vertex 1 has label 1; it lies outside the mask and must"),
        ([True, False, True], [1, 0, 0], "vertex 2 has label 0; every vertex needs a segment"),
        ([False] * 3, [0, 0, 1], "vertex 2 has label 1; it lies outside the mask and must be 0"),
    ],
)
def test_labels_are_checked_against_the_mask(mask, labels, line, dtype):
    grid = MergeProblem.from_grid(np.ones((1, 1, 3)), [(0, 1)], [0], [0.5], mask=np.array([mask]))
    assert refusal(grid, np.array([labels], dtype), verify=False).startswith(line)


@pytest.mark.parametrize("dtype", [np.int32, np.int64])
@pytest.mark.parametrize(
    ("mask", "labels", "sizes"),
    [
        ([True] * 4, [1, 2, 1, 3], [2, 1, 1]),
        ([False, True, True, True], [0, 1, 2, 1], [2, 1]),
        ([False] * 4, [0] * 4, []),
    ],
)
def test_sizes_are_computed_for_right_labels(mask, labels, sizes, dtype):
    grid = MergeProblem.from_grid(np.ones((1, 1, 4)), [(0, 1)], [0], [0.5], mask=np.array([mask]))
    complete = merge(grid, lambda _: np.array([labels], dtype))
    assert (complete.labels.tolist(), complete.sizes.tolist()) == ([labels], sizes)
    assert (complete.labels.dtype, complete.sizes.dtype) == (np.int32, np.int64)


@pytest.mark.parametrize(
    ("changes", "line"),
    [
        ({"sizes": np.array([3, 3])}, "sizes[1] is 3; 2 vertices have that label"),
        ({"sizes": np.array([3])}, "sizes has length 1; labels go up to 2"),
        ({"sizes": np.array([3.0, 2.0])}, "sizes has dtype float64"),
        ({"confidences": np.zeros(3)}, "confidences has length 3; labels go up to 2"),
        ({"history": np.zeros(2, HISTORY_DTYPE)}, "history has length 2; the labels took 3"),
        ({"history": np.zeros((3, 4))}, "history has dtype float64 and shape (3, 4); expected"),
    ],
)
def test_dtypes_and_lengths_of_all_arrays_are_always_checked(problem, result, changes, line):
    assert refusal(problem, replace(result, **changes), verify=False).startswith(line)


def test_a_wrong_confidence_is_refused_with_verify(problem, result):
    wrong = replace(result, confidences=result.confidences + [0, 1e-9])
    assert merge(problem, lambda _: wrong, verify=False).confidences is wrong.confidences
    assert refusal(problem, wrong).startswith("confidences[1] is 0.85")


@pytest.mark.parametrize(
    ("row", "merged", "line"),
    [
        (1, (0, 1, 2, 0.8), "history[1] is stage 0 (1, 2) at 0.8000"),
        (1, (0, 2, 0, 0.8), "history[1] is stage 0 (2, 0) at 0.8000"),
        (1, (0, 0, 2, 0.6), "history[1] is stage 0 (0, 2) at 0.6000"),
        (1, (0, 0, 2, 0.95), "history[1] is stage 0 (0, 2) at 0.9499"),
        (2, (1, 2, 4, 0.8), "history[2] is stage 1 (2, 4) at 0.8000"),
        (2, (2, 3, 4, 0.8), "history[2] is stage 2 (3, 4) at 0.8000"),
        (2, (1, 0, 4, 0.8), "history merges vertex 4 with 0, but their labels differ"),
    ],
)
def test_an_impossible_history_is_refused_with_verify(problem, result, row, merged, line):
    wrong = replace(result, history=with_row(result.history, row, merged))
    assert refusal(problem, wrong).startswith(line)


def test_the_error_names_the_rule_that_a_merge_breaks(problem, result):
    rules = {
        (0, 1, 2, 0.8): "a and b must be the smallest vertices of two super-vertices",
        (0, 2, 0, 0.8): "a and b must be vertices with a < b",
        (0, 0, 2, 0.6): "its weight must be at least the threshold of its stage, 0.69999",
        (
            0,
            0,
            2,
            0.95,
        ): (
            "rows must be in ascending order of stage, and within a stage in descending order of "
            "(weight, a, b)"
        ),
    }
    for merged, rule in rules.items():
        wrong = replace(result, history=with_row(result.history, 1, merged))
        assert f"; {rule}" in refusal(problem, wrong)


@pytest.mark.parametrize(
    ("weight", "rule"),
    [
        (7.0, "its weight must be at most 1"),
        (np.nan, "its weight must be at least the threshold of its stage"),
    ],
)
def test_an_impossible_weight_is_refused_with_verify(problem, result, weight, rule):
    wrong = replace(result, history=with_row(result.history, 0, (0, 0, 1, weight)))
    assert f"; {rule}" in refusal(problem, wrong)


@pytest.mark.parametrize("merged", [(0, 2, 3, 0.9), (0, 1, 2, 0.9)], ids=["both", "one"])
def test_a_merge_outside_the_mask_is_refused_with_verify(merged):
    mask = np.array([[True, True, False, False]])
    grid = MergeProblem.from_grid(np.ones((1, 1, 4)), [(0, 1)], [0], [0.5], mask=mask)
    right = merge(grid, "networkx")
    wrong = replace(right, history=with_row(right.history, 0, merged))
    assert refusal(grid, wrong).endswith("; only vertices inside the mask are merged")


def test_all_but_the_built_in_backends_are_verified_by_default(
    problem, result, plug_in, monkeypatch
):
    wrong = replace(result, confidences=result.confidences + 1)
    with pytest.raises(BackendError):
        merge(problem, lambda _: wrong)
    plug_in(
        odd="""
from dataclasses import replace
from merge_impls import merge as merge_with
def merge(problem):
    result = merge_with(problem, "networkx")
    return replace(result, confidences=result.confidences + 1)
"""
    )
    assert merge(problem, "odd", verify=False).confidences.tolist() == wrong.confidences.tolist()
    for name in ("odd", "odd_backend:merge"):
        with pytest.raises(BackendError):
            merge(problem, name)
    monkeypatch.setattr(networkx_merge, "merge", lambda _: wrong)
    assert merge(problem, "networkx").confidences.tolist() == wrong.confidences.tolist()
    with pytest.raises(BackendError):
        merge(problem, "networkx", verify=True)


@pytest.mark.parametrize(
    ("labels", "line"),
    [
        (None, "labels are None; `return` labels, one for each vertex"),
        (np.ones(4, np.int64), "labels have shape (4,); expected (5,), one label for each vertex"),
        (np.ones(5), "labels have dtype float64; expected integers, such as int32"),
    ],
)
def test_a_refusal_of_labels_names_what_is_wrong(problem, labels, line):
    assert refusal(problem, labels) == line
