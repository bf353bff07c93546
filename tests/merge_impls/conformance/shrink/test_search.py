"""``shrink`` finds a small problem that still fails, whatever the failure depends on."""

import hashlib
import time

import numpy as np
import pytest

from merge_impls import MergeProblem, merge
from merge_impls.builtin import C
from merge_impls.conformance.generate.examples import for_each_example
from merge_impls.conformance.generate.random_problems import problems
from merge_impls.conformance.shrink.search import shrink


@pytest.fixture(scope="module")
def examples():
    found = []
    for_each_example(problems(linkages=C.linkages), found.append, 150, seeded_by="shrink")
    return found


def first_example_with(examples, condition):
    return next(problem for problem in examples if condition(problem))


def count_merges(problem):
    return len(merge(problem).history)


def has_no_edges(problem):
    return len(problem.edge_arrays()[0]) == 0


CONDITIONS = {
    "always": (lambda p: True, 1),
    "five vertices": (lambda p: p.num_vertices >= 5, 5),
    "an edge": (lambda p: len(p.edge_arrays()[0]) > 0, 2),
    "two merges": (lambda p: count_merges(p) >= 2, 3),
    "four merges": (lambda p: count_merges(p) >= 4, 5),
    "merges in two stages": (lambda p: len(set(merge(p).history["stage"].tolist())) > 1, 3),
    "two segments of two": (lambda p: (merge(p).sizes > 1).sum() > 1, 4),
    "an edge no merge runs along": (lambda p: len(p.edge_arrays()[0]) > count_merges(p) > 2, 4),
    "a grid": (lambda p: p.is_grid, 1),
    "a grid of three axes": (lambda p: len(p.shape) == 3, 1),
    "a grid with merges": (lambda p: p.is_grid and count_merges(p) > 1, 4),
    "three axes with merges along each": (
        lambda p: len(p.shape) == 3 and min(p.shape) > 1 and count_merges(p) > 2,
        8,
    ),
    "a masked pixel": (lambda p: p.is_grid and not p.mask.all() and count_merges(p) > 0, 4),
    "a negative component": (
        lambda p: (
            p.is_grid and any(len(u) for u, _, _ in p.edge_blocks()) and (p.offsets < 0).any()
        ),
        2,
    ),
    "an array that is not contiguous": (
        lambda p: not p.affinities.flags.c_contiguous and count_merges(p) > 1,
        4,
    ),
    "an empty stage": (
        lambda p: len(np.unique(p.stages)) < len(p.thresholds) and count_merges(p) > 0,
        2,
    ),
}


@pytest.mark.parametrize("name", CONDITIONS)
def test_only_what_the_failure_depends_on_is_left(examples, name):
    condition, vertices = CONDITIONS[name]
    large = first_example_with(examples, lambda p: p.num_vertices > 20 and condition(p))
    small = shrink(large, condition)
    assert condition(small)
    assert small.num_vertices <= vertices
    assert small.linkage == large.linkage


def test_result_is_the_problem_or_a_candidate_that_failed(examples):
    def fails(problem):
        digest = hashlib.sha256(problem.affinities.tobytes() + problem.thresholds.tobytes())
        failed = digest.digest()[0] % 3 == 0
        tried.append((problem, failed))
        return failed

    for problem in examples[:12]:
        tried = []
        small = shrink(problem, fails)
        assert small is problem or any(small is each for each, failed in tried if failed)


def test_problem_for_which_nothing_smaller_fails_is_returned_itself(examples):
    for problem in examples[:6]:
        assert shrink(problem, lambda p: False) is problem


def test_same_candidates_are_tried_in_the_same_order_every_time(examples):
    large = first_example_with(examples, lambda p: count_merges(p) > 5)

    def tried_affinities():
        tried = []
        shrink(large, lambda p: tried.append(p.affinities.tobytes()) or count_merges(p) > 2)
        return tried

    assert tried_affinities() == tried_affinities()


def test_a_failure_on_every_problem_needs_one_try(examples):
    tried = []
    small = shrink(
        first_example_with(examples, lambda p: p.is_grid), lambda p: tried.append(p) or True
    )
    assert tried == [small]
    assert small.num_vertices == 1 and has_no_edges(small)


def test_no_candidate_is_tried_twice(examples):
    large = first_example_with(examples, lambda p: p.is_grid and count_merges(p) > 5)
    tried = []

    def fails(problem):
        ends = problem.offsets if problem.is_grid else problem.edges
        mask = problem.mask.tobytes() if problem.is_grid else b""
        arrays = (problem.affinities, problem.stages, problem.thresholds, ends)
        tried.append((problem.shape, mask, *(array.tobytes() for array in arrays)))
        return count_merges(problem) > 3

    shrink(large, fails)
    assert len(set(tried)) == len(tried) > 20


def test_the_search_ends_after_the_call_in_progress(examples):
    large = first_example_with(examples, lambda p: count_merges(p) > 5)
    start = time.monotonic()
    shrink(large, lambda p: time.sleep(0.1) or count_merges(p) > 2, seconds=0.35)
    assert time.monotonic() - start < 0.8


def test_without_time_no_candidate_is_tried(examples):
    tried = []
    assert shrink(examples[0], tried.append, seconds=0) is examples[0]
    assert tried == []


def test_candidates_cannot_be_changed(examples):
    def fails(problem):
        names = ("affinities", "stages", "thresholds", "offsets", "mask", "edges")
        arrays = [getattr(problem, name) for name in names]
        assert not any(array.flags.writeable for array in arrays if array is not None)
        return count_merges(problem) > 1

    for problem in [
        first_example_with(examples, lambda p: p.is_grid and count_merges(p) > 3),
        *examples[:4],
    ]:
        shrink(problem, fails)


def test_numbers_are_round_and_differ_unless_the_failure_needs_them_equal(examples):
    large = first_example_with(examples, lambda p: count_merges(p) > 5)
    small = shrink(large, lambda p: count_merges(p) >= 2)
    q = small.affinities.tolist()
    assert len(set(q)) == len(q) == 2
    assert all(each % 13107 == 0 and each > 0 for each in q)
    assert (small.thresholds < min(q) / 65535).all()


def test_a_weight_stays_at_the_threshold_if_the_failure_needs_it(examples):
    def meets(problem):
        history = merge(problem).history
        return bool((problem.thresholds[history["stage"]] == history["weight"]).any())

    small = shrink(first_example_with(examples, lambda p: meets(p) and count_merges(p) > 3), meets)
    assert small.num_vertices == 2
    assert np.float32(small.affinities[0] / 65535) == small.thresholds[0]


def test_offsets_longer_than_the_grid_become_short():
    far = MergeProblem.from_grid(
        np.full((2, 5, 9), 0.8), [(0, 7), (2, -3)], [0, 1], [0.5, 0.6], linkage="weighted"
    )
    small = shrink(far, lambda p: p.is_grid and count_merges(p) > 0)
    assert small.shape == (1, 2)
    assert small.offsets.tolist() == [[0, 1]]
