"""Explicit edges with counts: what they stand for, who merges them, and which are refused."""

import copy
import pickle
import re

import numpy as np
import pytest

from merge_impls import Backend, BackendUnsupported, MergeProblem, backends, first_difference, merge
from merge_impls.builtin import BUILT_IN
from merge_impls.edge_counts import MAX_COUNT_SUM
from merge_impls.result import segment_confidences
from tests.merge_impls.example_arguments import EDGES, GRID

COUNTED = EDGES | {"counts": [2, 3]}
NAMES = [backend.name for backend in BUILT_IN]
OTHERS = [name for name in NAMES if name != "networkx"]


def pixel_edges(seed, num_vertices=20, groups=50):
    """Random groups of pixel edges: vertices (groups, 2), stages (groups,), and the group and q of each."""
    rng = np.random.default_rng(seed)
    ends = np.array([rng.choice(num_vertices, 2, replace=False) for _ in range(groups)])
    of_group = np.repeat(np.arange(groups), rng.integers(1, 6, groups))
    q = (rng.integers(0, 6, len(of_group)) * 13107).astype(np.uint16)
    return ends, rng.integers(0, 3, groups), of_group, q


def counted_and_single(seed, linkage):
    """A problem whose edges have counts, and the problem of the pixel edges that they stand for."""
    ends, stages, of_group, q = pixel_edges(seed)
    starts = np.flatnonzero(np.diff(of_group, prepend=-1))
    totals = np.add.reduceat(q.astype(np.int64), starts)
    counts = np.bincount(of_group)
    affinities = {
        "single": np.maximum.reduceat(q, starts),
        "complete": np.minimum.reduceat(q, starts),
    }.get(linkage)
    rest = {"thresholds": [0.7, 0.5, 0.4], "linkage": linkage}
    counted = MergeProblem.from_edges(
        20, ends, affinities, stages, counts=counts, totals=totals, **rest
    )
    single = MergeProblem.from_edges(20, ends[of_group], q, stages[of_group], **rest)
    return counted, single


@pytest.mark.parametrize("backend", NAMES)
@pytest.mark.parametrize("linkage", ["average", "weighted", "single", "complete"])
def test_an_edge_with_a_count_equals_its_pixel_edges(backend, linkage):
    stages = set()
    for seed in range(8):
        counted, single = counted_and_single(seed, linkage)
        expected = merge(single, "networkx")
        stages |= {*expected.history["stage"].tolist()}
        assert first_difference(expected, merge(counted, backend, verify=True)) is None
        labels = expected.labels
        assert np.array_equal(segment_confidences(counted, labels), expected.confidences)
    assert stages == {0, 1, 2}


@pytest.mark.parametrize("backend", NAMES)
@pytest.mark.parametrize("linkage", ["average", "weighted", "single", "complete"])
def test_a_count_of_one_changes_nothing(backend, linkage):
    _, single = counted_and_single(0, linkage)
    ones = single.replace(counts=np.ones(len(single.stages), int))
    assert np.array_equal(ones.totals, single.affinities)
    assert first_difference(merge(single, "networkx"), merge(ones, backend)) is None


@pytest.mark.parametrize("backend", OTHERS)
def test_counts_and_joined_counts_may_need_more_than_23_bits(backend):
    counts = np.array([1 << 22, 1 << 23, (1 << 24) + 1, 5, 1 << 30, 7])
    edges = [(0, 1), (0, 2), (1, 2), (2, 3), (0, 3), (3, 4)]
    problem = MergeProblem.from_edges(
        5,
        edges,
        [0.9, 0.7, 0.6, 0.5, 0.4, 0.2],
        [0, 0, 0, 0, 1, 1],
        [0.3, 0.1],
        counts=counts,
        totals=None,
    )
    expected = merge(problem, "networkx")
    assert len(expected.history) == 4
    assert first_difference(expected, merge(problem, backend, threads=2)) is None


def test_totals_are_affinity_times_count_unless_they_are_given():
    problem = MergeProblem.from_edges(**COUNTED)
    assert problem.counts.tolist() == [2, 3]
    assert problem.totals.tolist() == [2 * 32768, 3 * 65535]
    assert MergeProblem.from_edges(**COUNTED, totals=[7, 8]).totals.tolist() == [7, 8]
    assert (
        MergeProblem.from_edges(**EDGES).counts is MergeProblem.from_edges(**EDGES).totals is None
    )


def test_affinities_of_none_are_the_means_of_the_totals():
    problem = MergeProblem.from_edges(
        **(COUNTED | {"affinities": None, "totals": [5, 3 * 65535]}), linkage="weighted"
    )
    assert problem.affinities.tolist() == [2, 65535] and problem.affinities.dtype == np.uint16


MISTAKES = {
    "totals alone": ({"counts": None, "totals": [1, 1]}, ValueError, "totals without counts"),
    "no affinities": (
        {"affinities": None},
        ValueError,
        "affinities is None; this needs both counts and totals",
    ),
    "no extreme": (
        {"affinities": None, "totals": [1, 1], "linkage": "single"},
        ValueError,
        "affinities is None; linkage 'single' needs the largest of each edge",
    ),
    "too few counts": ({"counts": [1]}, ValueError, r"counts must have shape \(2,\)"),
    "a count of 0": ({"counts": [1, 0]}, ValueError, r"counts\[1\] is 0; counts are 1\.\."),
    "a float": ({"counts": [1.0, 2.0]}, TypeError, "counts must be integers"),
    "a total below 0": ({"totals": [0, -1]}, ValueError, r"totals\[1\] is -1"),
    "a total above": ({"totals": [131071, 0]}, ValueError, r"totals\[0\] is 131071"),
    "too few totals": ({"totals": [0]}, ValueError, r"totals must have shape \(2,\)"),
    "a large count": (
        {"counts": [MAX_COUNT_SUM + 1, 1]},
        ValueError,
        rf"counts\[0\] is {MAX_COUNT_SUM + 1}; counts are 1..{MAX_COUNT_SUM}",
    ),
    "a large sum": (
        {"counts": [MAX_COUNT_SUM, 1]},
        ValueError,
        rf"counts add up to {MAX_COUNT_SUM + 1}; at most {MAX_COUNT_SUM}",
    ),
}


@pytest.mark.parametrize("name", MISTAKES)
def test_impossible_counts_and_totals_are_refused_in_one_line(name):
    changes, error, words = MISTAKES[name]
    with pytest.raises(error, match=f"^{words}[^\\n]*$"):
        MergeProblem.from_edges(**(COUNTED | changes))


def test_the_largest_sum_of_counts_keeps_every_product_exact():
    assert MAX_COUNT_SUM * 65535 <= 2**53 < (MAX_COUNT_SUM + 1) * 65535
    assert MergeProblem.from_edges(**(COUNTED | {"counts": [MAX_COUNT_SUM - 1, 1]})).totals.sum()


def test_a_sum_of_counts_beyond_64_bits_is_refused_too():
    count = 2**64 // MAX_COUNT_SUM + 1
    given = np.broadcast_to(np.int64(MAX_COUNT_SUM), count)
    with pytest.raises(ValueError, match=f"^counts add up to {count * MAX_COUNT_SUM}"):
        MergeProblem.from_edges(2, np.empty((0, 2)), None, [], [0], counts=given, totals=given)


def test_methods_that_would_leave_out_counts_refuse():
    problem = MergeProblem.from_edges(**COUNTED)
    for method in (problem.edge_blocks, problem.edge_arrays):
        with pytest.raises(ValueError, match=f"^{method.__name__} leaves out counts"):
            method()


def test_counted_edge_blocks_have_the_edges_of_edge_blocks():
    graph = MergeProblem.from_edges(**(EDGES | {"stages": [1, 0], "thresholds": [0.5, 0.5]}))
    for problem in (MergeProblem.from_grid(**GRID), graph):
        for stage in (None, 0, 1):
            blocks = list(problem.edge_blocks(stage))
            counted = list(problem.counted_edge_blocks(stage))
            for (u, v, q), (*edges, totals, counts) in zip(blocks, counted, strict=True):
                assert all(
                    map(np.array_equal, (u, v, q, q, np.ones(len(q))), (*edges, totals, counts))
                )


def test_counted_edge_blocks_of_a_stage_have_its_totals_and_counts():
    problem = MergeProblem.from_edges(
        **(COUNTED | {"stages": [1, 0], "thresholds": [0.5, 0.5], "totals": [7, 8]})
    )
    (block,) = problem.counted_edge_blocks(0)
    assert [array.tolist() for array in block] == [[2], [1], [65535], [8], [3]]


def test_a_backend_that_does_not_declare_counts_is_never_given_them():
    def never(problem):
        raise AssertionError("called")

    for backend in (never, Backend("mine", "", "1", "mine:merge", threads=1)):
        problem = MergeProblem.from_edges(**COUNTED)
        if isinstance(backend, Backend):
            assert "counts=False" in backend.unsupported_problem(problem)
            assert not backend.unsupported_problem(problem.replace(counts=None, totals=None))
            continue
        with pytest.raises(
            BackendUnsupported, match="^[^\n]*does not support edges with counts[^\n]*$"
        ):
            merge(problem, backend)


def test_every_built_in_backend_declares_counts_and_the_list_says_so():
    assert all(backend.counts and backends()[backend.name].counts for backend in BUILT_IN)


def test_a_declaration_of_counts_must_be_a_bool():
    with pytest.raises(
        ValueError, match="^counts of backend 'mine' is 1; it must be True or False$"
    ):
        Backend("mine", "", "1", "mine:merge", counts=1)


def test_totals_are_replaced_with_the_affinities_or_counts_they_belong_to():
    problem = MergeProblem.from_edges(**COUNTED, totals=[7, 8])
    for changes in ({"affinities": [0.5, 0.5]}, {"counts": [4, 4]}):
        with pytest.raises(TypeError, match=re.escape("replace totals too")):
            problem.replace(**changes)
        assert problem.replace(**changes, totals=[1, 2]).totals.tolist() == [1, 2]
    assert problem.replace(linkage="weighted").totals.tolist() == [7, 8]
    assert problem.replace(counts=None, totals=None).counts is None


def test_counts_and_totals_stay_read_only_in_a_copy():
    problem = MergeProblem.from_edges(**COUNTED)
    for each in (problem, copy.deepcopy(problem), pickle.loads(pickle.dumps(problem))):
        for array in (each.counts, each.totals):
            with pytest.raises(ValueError, match="read-only"):
                array[0] = 9
