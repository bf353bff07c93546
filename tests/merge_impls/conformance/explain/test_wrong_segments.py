"""Wrong labels, sizes and confidences are explained by the rule of the contract that defines them."""

from dataclasses import replace

import numpy as np
import pytest

from merge_impls import MergeProblem, merge
from merge_impls.conformance.explain.explanation import explain_wrong_result

from .explain_wrong_results import CHAIN, GRID, explain_array, explain_labels, graph


def test_label_outside_the_mask_is_explained_by_the_mask():
    problem = MergeProblem.from_grid(**GRID, mask=np.array([[True] * 3, [True, True, False]]))
    labels = merge(problem, "heap").labels.copy()
    labels[1, 2] = 9
    assert explain_labels(problem, labels) == (
        "Pixel 5 [1, 2] lies outside the mask, so its label is 0; the backend gives 9."
    )


def test_vertex_without_a_segment_is_shown_with_its_label():
    assert "Vertex 1 has label 0; every vertex in the foreground" in explain_labels(
        CHAIN, [1, 0, 1]
    )


def test_labels_counted_from_0_are_recognised():
    assert "The backend counts from 0." in explain_labels(
        graph([(0, 1, 0.8), (1, 2, 0.2)]), [0, 0, 1]
    )


def test_labels_in_another_order_are_explained_by_the_rule():
    text = explain_labels(graph([(0, 1, 0.8), (1, 2, 0.2)]), [2, 2, 1])
    assert "The segments are right, but their numbers are wrong." in text
    assert "in raster order of their first vertex" in text


def test_labels_that_contradict_the_history_are_recognised():
    expected = merge(CHAIN, "networkx")
    text = explain_wrong_result(
        CHAIN, expected, replace(expected, labels=np.array([1, 1, 2], np.int32))
    )
    assert "The history is right, but the labels do not match its merges." in text


def test_without_history_the_first_merge_that_labels_lack_is_found():
    text = explain_labels(graph([(0, 1, 0.8), (1, 2, 0.6)], [0.6]), [1, 1, 2])
    assert "The reference merges (0, 2) in history[1]; the backend gives 0 the label 1" in text
    assert "exactly (the rule is >=, not >) R = 0.6" in text
    assert "How (0, 2) comes to weigh 0.6" in text


def test_without_history_a_tie_for_the_missing_merge_is_explained():
    problem = graph([(0, 1, 0.8), (1, 2, 0.8), (0, 2, 0.2)], [0.6])
    text = explain_labels(problem, [1, 1, 2])
    assert "(1, 2) in history[0]" in text
    assert "It merges before the equally heavy (0, 1): an edge is named by" in text


def test_without_history_wrongly_joined_segments_are_shown_with_an_edge():
    text = explain_labels(graph([(0, 1, 0.8), (1, 2, 0.2)]), [1, 1, 1])
    assert "The backend gives 0, 2 the same label, 1; the reference does not merge them." in text
    assert "(0, 2), weighs 0.200000003, below R = 0.400000006 of stage 0." in text


def test_without_history_segments_joined_without_an_edge_are_explained():
    text = explain_labels(graph([(0, 1, 0.2), (2, 3, 0.2)]), [1, 2, 1, 3])
    assert "After the last merge, no edge joins any two of them." in text


def test_wrong_size_is_explained_by_the_vertices_it_counts():
    text = explain_array(CHAIN, "sizes", [2])
    assert "sizes[0] is 3; the backend gives 2." in text
    assert "label 1 has 0, 1, 2." in text


TWO_STAGES = graph([(0, 1, 0.8), (1, 0, 0.4), (1, 2, 0.2)], [0.8, 0.4], stages=[0, 1, 1])


CONFIDENCES = {
    "only the edges of stage 0 count": 0.8,
    "only the edges of stage 1 count": 0.4,
    "the edges of stage 0 count twice": 2.0 / 3,
    "edges with only one end in the segment also count": (52428 + 26214 + 13107) / (65535 * 3),
    "the mean is rounded to float32": float(np.float32(0.6)),
    "the confidence is the weight of the last merge": float(np.float32(0.8)),
}


@pytest.mark.parametrize("words", CONFIDENCES)
def test_confidence_of_a_known_mistake_is_recognised(words):
    text = explain_array(TWO_STAGES, "confidences", [CONFIDENCES[words], 0])
    assert "0-1 of stage 0: 52428, 1-0 of stage 1: 26214; 78642 / (65535 * 2)" in text
    assert words in text


def test_confidence_of_a_segment_without_edges_is_0():
    text = explain_array(TWO_STAGES, "confidences", [0.6, np.nan])
    assert "confidences[1] is 0.0; the backend gives nan." in text
    assert "No pixel edge lies inside segment 2." in text


def test_too_many_segments_are_explained_by_their_number():
    assert "sizes has length 2; there are 1 segments." in explain_array(CHAIN, "sizes", [2, 1])
