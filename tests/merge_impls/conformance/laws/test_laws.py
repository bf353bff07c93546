"""The laws hold for ``literal_merge``, the transformations are right, and a broken law is explained."""

import numpy as np
import pytest
from hypothesis import strategies as st

from merge_impls import MergeProblem, first_difference, merge
from merge_impls.argument_checks import LINKAGES
from merge_impls.builtin import HEAP
from merge_impls.conformance import validate
from merge_impls.conformance.generate.examples import for_each_example
from merge_impls.conformance.generate.random_problems import problems
from merge_impls.conformance.laws import transformations
from merge_impls.conformance.laws.metamorphic import LAWS, map_result_back
from merge_impls.conformance.literal_merge import literal_merge

BY_NAME = {law.name: law for law in LAWS}


def for_each_problem(law, count, body, linkages=LINKAGES):
    """Call ``body`` with ``count`` random problems of the law's forms, each with a random generator."""
    cases = st.tuples(problems(law.forms, linkages), st.integers(0, 2**32 - 1))
    for_each_example(
        cases, lambda case: body(case[0], np.random.default_rng(case[1])), count, law.name
    )


@pytest.mark.parametrize("law", LAWS, ids=list(BY_NAME))
def test_a_law_holds_for_algorithm_1_as_it_is_printed(law):
    def holds(problem, rng):
        transformed = law.transform(problem, rng)
        result = map_result_back(literal_merge(transformed.problem), transformed, problem.shape)
        assert first_difference(literal_merge(problem), result) is None

    for_each_problem(law, 60, holds)


@pytest.mark.parametrize("law", LAWS, ids=list(BY_NAME))
def test_most_transformed_problems_differ_and_have_merges(law):
    changed, merged = [], []

    def record(problem, rng):
        transformed = law.transform(problem, rng)
        expected, got = merge(problem, "heap"), merge(transformed.problem, "heap")
        same_arrays = np.array_equal(problem.affinities, transformed.problem.affinities)
        changed.append(not same_arrays)
        merged.append(len(expected.history) > 0 and len(got.history) > 0)

    for_each_problem(law, 60, record, HEAP.linkages)
    assert np.mean(changed) > 0.5
    assert np.mean(merged) > 0.5


@pytest.fixture
def row():
    """A grid of one row of three pixels; the middle one is outside the mask."""
    return MergeProblem.from_grid(
        [[[0.9, 0.1, 0.8]], [[0.7, 0.2, 0.3]]],
        [(0, 1), (0, 2)],
        [0, 0],
        [0.5],
        mask=[[True, False, True]],
    )


def test_grid_as_edge_list_has_only_the_vertices_of_the_mask(row):
    transformed = transformations.as_explicit_graph(row, np.random.default_rng(0))
    assert transformed.problem.num_vertices == 2
    assert transformed.vertices.tolist() == [0, -1, 1]
    assert transformed.problem.edges.tolist() == [[0, 1]]
    assert transformed.problem.affinities.tolist() == [round(0.7 * 65535)]


def test_added_margins_are_outside_the_mask(row):
    for number in range(20):
        transformed = transformations.with_margins(row, np.random.default_rng(number))
        assert transformed.problem.mask.sum() == row.mask.sum()
        inside = transformed.problem.mask.ravel()[transformed.vertices]
        np.testing.assert_array_equal(inside, row.mask.ravel())


def test_no_offset_joins_the_two_grids_of_an_isolated_component():
    def check(problem, rng):
        transformed = transformations.grid_beside_inverted_copy(problem, rng)
        here = np.zeros(transformed.problem.num_vertices, bool)
        here[transformed.vertices] = True
        u, v, _, _ = transformed.problem.edge_arrays()
        assert (here[u] == here[v]).all()
        assert here[u].sum() * 2 == len(u)

    for_each_problem(BY_NAME["isolated component in a grid"], 100, check)


def test_a_broken_law_is_explained_by_a_mismatch_with_the_reference(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    def later_edges_are_stronger(problem):
        if problem.is_grid:
            return merge(problem, "heap")
        weaker = np.sort(problem.affinities)
        edges, stages = problem.edges, problem.stages
        linkage, thresholds = problem.linkage, problem.thresholds
        return merge(
            MergeProblem.from_edges(
                problem.num_vertices, edges, weaker, stages, thresholds, linkage=linkage
            ),
            "heap",
        )

    (outcome,) = validate(later_edges_are_stronger, only="laws/order of edges").outcomes
    assert "the reference merges" in outcome.message
    assert outcome.file.exists()


def test_a_law_that_is_broken_only_once_is_reported_as_not_deterministic(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    count = 0

    def once_wrong(problem):
        nonlocal count
        count += 1
        result = merge(problem, "heap")
        return result if count != 40 else np.zeros_like(result.labels) + problem.num_vertices

    (outcome,) = validate(once_wrong, only="laws/order of edges").outcomes
    assert "not deterministic" in outcome.message
