"""An explanation begins with the first array that differs, and has few lines for any wrong result."""

from dataclasses import replace

import numpy as np
import pytest

from merge_impls import HISTORY_DTYPE, merge
from merge_impls.conformance.explain import explanation
from merge_impls.conformance.explain.explanation import explain_wrong_result
from merge_impls.conformance.generate.examples import for_each_example
from merge_impls.conformance.generate.random_problems import problems

from .explain_wrong_results import (
    CHAIN,
    TRIANGLE,
    explain_array,
    explain_labels,
    explain_merges,
    graph,
)


def test_equal_results_are_called_equal():
    problem = graph([(0, 1, 0.8)])
    assert explain_wrong_result(problem, merge(problem, "networkx"), merge(problem, "heap")) == (
        "The two results are the same, to the bit."
    )


@pytest.mark.parametrize(
    ("name", "values", "dtype", "rule"),
    [
        ("labels", [1, 1, 1], np.int64, "labels are int32"),
        ("labels", [[1, 1, 1]], np.int32, "of the shape of the grid, or (n,)"),
        ("sizes", [3], np.int32, "sizes are int64"),
        ("sizes", [[3]], np.int64, "one for each segment"),
        ("confidences", [0.7], np.float32, "confidences are float64"),
        (
            "history",
            [(0, 0, 1, 0.8)],
            [(n, "i8") for n in HISTORY_DTYPE.names],
            "weight is float32",
        ),
    ],
)
def test_wrong_dtype_or_shape_is_explained_by_the_contract(name, values, dtype, rule):
    text = explain_array(CHAIN, name, values, dtype)
    assert f"{name} differs in" in text
    assert rule in text


def test_wrong_result_of_the_reference_is_recognised():
    expected = merge(CHAIN, "networkx")
    wrong = replace(expected, history=expected.history[:1])
    other = expected.history.copy()
    other["weight"][1] = 0.5
    assert "the reference is wrong as well" in explain_wrong_result(
        CHAIN, wrong, replace(expected, history=other)
    )


def test_a_large_problem_is_explained_by_the_two_merges_only(monkeypatch):
    monkeypatch.setattr(explanation, "MAX_WORK", 0)
    text = explain_merges(TRIANGLE, [(0, 0, 1, 0.8)])
    assert "the reference merges (1, 2)" in text
    assert "too large to merge again step by step" in text
    assert "too large" in explain_labels(TRIANGLE, [1, 2, 3])


def corrupted(result, rng):
    """The result with one wrong value."""
    arrays = {
        name: getattr(result, name).copy()
        for name in ("history", "labels", "sizes", "confidences")
        if len(getattr(result, name))
    }
    name = rng.choice(list(arrays))
    array = arrays[name]
    if name == "history":
        field = rng.choice(HISTORY_DTYPE.names)
        array[field][rng.integers(len(array))] = rng.integers(-1, 9)
    else:
        array.flat[rng.integers(array.size)] = rng.integers(-1, 9)
    if name == "labels" and rng.random() < 0.5:
        return replace(result, labels=array, history=None)
    return replace(result, **{name: array})


def test_any_wrong_result_is_explained_in_a_few_lines():
    def check(problem):
        rng = np.random.default_rng(problem.num_vertices)
        expected = merge(problem, "networkx")
        for _ in range(3):
            text = explain_wrong_result(problem, expected, corrupted(expected, rng))
            assert 1 <= len(text.splitlines()) <= 16

    for_each_example(problems(), check, 60, seeded_by="corrupted")
