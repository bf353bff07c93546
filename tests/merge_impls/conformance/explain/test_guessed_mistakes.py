"""Wrong rules and misread problems are recognised by the results that they give."""

import numpy as np
import pytest

from merge_impls import MergeProblem, merge
from merge_impls.conformance.explain import guessed_misreadings
from merge_impls.conformance.explain.explanation import explain_wrong_result

from .explain_wrong_results import GRID, POOLED, explain_merges, graph

ADDED = [(0, 1, 0.8), (1, 0, 0.6), (0, 1, 0.4)]


WEIGHTS = {
    "mean of means": (POOLED, None, "average", 0.5, "weigh the mean of their weights"),
    "all pixel edges": (POOLED, None, "weighted", 0.6, "weigh the mean of all their pixel edges"),
    "second twice": (
        POOLED,
        None,
        "average",
        0.5,
        "the second of two joined edges counts twice",
    ),
    "first twice": (POOLED, None, "average", 0.68, "the first of two joined edges counts twice"),
    "only first": (POOLED, None, "average", 0.8, "only the first of two joined edges is kept"),
    "only second": (POOLED, None, "average", 0.2, "only the second of two joined edges is kept"),
    "heavier": (POOLED, None, "weighted", 0.8, "weigh as much as the heavier of them"),
    "lighter": (POOLED, None, "weighted", 0.2, "weigh as much as the lighter of them"),
    "by size": (
        [(2, 3, 1.0), (1, 2, 0.9), (0, 1, 0.8), (0, 3, 0.2), (1, 3, 0.9)],
        None,
        "average",
        (0.8 + 2 * 0.2) / 3,
        "weighted by the numbers of vertices of the merged super-vertices",
    ),
    "halved": ([(0, 1, 1.0), (1, 2, 0.8)], None, "weighted", 0.4, "loses half its weight"),
    "replaced": (ADDED, [0, 0, 1], "average", 0.4, "the edges of a stage replace those"),
    "dropped": (ADDED, [0, 0, 1], "average", 0.7, "the edges of a stage are dropped"),
    "again": (
        ADDED,
        [0, 0, 1],
        "average",
        0.64,
        "adds the edges of all earlier stages once more",
    ),
    "last": (ADDED, None, "average", 0.4, "only the last of several pixel edges is kept"),
    "first": (ADDED, None, "average", 0.8, "only the first of several pixel edges is kept"),
    "pairwise": (ADDED, None, "weighted", 0.55, "pixel edges are averaged two at a time"),
    "sum": ([(0, 1, 0.4), (0, 1, 0.2)], None, "average", 0.6, "is not divided by the number"),
    "65536": ([(0, 1, 0.6)], None, "average", 39321 / 65536, "65536 stands for 1"),
    "zeros": (
        [(0, 1, 0.8), (0, 1, 0.0)],
        [0, 1],
        "average",
        0.8,
        "an edge whose affinities are all 0 is ignored",
    ),
}


@pytest.mark.parametrize("name", WEIGHTS)
def test_weight_of_a_known_mistake_is_recognised(name):
    edges, stages, linkage, weight, words = WEIGHTS[name]
    thresholds = [1.0, 0.1] if stages else [0.1]
    problem = graph(edges, thresholds, linkage, stages)
    rows = merge(problem, "networkx").history.copy()
    rows["weight"][-1] = weight
    text = explain_merges(problem, rows)
    assert "comes out if" in text
    assert words in text, text


def test_weight_of_no_known_mistake_gets_no_guess():
    problem = graph(POOLED, [0.1])
    rows = merge(problem, "networkx").history.copy()
    rows["weight"][-1] = 0.123
    text = explain_merges(problem, rows)
    assert "The backend gives (0, 2) the weight 0.123000003" in text
    assert "comes out" not in text


def test_sum_of_32_bits_is_recognised():
    count = 40000
    problem = MergeProblem.from_edges(2, [(0, 1)], [1.0], [0], [0.0], counts=[count])
    text = explain_merges(
        problem, [(0, 0, 1, np.float32((count * 65535 - 2**32) / (65535 * count)))]
    )
    assert "sums are 32-bit integers" in text


MISREAD = {
    "the mask is ignored": {"mask": np.array([[True, True, False], [True, True, True]])},
    "components of offsets lose their sign": {"offsets": [(1, -1)]},
    "affinities[k, p] is read as the edge to p - offset[k]": {"offsets": [(0, 2)]},
    "the affinity of an edge is read at p + offset[k], not at p": {"offsets": [(1, 1)]},
    "the components of offsets are read in reverse order": {
        "affinities": np.full((1, 2, 3), 0.8),
        "offsets": [(1, 0)],
    },
}


@pytest.mark.parametrize("words", MISREAD)
def test_result_of_a_misread_problem_is_recognised(words):
    problem = MergeProblem.from_grid(**(GRID | MISREAD[words]))
    misread = {**guessed_misreadings.MISREADINGS, **guessed_misreadings.GRID_MISREADINGS}[words]
    got = merge(misread(problem), "networkx")
    text = explain_wrong_result(problem, merge(problem, "networkx"), got)
    assert "All of the backend's history is what comes out if" in text
    assert words in text


def test_result_of_another_linkage_is_recognised():
    problem = MergeProblem.from_grid(
        np.array([[[0.9, 0.8], [0.7, 0]], [[0.3, 0.6], [0.2, 0.1]]]),
        [(0, 1), (1, 0)],
        [0, 0],
        [0.1],
    )
    got = merge(problem.replace(linkage="weighted"), "networkx")
    text = explain_wrong_result(problem, merge(problem, "networkx"), got)
    assert "All of the backend's history is what comes out if" in text
    assert "linkage 'weighted' is computed" in text


@pytest.mark.parametrize("pixels", [3, 4])
def test_a_guess_on_a_tiny_problem_says_that_it_may_be_chance(pixels):
    affinities = np.array([[[0.9] + [0.8] * (pixels - 2) + [0]]])
    problem = MergeProblem.from_grid(affinities, [(0, 1)], [0], [0.8])
    words = "an edge must weigh more than R, not at least R"
    got = merge(guessed_misreadings.MISREADINGS[words](problem), "networkx")
    text = explain_wrong_result(problem, merge(problem, "networkx"), got)
    guess = f"comes out if {words}."
    assert guess in text
    assert (f"{guess} This is a guess" in text) == (pixels == 3)


@pytest.mark.parametrize("wanted", ["average", "single"])
def test_only_a_linkage_that_alone_gives_a_result_is_named(wanted):
    """Average and weighted give the same history here, but single gives another one."""
    edges = [(0, 1, 0.9), (0, 2, 0.8), (1, 2, 0.2)]
    problem = graph(edges, [0.45], linkage="complete")
    got = merge(problem.replace(linkage=wanted), "networkx")
    text = explain_wrong_result(problem, merge(problem, "networkx"), got)
    assert ("linkage 'single' is computed" in text) == (wanted == "single")
    assert ("is computed" in text) == (wanted == "single")
