"""For every mutant of the example backend, a small problem shows its mistake, which the explanation names."""

import re
from importlib import import_module
from pathlib import Path

import pytest

from merge_impls import first_difference, merge
from merge_impls.builtin import HEAP
from merge_impls.conformance.explain.explanation import explain_wrong_result
from merge_impls.conformance.generate.examples import for_each_example
from merge_impls.conformance.generate.random_problems import problems
from merge_impls.conformance.shrink.search import shrink

TESTS = Path(__file__).parents[3]

NAMED_MISTAKES = {
    "wrong_rules:reversed_tie_rule": "tie rule decides",
    "wrong_rules:tie_rule_by_larger_name": "tie rule decides",
    "wrong_rules:needs_more_than_threshold": "the rule is >=, not >",
    "wrong_rules:mean_of_means": "two joined edges weigh the mean of their weights",
    "wrong_rules:rounds_sum_to_float32": "the sum is rounded to float32 before it is divided",
    "wrong_rules:keeps_float64_weights": "rounded to float32",
    "wrong_rules:ignores_linkage": "the mean of all their pixel edges",
    "wrong_rules:drops_inherited_edges": "inherited",
    "wrong_rules:counts_second_edge_twice": "the second of two joined edges counts twice",
    "wrong_rules:adds_stages_again": "edges of all earlier stages once more|stage . adds to",
    "wrong_rules:drops_earlier_stages": "earlier stages stay|replace those of earlier stages",
    "wrong_rules:skips_empty_stages": "has no edges of its own",
    "wrong_rules:thresholds_only_fall": "Thresholds may rise from stage to stage",
    "wrong_rules:drops_edges_of_zeros": "affinity 0 is still an edge|affinities are all 0 is ignored",
    "wrong_rules:ignores_mask": "outside the mask",
    "wrong_rules:ignores_offset_signs": "the pixel edge|the edge from pixel p to p [+] offset",
    "wrong_rules:ignores_strides": "pixel edge|There is no edge",
    "wrong_results:numbered_by_size": "raster order of their first vertex",
    "wrong_results:numbered_from_zero": "counts from 0",
    "wrong_results:sizes_without_first_vertex": "number of vertices with the label",
    "wrong_results:confidences_of_the_last_stage": "only the edges of stage . count",
    "wrong_results:confidences_in_float32": "the mean is rounded to float32",
    "wrong_results:history_sorted_by_name": "the right merges in another order",
}


@pytest.fixture(scope="module")
def references():
    found = []
    for_each_example(
        problems(linkages=HEAP.linkages),
        lambda p: found.append((p, merge(p, "heap"))),
        250,
        seeded_by="siblings",
    )
    return found


@pytest.fixture
def mutant(request, monkeypatch):
    monkeypatch.syspath_prepend(TESTS / "examples" / "example_backend")
    monkeypatch.syspath_prepend(TESTS / "mutants")
    module, name = request.param.split(":")
    return getattr(import_module(f"mutants.{module}"), name)


ARRAYS = ("history", "labels", "sizes", "confidences")


def first_wrong_array(problem, backend, expected=None):
    """The name of the first array that a backend gets wrong, "" if the whole result is right."""
    difference = first_difference(expected or merge(problem, "heap"), backend(problem))
    return difference.split()[0] if difference else ""


@pytest.mark.parametrize(
    ("mutant", "words"), NAMED_MISTAKES.items(), indirect=["mutant"], ids=list(NAMED_MISTAKES)
)
def test_mutant_is_explained_on_few_vertices(references, mutant, words):
    wrong = [(first_wrong_array(p, mutant, expected), p) for p, expected in references]
    # A mistake may show in several arrays; the first of ARRAYS has the best explanation.
    array = next(name for name in ARRAYS if name in {wrong_array for wrong_array, _ in wrong})
    for problem in [p for wrong_array, p in wrong if wrong_array == array][:2]:
        small = shrink(problem, lambda p: first_wrong_array(p, mutant) == array)
        assert small.num_vertices <= 8
        text = explain_wrong_result(small, merge(small, "networkx"), mutant(small))
        assert re.search(words, text), text
        assert len(text.splitlines()) <= 16
