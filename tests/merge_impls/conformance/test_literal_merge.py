"""``literal_merge`` gives the results of the worked cases, and the origins of its edges are right."""

import numpy as np
import pytest

from merge_impls import MergeProblem, first_difference
from merge_impls.conformance.cases import worked_cases
from merge_impls.conformance.generate.examples import for_each_example
from merge_impls.conformance.generate.random_problems import problems
from merge_impls.conformance.literal_merge import (
    OUTSIDE,
    Added,
    Inherited,
    Joined,
    decision_states,
    every_pixel_edge,
    literal_merge,
)

CASES = worked_cases()
SLOW = [f"sum beyond 32 bits, {linkage}" for linkage in ("weighted", "single", "complete")]


@pytest.fixture(scope="module")
def examples():
    found = []
    for_each_example(problems(), found.append, 120, seeded_by="literal")
    return found


def parameter_of_case(case):
    marks = [pytest.mark.exhaustive] * (case.name in SLOW)
    return pytest.param(case, id=case.name, marks=marks)


@pytest.mark.parametrize("case", map(parameter_of_case, CASES))
def test_literal_merge_gives_the_result_worked_out_by_hand(case):
    assert first_difference(case.result, literal_merge(case.problem)) is None, case.why


def test_average_weight_is_the_mean_of_all_pixel_edges_of_an_edge(examples):
    for problem in (p for p in examples if p.linkage == "average"):
        pixel_edges = list(every_pixel_edge(problem))
        for decision in decision_states(problem):
            between = {}
            for edge in pixel_edges:
                ends = decision.names[edge.u], decision.names[edge.v]
                if ends[0] != ends[1] and edge.stage <= decision.stage:
                    between.setdefault((min(ends), max(ends)), []).append(edge.q)
            assert between.keys() == decision.edges.keys()
            for pair, qs in between.items():
                assert decision.edges[pair].weight == np.float32(sum(qs) / (65535 * len(qs)))


def weight_from_origin(edge, linkage):
    """Compute the weight of an edge again, from its pixel edges, along its origins."""
    if linkage in ("single", "complete"):
        extreme = {"single": max, "complete": min}[linkage]
        return np.float32(extreme(e.q for e in pixel_edges_of(edge)) / 65535)
    match edge.origin:
        case Added(_, pool):
            return np.float32(sum(e.q for e in pool) / (65535 * len(pool)))
        case Inherited(_, _, old):
            return weight_from_origin(old, linkage)
        case Joined(_, _, _, (x, y)) if linkage == "weighted":
            halves = [weight_from_origin(each, linkage) for each in (x, y)]
            return (halves[0] + halves[1]) * np.float32(0.5)
        case Joined():
            pool = pixel_edges_of(edge)
            return np.float32(sum(e.q for e in pool) / (65535 * len(pool)))


def pixel_edges_of(edge):
    match edge.origin:
        case Added(_, pool):
            return list(pool)
        case Inherited(_, _, old):
            return pixel_edges_of(old)
        case Joined(_, _, _, (x, y)):
            return pixel_edges_of(x) + pixel_edges_of(y)


def test_weight_and_pixel_edges_of_an_edge_follow_from_its_origin(examples):
    for problem in examples[:60]:
        for decision in decision_states(problem):
            for (a, b), edge in decision.edges.items():
                pool = pixel_edges_of(edge)
                assert edge.weight == weight_from_origin(edge, problem.linkage)
                assert (edge.total, edge.count) == (sum(e.q for e in pool), len(pool))
                for e in pool:
                    assert {decision.names[e.u], decision.names[e.v]} == {a, b}


def test_every_pixel_edge_has_the_index_of_its_affinity(examples):
    for problem in examples:
        u, v, q, stages = problem.edge_arrays()
        found = list(every_pixel_edge(problem))
        rows = zip(u.tolist(), v.tolist(), q.tolist(), stages.tolist(), strict=True)
        assert [(e.u, e.v, e.q, e.stage) for e in found] == list(rows)
        assert all(problem.affinities[e.index] == e.q for e in found)


def test_each_stage_ends_with_one_decision_that_merges_nothing(examples):
    for problem in examples:
        steps = list(decision_states(problem))
        ends = [decision.stage for decision in steps if not decision.next_merge]
        assert ends == list(range(len(problem.thresholds)))
        assert not steps[-1].next_merge


def test_super_vertices_have_the_name_of_their_smallest_vertex(examples):
    for problem in examples:
        inside = problem.mask.ravel() if problem.is_grid else np.ones(problem.num_vertices, bool)
        for decision in decision_states(problem):
            names = np.array(decision.names)
            assert ((names == OUTSIDE) == ~inside).all()
            for name in np.unique(names[inside]):
                assert np.flatnonzero(names == name)[0] == name


def test_literal_merge_does_not_change_its_problem():
    affinities = np.random.default_rng(0).integers(0, 65536, (2, 3, 3), np.uint16)
    before = affinities.copy()
    literal_merge(MergeProblem.from_grid(affinities, [(0, 1), (1, 0)], [0, 0], [0.4]))
    np.testing.assert_array_equal(affinities, before)
