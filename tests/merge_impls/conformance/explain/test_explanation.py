"""Explanations say what differs first, what is right there, and by which rule."""

from dataclasses import replace

import numpy as np
import pytest

from merge_impls import HISTORY_DTYPE, MergeProblem, merge
from merge_impls.conformance.explain import explanation, guessed_problems
from merge_impls.conformance.explain.explanation import explain
from merge_impls.conformance.generate.examples import for_each_example
from merge_impls.conformance.generate.random_problems import problems


def graph(edges, thresholds=(0.4,), linkage="average", stages=None):
    vertices = 1 + max(max(u, v) for u, v, _ in edges)
    stages = [0] * len(edges) if stages is None else stages
    ends = [(u, v) for u, v, _ in edges]
    affinities = np.array([p for _, _, p in edges])
    return MergeProblem.from_edges(vertices, ends, affinities, stages, thresholds, linkage=linkage)


def explained(problem, rows, **arrays):
    """What is said of a backend that makes these merges, and is otherwise right."""
    expected = merge(problem, "networkx")
    return explain(
        problem, expected, replace(expected, history=np.array(rows, HISTORY_DTYPE), **arrays)
    )


def of_labels(problem, labels):
    """What is said of a backend that returns labels alone."""
    expected = merge(problem, "networkx")
    labels = np.array(labels, np.int32).reshape(problem.shape)
    return explain(problem, expected, replace(expected, labels=labels, history=None))


def test_equal_results_are_called_equal():
    problem = graph([(0, 1, 0.8)])
    assert explain(problem, merge(problem, "networkx"), merge(problem, "heap")) == (
        "The two results are the same, to the bit."
    )


TRIANGLE = graph([(0, 1, 0.8), (1, 2, 0.8), (0, 2, 0.2)])
CHAIN = graph([(0, 1, 0.8), (1, 2, 0.6)])
FORK = graph([(0, 1, 0.8), (0, 2, 0.8)])


def test_headline_sets_both_merges_side_by_side():
    lines = explained(TRIANGLE, [(0, 0, 1, 0.8)]).splitlines()
    assert lines[:3] == [
        "history[0] is the first row that differs.",
        "  the reference merges (1, 2) at 0.800000012 in stage 0",
        "  the backend   merges (0, 1) at 0.800000012 in stage 0",
    ]


def test_tie_is_decided_by_the_smaller_ends():
    text = explained(TRIANGLE, [(0, 0, 1, 0.8)])
    assert "Both edges weigh exactly 0.800000012, so the tie rule decides" in text
    assert "The smaller ends are 1 and 0, so (1, 2) goes first." in text


def test_tie_at_one_vertex_is_decided_by_the_larger_ends():
    text = explained(FORK, [(0, 0, 1, 0.8)])
    assert "Both have 0 as smaller end; the larger are 2 and 1, so (0, 2) goes first." in text


def test_tie_made_by_rounding_is_explained_with_the_unrounded_weights():
    edges = [(0, 1, 0.2), (0, 2, 0.8), (1, 2, 1.0), (3, 4, 0.5)]
    halves = graph(edges[:3] + [(3, 4, 0.2), (3, 4, 0.8)], linkage="weighted")
    right = merge(halves, "networkx").history
    assert right["weight"][1] == right["weight"][2]
    text = explained(halves, right[[0, 2, 1]])
    assert "Weights are rounded to float32 before they are compared. Without that" in text
    assert "(0, 1) 0.5000000074505806" in text


def test_means_made_equal_by_rounding_are_shown_unrounded():
    many = [(0, 1, 39995 / 65535)] * 999 + [(0, 1, 39996 / 65535)]
    problem = graph([*many, (2, 3, 39995 / 65535)])
    right = merge(problem, "networkx").history
    assert right["weight"][0] == right["weight"][1]
    assert "Without that: (2, 3) 0.61028" in explained(problem, right[::-1])


def test_stop_at_the_threshold_itself_is_explained_by_its_rule():
    text = explained(graph([(0, 1, 0.8)], [0.8]), [])
    assert "(0, 1) weighs exactly R = 0.800000012 of stage 0" in text
    assert "the rule is >=, not >" in text
    assert "comes out if an edge must weigh more than R, not at least R." in text


def test_stop_at_the_threshold_after_another_such_merge_has_another_reason():
    text = explained(graph([(0, 1, 0.6), (1, 2, 0.6)], [0.6]), [(0, 1, 2, 0.6)])
    assert (
        "In an earlier row it follows that rule, so it lacks the edge or has another weight."
        in text
    )


def test_stop_before_a_heavy_edge_names_weight_and_threshold():
    text = explained(graph([(0, 1, 0.8)]), [])
    assert "The backend ends stage 0 too early." in text
    assert "(0, 1) weighs 0.800000012, at least R = 0.400000006 of stage 0" in text


def test_stop_before_an_inherited_edge_says_that_it_was_inherited():
    text = explained(CHAIN, [(0, 0, 1, 0.8)])
    assert "inherited, not dropped" in text
    assert "(0, 2) is the edge (1, 2) that only 1 had when history[0] merged (0, 1)" in text
    assert "0 stands for {0, 1}" in text


def test_stop_before_an_edge_of_affinity_0_says_that_it_is_one():
    assert "An affinity of 0 is an edge all the same." in explained(graph([(0, 1, 0.0)], [0]), [])


def test_stop_in_a_stage_without_edges_says_that_earlier_ones_stay():
    problem = graph([(0, 1, 0.6)], [0.8, 0.4])
    text = explained(problem, [])
    assert "Stage 1 has no edges of its own, but those of earlier stages stay" in text
    assert "comes out if stages without edges of their own merge nothing" in text


def test_stop_before_an_older_edge_says_that_it_stays():
    problem = graph([(0, 1, 0.6), (1, 2, 0.2)], [0.8, 0.4], stages=[0, 1])
    assert "Edges of earlier stages stay" in explained(problem, [])


def test_merge_in_a_later_stage_is_a_stop_of_the_earlier_one():
    problem = graph([(0, 1, 0.6)], [0.4, 0.2])
    assert "The backend ends stage 0 too early." in explained(problem, [(1, 0, 1, 0.6)])


def test_merge_below_the_threshold_is_explained_with_both_numbers():
    text = explained(graph([(0, 1, 0.2)]), [(0, 0, 1, 0.2)])
    assert "(0, 1) weighs 0.200000003, less than R = 0.400000006 of stage 0" in text


def test_merge_below_a_risen_threshold_says_that_they_may_rise():
    problem = graph([(0, 1, 0.6)], [0.4, 0.8], stages=[1])
    text = explained(problem, [(1, 0, 1, 0.6)])
    assert "Thresholds may rise from stage to stage" in text
    assert "comes out if thresholds can only fall." in text


def test_lighter_edge_first_is_explained_by_the_heaviest_of_the_graph():
    problem = graph([(0, 1, 0.8), (2, 3, 0.6)])
    text = explained(problem, [(0, 2, 3, 0.6), (0, 0, 1, 0.8)])
    assert "Of all edges of the whole graph the heaviest goes first: (0, 1) at 0.800000012" in text
    assert "makes the right merges in another order" in text


def test_edge_passed_over_for_a_wrong_weight_is_shown_with_that_weight():
    edges = [(2, 3, 1.0), (1, 2, 0.8), (1, 3, 0.4), (0, 4, 0.4)]
    problem = graph(edges, [0.2])
    text = explained(problem, [(0, 2, 3, 1.0), (0, 0, 4, 0.4), (0, 1, 2, 0.4)])
    assert "the heaviest goes first: (1, 2) at 0.600000024" in text
    assert "It makes that merge in history[2], at 0.400000006." in text
    assert "0.400000006 is what comes out if only the second of two" in text


def test_merge_without_an_edge_is_explained_by_the_missing_edge():
    text = explained(graph([(0, 1, 0.8), (1, 2, 0.2)]), [(0, 0, 2, 0.9)])
    assert "There is no edge (0, 2) then" in text
    assert "No pixel edge of any stage" in text
    assert "The heaviest edge is (0, 1) at 0.800000012, and the heaviest goes first." in text


def test_edge_of_a_stage_that_has_not_begun_is_explained_by_its_stage():
    problem = graph([(0, 1, 0.6), (1, 2, 0.8)], [0.6, 0.4], stages=[0, 1])
    text = explained(problem, [(0, 1, 2, 0.8)])
    assert "belong to stage 1, which has not begun" in text
    assert "comes out if all edges are there when the first stage begins" not in text


NAMES = {
    "smallest": (CHAIN, [(0, 0, 1, 0.8), (0, 1, 2, 0.6)], "1 is no super-vertex any more"),
    "meant": (CHAIN, [(0, 0, 1, 0.8), (0, 1, 2, 0.6)], "the right merge under another name"),
    "order": (CHAIN, [(0, 1, 0, 0.8)], "names the smaller of the two first: a < b"),
    "one": (CHAIN, [(0, 0, 1, 0.8), (0, 0, 1, 0.6)], "in one super-vertex already, 0"),
    "no vertex": (CHAIN, [(0, 0, 7, 0.8)], "There is no vertex 7: they are 0 .. 2."),
    "stage": (CHAIN, [(3, 0, 1, 0.8)], "There is no stage 3: they are 0 .. 0."),
}


@pytest.mark.parametrize("name", NAMES)
def test_row_with_impossible_names_is_explained_by_them(name):
    problem, rows, words = NAMES[name]
    assert words in explained(problem, rows)


def test_merge_in_a_stage_that_is_over_is_explained_by_the_stage():
    problem = graph([(0, 1, 0.8), (1, 2, 0.6)], [0.8, 0.4], stages=[1, 1])
    text = explained(problem, [(1, 0, 1, 0.8), (0, 0, 2, 0.6)])
    assert "Stage 0 is over by then" in text


# Two of one vertex and two edges; after (0, 1) has merged, (0, 2) has 0.8 twice and 0.2 once.
POOLED = [(0, 1, 1.0), (0, 2, 0.8), (2, 0, 0.8), (1, 2, 0.2)]
ADDED = [(0, 1, 0.8), (1, 0, 0.6), (0, 1, 0.4)]
float32 = np.float32

WEIGHTS = {
    "mean of means": (POOLED, None, "average", 0.5, "weigh the mean of their weights"),
    "all pixel edges": (POOLED, None, "weighted", 0.6, "weigh the mean of all their pixel edges"),
    "second twice": (
        POOLED,
        None,
        "average",
        0.5,
        "the second of two that become one counts twice",
    ),
    "first twice": (POOLED, None, "average", 0.68, "the first of two that become one counts twice"),
    "only first": (POOLED, None, "average", 0.8, "only the first of two that become one is kept"),
    "only second": (POOLED, None, "average", 0.2, "only the second of two that become one is kept"),
    "heavier": (POOLED, None, "weighted", 0.8, "weigh as much as the heavier"),
    "lighter": (POOLED, None, "weighted", 0.2, "weigh as much as the lighter"),
    "by size": (
        [(2, 3, 1.0), (1, 2, 0.9), (0, 1, 0.8), (0, 3, 0.2), (1, 3, 0.9)],
        None,
        "average",
        (0.8 + 2 * 0.2) / 3,
        "weighted by the vertices of the merged two",
    ),
    "halved": ([(0, 1, 1.0), (1, 2, 0.8)], None, "weighted", 0.4, "loses half its weight"),
    "replaced": (ADDED, [0, 0, 1], "average", 0.4, "a stage's edges replace those"),
    "dropped": (ADDED, [0, 0, 1], "average", 0.7, "a stage's edges are dropped"),
    "again": (
        ADDED,
        [0, 0, 1],
        "average",
        0.64,
        "adds the edges of the stages before it once more",
    ),
    "last": (ADDED, None, "average", 0.4, "only the last of several pixel edges is kept"),
    "first": (ADDED, None, "average", 0.8, "only the first of several pixel edges is kept"),
    "pairwise": (ADDED, None, "weighted", 0.55, "pixel edges are averaged one after the other"),
    "sum": ([(0, 1, 0.4), (0, 1, 0.2)], None, "average", 0.6, "is not divided by the number"),
    "65536": ([(0, 1, 0.6)], None, "average", 39321 / 65536, "65536 stands for 1"),
    "zeros": (
        [(0, 1, 0.8), (0, 1, 0.0)],
        [0, 1],
        "average",
        0.8,
        "an edge whose affinities are all 0 counts as none",
    ),
}


@pytest.mark.parametrize("name", WEIGHTS)
def test_weight_of_a_known_mistake_is_recognised(name):
    edges, stages, linkage, weight, words = WEIGHTS[name]
    thresholds = [1.0, 0.1] if stages else [0.1]
    problem = graph(edges, thresholds, linkage, stages)
    rows = merge(problem, "networkx").history
    rows["weight"][-1] = weight
    text = explained(problem, rows)
    assert "comes out if" in text
    assert words in text, text


def test_weight_of_no_known_mistake_gets_no_guess():
    problem = graph(POOLED, [0.1])
    rows = merge(problem, "networkx").history
    rows["weight"][-1] = 0.123
    text = explained(problem, rows)
    assert "The backend takes (0, 2) for 0.123000003" in text
    assert "comes out" not in text


def test_sum_of_32_bits_is_recognised():
    count = 40000
    edges = np.tile([(0, 1)], (count, 1))
    problem = MergeProblem.from_edges(2, edges, np.ones(count), np.zeros(count, int), [0.0])
    text = explained(problem, [(0, 0, 1, float32((count * 65535 - 2**32) / (65535 * count)))])
    assert "sums are 32-bit integers" in text


def test_origin_of_a_weight_goes_down_to_the_pixel_edges():
    rows = [(0, 0, 1, 1.0), (0, 0, 2, 0.5)]
    lines = explained(graph(POOLED, [0.1]), rows).splitlines()
    start = lines.index("How (0, 2) comes to weigh 0.600000024:")
    assert lines[start + 1 : start + 4] == [
        "  when history[0] merged (0, 1), (0, 2) and (1, 2) became one: totals and counts add, "
        "(104856 + 13107) / (65535 * (2 + 1)) = 0.600000024",
        "    (0, 2) is 2 pixel edges of stage 0 (0-2: 52428, 2-0: 52428) pooled: "
        "104856 / (65535 * 2)",
        "    (1, 2) is the pixel edge 1-2 of stage 0, edges[3]: 13107 / 65535",
    ]


def test_long_origin_is_cut_short():
    ladder = [(0, i, 0.5 + i / 100) for i in range(1, 8)] + [(i, 8, 0.3) for i in range(8)]
    problem = graph(ladder, [0.1])
    rows = merge(problem, "networkx").history
    rows["weight"][-1] = 0.2
    text = explained(problem, rows)
    assert "  (and what stands behind these)" in text
    assert len(text.splitlines()) <= 16


GRID = {
    "affinities": [[[0.2, 0.8, 1.0], [0.6, 0.2, 1.0]]],
    "offsets": [(0, 1)],
    "stages": [0],
    "thresholds": [0.6],
}


def test_vertices_of_a_grid_are_shown_with_their_pixels():
    text = explained(MergeProblem.from_grid(**GRID), [(0, 2, 3, 1.0)])
    assert "the reference merges (1 [0, 1], 2 [0, 2]) at 0.8" in text
    assert "There is no edge (2 [0, 2], 3 [1, 0]) then" in text
    assert "Value [k, p] is the edge from pixel p to p + offset[k]" in text


def test_pixel_outside_the_mask_merges_with_none():
    mask = np.array([[True, True, False], [True, True, True]])
    text = explained(MergeProblem.from_grid(**GRID, mask=mask), [(0, 1, 2, 0.8)])
    assert "Vertex 2 [0, 2] lies outside the mask and merges with none." in text


MISREAD = {
    "the mask is ignored": {"mask": np.array([[True, True, False], [True, True, True]])},
    "components of offsets lose their sign": {"offsets": [(1, -1)]},
    "value [k, p] is taken for the edge to p - offset[k]": {"offsets": [(0, 2)]},
    "the affinity of an edge is read at p + offset[k], not at p": {"offsets": [(1, 1)]},
    "components of offsets are read from the last axis to the first": {
        "affinities": np.full((1, 2, 3), 0.8),
        "offsets": [(1, 0)],
    },
    "the other linkage is computed": {
        "affinities": np.array([[[0.9, 0.8], [0.7, 0]], [[0.3, 0.6], [0.2, 0.1]]]),
        "offsets": [(0, 1), (1, 0)],
        "stages": [0, 0],
        "thresholds": [0.1],
    },
}


@pytest.mark.parametrize("words", MISREAD)
def test_result_of_a_misread_problem_is_recognised(words):
    problem = MergeProblem.from_grid(**(GRID | MISREAD[words]))
    misread = {**guessed_problems.ON_ALL, **guessed_problems.ON_GRIDS}[words]
    got = merge(misread(problem), "networkx")
    text = explain(problem, merge(problem, "networkx"), got)
    assert "The backend's whole history is, to the bit, what comes out if" in text
    assert words in text


def test_label_outside_the_mask_is_explained_by_the_mask():
    problem = MergeProblem.from_grid(**GRID, mask=np.array([[True] * 3, [True, True, False]]))
    labels = merge(problem, "heap").labels.copy()
    labels[1, 2] = 9
    assert of_labels(problem, labels) == (
        "Pixel 5 [1, 2] lies outside the mask, so its label is 0; the backend gives 9."
    )


def test_vertex_without_a_segment_is_shown_with_its_label():
    assert "Vertex 1 has label 0; every vertex in the foreground" in of_labels(CHAIN, [1, 0, 1])


def test_labels_counted_from_0_are_recognised():
    assert "The backend counts from 0." in of_labels(graph([(0, 1, 0.8), (1, 2, 0.2)]), [0, 0, 1])


def test_labels_in_another_order_are_explained_by_the_rule():
    text = of_labels(graph([(0, 1, 0.8), (1, 2, 0.2)]), [2, 2, 1])
    assert "The segments are the right ones, their numbers are not." in text
    assert "in raster order of their first vertex" in text


def test_labels_that_contradict_the_history_are_recognised():
    expected = merge(CHAIN, "networkx")
    text = explain(CHAIN, expected, replace(expected, labels=np.array([1, 1, 2], np.int32)))
    assert "the labels do not group the vertices as they do" in text


def test_without_history_the_first_merge_that_labels_lack_is_found():
    text = of_labels(graph([(0, 1, 0.8), (1, 2, 0.6)], [0.6]), [1, 1, 2])
    assert "The reference merges (0, 2) in history[1]; the labels keep them separate" in text
    assert "exactly (the rule is >=, not >) R = 0.6" in text
    assert "How (0, 2) comes to weigh 0.6" in text


def test_without_history_a_tie_for_the_missing_merge_is_explained():
    problem = graph([(0, 1, 0.8), (1, 2, 0.8), (0, 2, 0.2)], [0.6])
    text = of_labels(problem, [1, 1, 2])
    assert "(1, 2) in history[0]" in text
    assert "As heavy: (0, 1). It goes before them: of equal edges" in text


def test_without_history_joined_segments_are_shown_with_their_edge():
    text = of_labels(graph([(0, 1, 0.8), (1, 2, 0.2)]), [1, 1, 1])
    assert "The labels put 0, 2 into one segment, 1; the reference keeps them separate." in text
    assert "(0, 2), weighs 0.200000003, below R = 0.400000006 of stage 0." in text


def test_without_history_joined_segments_without_an_edge_are_explained():
    text = of_labels(graph([(0, 1, 0.2), (2, 3, 0.2)]), [1, 2, 1, 3])
    assert "At the end no edge joins any two of them." in text


def with_array(problem, name, values, dtype=None):
    expected = merge(problem, "networkx")
    array = np.array(values, dtype or getattr(expected, name).dtype)
    return explain(problem, expected, replace(expected, **{name: array}))


def test_wrong_size_is_explained_by_the_vertices_it_counts():
    text = with_array(CHAIN, "sizes", [2])
    assert "sizes[0] is 3; the backend gives 2." in text
    assert "the vertices with label 1: 0, 1, 2." in text


TWO_STAGES = graph([(0, 1, 0.8), (1, 0, 0.4), (1, 2, 0.2)], [0.8, 0.4], stages=[0, 1, 1])

CONFIDENCES = {
    "only the edges of stage 0 count": 0.8,
    "only the edges of stage 1 count": 0.4,
    "the edges of stage 0 count twice": 2.0 / 3,
    "edges that leave the segment count, too": (52428 + 26214 + 13107) / (65535 * 3),
    "it is rounded to float32 on its way": float(float32(0.6)),
    "it is the weight of the last merge": float(float32(0.8)),
}


@pytest.mark.parametrize("words", CONFIDENCES)
def test_confidence_of_a_known_mistake_is_recognised(words):
    text = with_array(TWO_STAGES, "confidences", [CONFIDENCES[words], 0])
    assert "0-1 of stage 0: 52428, 1-0 of stage 1: 26214; 78642 / (65535 * 2)" in text
    assert words in text


def test_confidence_of_a_segment_without_edges_is_0():
    text = with_array(TWO_STAGES, "confidences", [0.6, np.nan])
    assert "confidences[1] is 0.0; the backend gives nan." in text
    assert "No pixel edge lies inside segment 2." in text


@pytest.mark.parametrize(
    ("name", "values", "dtype", "rule"),
    [
        ("labels", [1, 1, 1], np.int64, "labels are int32"),
        ("labels", [[1, 1, 1]], np.int32, "of the shape of the grid, or (n,)"),
        ("sizes", [3], np.int32, "sizes are int64"),
        ("sizes", [[3]], np.int64, "one for each segment"),
        ("confidences", [0.7], np.float32, "confidences are float64"),
        ("history", [(0, 0, 1, 0.8)], [(n, "i8") for n in HISTORY_DTYPE.names], "weight float32"),
    ],
)
def test_wrong_form_is_explained_by_the_contract(name, values, dtype, rule):
    text = with_array(CHAIN, name, values, dtype)
    assert f"{name} differs in" in text
    assert rule in text


def test_too_many_segments_are_explained_by_their_number():
    assert "sizes has length 2; there are 1 segments." in with_array(CHAIN, "sizes", [2, 1])


def test_reference_that_is_wrong_itself_is_recognised():
    expected = merge(CHAIN, "networkx")
    wrong = replace(expected, history=expected.history[:1])
    other = expected.history.copy()
    other["weight"][1] = 0.5
    assert "the reference is wrong as well" in explain(
        CHAIN, wrong, replace(expected, history=other)
    )


def test_of_a_large_problem_only_the_two_merges_are_shown(monkeypatch):
    monkeypatch.setattr(explanation, "MOST_WORK", 0)
    text = explained(TRIANGLE, [(0, 0, 1, 0.8)])
    assert "the reference merges (1, 2)" in text
    assert "too large to merge again step by step" in text
    assert "too large" in of_labels(TRIANGLE, [1, 2, 3])


def corrupted(result, rng):
    """The result with something wrong in it."""
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
    def tell(problem):
        rng = np.random.default_rng(problem.num_vertices)
        expected = merge(problem, "heap")
        for _ in range(3):
            text = explain(problem, expected, corrupted(expected, rng))
            assert 1 <= len(text.splitlines()) <= 16

    for_each_example(problems(), tell, 60, seeded_by="corrupted")


def test_deep_merges_are_explained_without_a_recursion_error():
    count = 1100
    chain = [(i, i + 1, p) for i, p in enumerate(np.linspace(0.9, 0.8, count - 1))]
    problem = graph([*chain, (0, count - 1, 0.4)], [0.2], linkage="weighted")
    rows = merge(problem, "heap").history
    rows["weight"][-1] = 0.7
    assert "(and what stands behind these)" not in explained(problem, rows)
