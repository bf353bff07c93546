"""The kit finds, explains and replays mistakes with counts of a backend that declares them."""

import numpy as np
import pytest

from merge_impls import Backend, MergeProblem, first_difference, merge
from merge_impls.conformance import validate
from merge_impls.conformance.generate.examples import for_each_example
from merge_impls.conformance.generate.random_problems import problems
from merge_impls.conformance.laws.metamorphic import LAWS, map_result_back
from merge_impls.conformance.literal_merge import literal_merge
from merge_impls.conformance.outcomes import CheckState
from merge_impls.conformance.shrink.search import shrink
from merge_impls.problem_files import load_problem_and_notes


def ignores_counts(problem):
    if problem.counts is None:
        return merge(problem, "heap")
    return merge(problem.replace(counts=None, totals=None), "heap")


def ignores_totals(problem):
    return merge(problem if problem.counts is None else problem.replace(totals=None), "heap")


def declared(function, counts=True):
    path = f"{__name__}:{function.__name__}"
    linkages = ("average", "weighted", "single", "complete")
    return Backend("mine", "", "1", path, linkages=linkages, counts=counts)


@pytest.fixture(autouse=True)
def temporary_folder(tmp_path, monkeypatch):
    """Make a temporary folder the current one, because failing checks save problems there."""
    monkeypatch.chdir(tmp_path)


WRONG = [
    (ignores_counts, "worked/counts of pooled edges, average", "if counts are ignored, so that"),
    (ignores_counts, "worked/counts of joined edges, average", "counts once, whatever its count"),
    (ignores_counts, "worked/count beside an extreme, single", "counts once, whatever its count"),
    (ignores_totals, "worked/totals in place of affinities, weighted", "affinities are read in"),
    (ignores_counts, "random/multigraphs, average", "with counts"),
    (ignores_totals, "random/multigraphs, complete", "with counts"),
]


@pytest.mark.parametrize(("wrong", "check", "words"), WRONG)
def test_a_mistake_with_counts_is_found_and_explained(wrong, check, words):
    (outcome,) = validate(declared(wrong), only=check).outcomes
    assert outcome.state is CheckState.FAILED
    assert words in outcome.message
    problem, _ = load_problem_and_notes(outcome.file)
    assert problem.counts is not None
    assert check.startswith("worked") or problem.num_vertices <= 3


def test_a_backend_without_counts_is_never_given_any():
    verdict = validate(declared(ignores_counts, counts=False), examples=10, only="[wrl]*")
    assert verdict.passed, str(verdict)
    skipped = {o.check: o.message for o in verdict.outcomes if o.state is CheckState.SKIPPED}
    counted = [name for name in skipped if "counts" in skipped[name]]
    assert counted and all(name.startswith("worked/") for name in counted)
    assert "does not support edges with counts" in skipped["worked/counts of pooled edges, average"]


@pytest.fixture(scope="module")
def examples():
    found = []
    strategy = problems(forms=("edges",), counts=True)
    for_each_example(strategy, found.append, 120, seeded_by="counts")
    return [problem for problem in found if problem.counts is not None]


def test_literal_merge_agrees_with_the_reference_on_counts(examples):
    assert len(examples) > 50
    for problem in examples:
        assert first_difference(literal_merge(problem), merge(problem, "networkx")) is None


@pytest.mark.parametrize(
    "law", [law for law in LAWS if "edges" in law.forms], ids=lambda law: law.name
)
def test_laws_hold_for_problems_with_counts(examples, law):
    for number, problem in enumerate(examples):
        changed = law.transform(problem, np.random.default_rng(number))
        assert changed.problem.counts is not None
        back = map_result_back(merge(changed.problem), changed, problem.shape)
        assert first_difference(merge(problem), back) is None


def test_shrinking_keeps_counts_only_if_the_failure_needs_them(examples):
    large = next(p for p in examples if p.num_vertices > 20 and len(merge(p).history) > 4)
    assert shrink(large, lambda p: len(merge(p).history) > 2).counts is None
    small = shrink(large, lambda p: p.counts is not None and len(merge(p).history) > 2)
    assert small.num_vertices <= 4 and len(small.counts) == len(small.totals) == len(small.edges)
    assert MergeProblem.from_edges(
        small.num_vertices,
        small.edges,
        small.affinities,
        small.stages,
        small.thresholds,
        counts=small.counts,
        totals=small.totals,
    )
