"""Among random problems, hard ones are frequent, special cases occur, and hardly any two are equal."""

import numpy as np
import pytest
from hypothesis import HealthCheck, find, settings

from merge_impls import MergeProblem, merge
from merge_impls.argument_checks import LINKAGES
from merge_impls.conformance import strategies
from merge_impls.conformance.cases.worked_case import MEAN_LINKAGES
from merge_impls.conformance.generate.array_layouts import DTYPES, LAYOUTS, with_dtype_and_layout
from merge_impls.conformance.generate.examples import for_each_example
from merge_impls.conformance.generate.random_problems import problems
from merge_impls.conformance.literal_merge import Joined, decision_states


def draw_problems(count=300, **choices):
    found = []
    for_each_example(problems(**choices), found.append, count, seeded_by="strategies")
    return found


@pytest.fixture(scope="module")
def examples():
    return draw_problems()


@pytest.fixture(scope="module")
def merging_decisions(examples):
    """For each example, the decisions that merge two super-vertices."""
    return [[decision for decision in decision_states(p) if decision.next_merge] for p in examples]


def share(conditions):
    return np.mean(list(conditions))


def origins(steps):
    return [edge.origin for decision in steps for edge in decision.edges.values()]


def test_counts_are_drawn_only_for_edges_and_only_if_asked_for(examples):
    assert all(problem.counts is None for problem in examples)
    counted = draw_problems(100, forms=("edges",), counts=True)
    having = [p for p in counted if p.counts is not None]
    assert 0.5 < share(p.counts is not None for p in counted) < 0.9
    assert share(not np.array_equal(p.totals, p.counts * p.affinities) for p in having) > 0.4
    assert share(p.counts.max() > 1 << 23 for p in having) > 0.1
    assert share(len(merge(p).history) > 3 for p in having) > 0.4
    grids = draw_problems(20, forms=("2-D", "3-D"), counts=True)
    assert all(problem.counts is None for problem in grids)


def test_most_problems_have_several_merges(merging_decisions):
    assert share(len(steps) > 3 for steps in merging_decisions) > 0.5


def test_many_problems_have_a_tie_for_the_heaviest_edge(merging_decisions):
    def tied(decision):
        weights = [edge.weight for edge in decision.edges.values()]
        return weights.count(decision.edges[decision.heaviest].weight) > 1

    assert share(any(map(tied, steps)) for steps in merging_decisions) > 0.4


def test_in_many_problems_two_edges_are_joined(merging_decisions):
    joined = [[o for o in origins(steps) if isinstance(o, Joined)] for steps in merging_decisions]
    assert share(any(o.merge is not None for o in steps) for steps in joined) > 0.4
    assert share(any(o.merge is None for o in steps) for steps in joined) > 0.1


def test_many_problems_merge_in_several_stages(merging_decisions):
    assert (
        share(len({decision.stage for decision in steps}) > 1 for steps in merging_decisions) > 0.3
    )


def test_many_merges_meet_their_threshold_exactly(merging_decisions):
    def meets(decision):
        return decision.edges[decision.heaviest].weight == decision.threshold

    assert share(any(map(meets, steps)) for steps in merging_decisions) > 0.25


def test_many_problems_end_with_several_segments_of_several_vertices(examples):
    sizes = [merge(problem, "networkx").sizes for problem in examples]
    assert share(len(s) > 1 and (s > 1).any() for s in sizes) > 0.3


def test_weights_that_differ_only_by_rounding_occur(examples, merging_decisions):
    """Only linkages with means are tested: the weights of the others are affinities, without rounding."""
    pairs = zip(examples, merging_decisions, strict=True)
    of_means = [steps for problem, steps in pairs if problem.linkage in MEAN_LINKAGES]

    def close(steps):
        weights = np.unique([decision.edges[decision.heaviest].weight for decision in steps])
        return (np.diff(weights) < 1e-5).any()

    assert share(map(close, of_means)) > 0.05


def test_hardly_any_problem_occurs_twice(examples):
    arrays = ("thresholds", "stages", "affinities", "offsets", "mask", "edges")
    known = {
        (p.shape, p.linkage, *(repr(getattr(p, name)) for name in arrays), p.affinities.tobytes())
        for p in examples
    }
    assert len(known) > 0.9 * len(examples)


def in_both_directions(problem):
    ends = set(map(tuple, problem.edges.tolist()))
    return any((v, u) in ends for u, v in ends)


ODD = {
    "one pixel": lambda p: p.is_grid and p.num_vertices == 1,
    "one row": lambda p: p.is_grid and p.num_vertices > 1 and max(p.shape) == p.num_vertices,
    "nothing in the mask": lambda p: p.is_grid and not p.mask.any(),
    "one pixel in the mask": lambda p: p.is_grid and p.num_vertices > 1 and p.mask.sum() == 1,
    "an offset longer than the grid": lambda p: p.is_grid and (p.offsets >= p.shape).any(),
    "a negative component": lambda p: p.is_grid and (p.offsets < 0).any(),
    "no edges": lambda p: not p.is_grid and len(p.edges) == 0,
    "edges in both directions": lambda p: not p.is_grid and in_both_directions(p),
    "a stage without edges": lambda p: len(np.unique(p.stages)) < len(p.thresholds),
    "equal thresholds": lambda p: len(np.unique(p.thresholds)) < len(p.thresholds),
    "rising thresholds": lambda p: (np.diff(p.thresholds) > 0).any(),
    "threshold 0": lambda p: (p.thresholds == 0).any(),
    "threshold 1": lambda p: (p.thresholds == 1).any(),
    "an array that is not contiguous": lambda p: not p.affinities.flags.c_contiguous,
    "mostly zeros": lambda p: p.affinities.size > 10 and (p.affinities == 0).mean() > 0.7,
}


@pytest.mark.parametrize("oddity", ODD)
def test_special_cases_occur_but_are_a_minority(examples, oddity):
    assert 0.004 < share(map(ODD[oddity], examples)) < 0.5


@pytest.mark.parametrize("form", ["2-D", "3-D", "edges"])
@pytest.mark.parametrize("linkage", LINKAGES)
def test_only_the_requested_forms_and_linkages_are_drawn(form, linkage):
    for problem in draw_problems(20, forms=(form,), linkages=(linkage,)):
        assert problem.linkage == linkage
        assert len(problem.shape) == {"2-D": 2, "3-D": 3, "edges": 1}[form]


@pytest.mark.parametrize("forms", [(), ("4-D",), ("2-D", "edge")], ids=str)
def test_unknown_form_is_refused(forms):
    with pytest.raises(ValueError, match="choose from 2-D, 3-D, edges"):
        problems(forms=forms)


def test_thorough_problems_are_larger():
    sizes = [problem.num_vertices for problem in draw_problems(60, thorough=True)]
    assert max(sizes) > 150
    assert max(problem.num_vertices for problem in draw_problems(60)) <= 81


def test_hypothesis_makes_a_failing_problem_smaller():
    small = find(
        problems(),
        lambda problem: len(merge(problem, "networkx").history) >= 2,
        settings=settings(
            max_examples=2000, database=None, suppress_health_check=list(HealthCheck)
        ),
    )
    assert small.num_vertices <= 4


@pytest.mark.parametrize("dtype", sorted(set(DTYPES)))
@pytest.mark.parametrize("layout", sorted(set(LAYOUTS)))
def test_affinities_are_the_same_in_any_form_and_layout(dtype, layout):
    fixed = np.random.default_rng(0).integers(0, 65536, (2, 4, 5), np.uint16)
    given = with_dtype_and_layout(fixed, dtype, layout)
    problem = MergeProblem.from_grid(given, [(0, 1), (1, 0)], [0, 0], [0.5])
    assert given.dtype == dtype
    assert given.flags.c_contiguous == (layout == "C")
    coarse = 20 if dtype == "float16" else 0
    assert np.abs(problem.affinities.astype(int) - fixed).max() <= coarse


def test_public_import_path_gives_the_same_strategies():
    assert strategies.problems is problems
