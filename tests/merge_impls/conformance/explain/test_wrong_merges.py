"""A wrong merge is explained by the rule of the contract and by the origin of the weight."""

import numpy as np
import pytest

from merge_impls import MergeProblem, merge

from .explain_wrong_results import CHAIN, FORK, GRID, POOLED, TRIANGLE, explain_merges, graph


def test_first_lines_show_the_merges_of_reference_and_backend():
    lines = explain_merges(TRIANGLE, [(0, 0, 1, 0.8)]).splitlines()
    assert lines[:3] == [
        "history[0] is the first row that differs.",
        "  the reference merges (1, 2) at 0.800000012 in stage 0",
        "  the backend   merges (0, 1) at 0.800000012 in stage 0",
    ]


def test_tie_is_decided_by_the_smaller_ends():
    text = explain_merges(TRIANGLE, [(0, 0, 1, 0.8)])
    assert "Both edges weigh exactly 0.800000012, so the tie rule decides" in text
    assert "The smaller vertices are 1 and 0, so (1, 2) merges first." in text


def test_tie_at_one_vertex_is_decided_by_the_larger_ends():
    text = explain_merges(FORK, [(0, 0, 1, 0.8)])
    assert (
        "Both smaller vertices are 0; the larger ones are 2 and 1, so (0, 2) merges first." in text
    )


def test_tie_made_by_rounding_is_explained_with_the_unrounded_weights():
    edges = [(0, 1, 0.2), (0, 2, 0.8), (1, 2, 1.0), (3, 4, 0.5)]
    halves = graph(edges[:3] + [(3, 4, 0.2), (3, 4, 0.8)], linkage="weighted")
    right = merge(halves, "networkx").history
    assert right["weight"][1] == right["weight"][2]
    text = explain_merges(halves, right[[0, 2, 1]])
    assert "Weights are rounded to float32 before they are compared. Unrounded" in text
    assert "(0, 1) 0.5000000074505806" in text


def test_means_made_equal_by_rounding_are_shown_unrounded():
    many = [(0, 1, 39995 / 65535)] * 999 + [(0, 1, 39996 / 65535)]
    problem = graph([*many, (2, 3, 39995 / 65535)])
    right = merge(problem, "networkx").history
    assert right["weight"][0] == right["weight"][1]
    assert "Unrounded: (2, 3) 0.61028" in explain_merges(problem, right[::-1])


def test_stop_at_the_threshold_itself_is_explained_by_its_rule():
    text = explain_merges(graph([(0, 1, 0.8)], [0.8]), [])
    assert "(0, 1) weighs exactly R = 0.800000012 of stage 0" in text
    assert "the rule is >=, not >" in text
    assert "comes out if an edge must weigh more than R, not at least R." in text


def test_a_second_stop_at_the_threshold_has_another_explanation():
    text = explain_merges(graph([(0, 1, 0.6), (1, 2, 0.6)], [0.6]), [(0, 1, 2, 0.6)])
    assert (
        "In an earlier row the backend merges at the threshold, so here it lacks the edge or gives it "
        "another weight." in text
    )


def test_stop_before_a_heavy_edge_names_weight_and_threshold():
    text = explain_merges(graph([(0, 1, 0.8)]), [])
    assert "The backend ends stage 0 too early." in text
    assert "(0, 1) weighs 0.800000012, at least R = 0.400000006 of stage 0" in text


def test_stop_before_an_inherited_edge_is_explained_by_inheritance():
    text = explain_merges(CHAIN, [(0, 0, 1, 0.8)])
    assert "inherited, not dropped" in text
    assert (
        "(0, 2) is the former edge (1, 2): history[0] merged 1 into 0; 0 had no edge to 2" in text
    )
    assert "0 stands for {0, 1}" in text


def test_stop_before_an_edge_of_affinity_0_is_explained():
    assert "An edge of affinity 0 is still an edge." in explain_merges(
        graph([(0, 1, 0.0)], [0]), []
    )


def test_stop_in_a_stage_without_edges_is_explained_by_earlier_edges():
    problem = graph([(0, 1, 0.6)], [0.8, 0.4])
    text = explain_merges(problem, [])
    assert "Stage 1 has no edges of its own, but the edges of earlier stages stay" in text
    assert "comes out if stages without edges of their own merge nothing" in text


def test_stop_before_an_edge_of_an_earlier_stage_is_explained():
    problem = graph([(0, 1, 0.6), (1, 2, 0.2)], [0.8, 0.4], stages=[0, 1])
    assert "Edges of earlier stages stay" in explain_merges(problem, [])


def test_merge_in_a_later_stage_means_that_the_earlier_one_ended_early():
    problem = graph([(0, 1, 0.6)], [0.4, 0.2])
    assert "The backend ends stage 0 too early." in explain_merges(problem, [(1, 0, 1, 0.6)])


def test_merge_below_the_threshold_is_explained_with_both_numbers():
    text = explain_merges(graph([(0, 1, 0.2)]), [(0, 0, 1, 0.2)])
    assert "(0, 1) weighs 0.200000003, less than R = 0.400000006 of stage 0" in text


def test_merge_below_a_raised_threshold_is_explained():
    problem = graph([(0, 1, 0.6)], [0.4, 0.8], stages=[1])
    text = explain_merges(problem, [(1, 0, 1, 0.6)])
    assert "Thresholds may rise from stage to stage" in text
    assert "comes out if a threshold above that of the stage before is lowered to it." in text


def test_merging_a_lighter_edge_first_is_explained_by_the_heaviest_edge():
    problem = graph([(0, 1, 0.8), (2, 3, 0.6)])
    text = explain_merges(problem, [(0, 2, 3, 0.6), (0, 0, 1, 0.8)])
    assert "The heaviest edge of the whole graph merges first: (0, 1) at 0.800000012" in text
    assert "makes the right merges in another order" in text


def test_edge_skipped_for_a_wrong_weight_is_shown_with_that_weight():
    edges = [(2, 3, 1.0), (1, 2, 0.8), (1, 3, 0.4), (0, 4, 0.4)]
    problem = graph(edges, [0.2])
    text = explain_merges(problem, [(0, 2, 3, 1.0), (0, 0, 4, 0.4), (0, 1, 2, 0.4)])
    assert "The heaviest edge of the whole graph merges first: (1, 2) at 0.600000024" in text
    assert "The backend merges it in history[2], at 0.400000006." in text
    assert (
        "0.400000006 is what comes out if an edge weighs as much as the lightest of its pixel "
        "edges, or if only the second of two" in text
    )


def test_merge_without_an_edge_is_explained_by_the_missing_edge():
    text = explain_merges(graph([(0, 1, 0.8), (1, 2, 0.2)]), [(0, 0, 2, 0.9)])
    assert "There is no edge (0, 2) before this row" in text
    assert "No pixel edge of any stage" in text
    assert "The heaviest edge is (0, 1) at 0.800000012, and the heaviest edge merges first." in text


def test_edge_of_a_stage_that_has_not_begun_is_explained_by_its_stage():
    problem = graph([(0, 1, 0.6), (1, 2, 0.8)], [0.6, 0.4], stages=[0, 1])
    text = explain_merges(problem, [(0, 1, 2, 0.8)])
    assert "belong to stage 1, which has not begun" in text
    assert "comes out if the first stage adds the edges of all stages" not in text


NAMES = {
    "smallest": (CHAIN, [(0, 0, 1, 0.8), (0, 1, 2, 0.6)], "1 no longer names a super-vertex"),
    "meant": (CHAIN, [(0, 0, 1, 0.8), (0, 1, 2, 0.6)], "Otherwise this is the right merge."),
    "order": (CHAIN, [(0, 1, 0, 0.8)], "In a row of the history a must be less than b."),
    "one": (CHAIN, [(0, 0, 1, 0.8), (0, 0, 1, 0.6)], "already in the same super-vertex, 0"),
    "no vertex": (CHAIN, [(0, 0, 7, 0.8)], "There is no vertex 7: vertices are 0 .. 2."),
    "stage": (CHAIN, [(3, 0, 1, 0.8)], "There is no stage 3: stages are 0 .. 0."),
}


@pytest.mark.parametrize("name", NAMES)
def test_row_with_impossible_vertices_is_explained_by_them(name):
    problem, rows, words = NAMES[name]
    assert words in explain_merges(problem, rows)


def test_merge_in_a_stage_that_is_over_is_explained_by_the_stage():
    problem = graph([(0, 1, 0.8), (1, 2, 0.6)], [0.8, 0.4], stages=[1, 1])
    text = explain_merges(problem, [(1, 0, 1, 0.8), (0, 0, 2, 0.6)])
    assert "Stage 0 has ended before this row" in text


def test_origin_of_a_weight_goes_down_to_the_pixel_edges():
    rows = [(0, 0, 1, 1.0), (0, 0, 2, 0.5)]
    lines = explain_merges(graph(POOLED, [0.1]), rows).splitlines()
    start = lines.index("How (0, 2) comes to weigh 0.600000024:")
    assert lines[start + 1 : start + 4] == [
        "  when history[0] merged (0, 1), the edges (0, 2) and (1, 2) became one: totals and counts are "
        "added, (104856 + 13107) / (65535 * (2 + 1)) = 0.600000024",
        "    (0, 2) is 2 pixel edges of stage 0 (0-2: 52428, 2-0: 52428) pooled: "
        "104856 / (65535 * 2)",
        "    (1, 2) is the pixel edge 1-2 of stage 0, edges[3]: 13107 / 65535",
    ]


def test_long_origin_is_cut_short():
    ladder = [(0, i, 0.5 + i / 100) for i in range(1, 8)] + [(i, 8, 0.3) for i in range(8)]
    problem = graph(ladder, [0.1])
    rows = merge(problem, "networkx").history.copy()
    rows["weight"][-1] = 0.2
    text = explain_merges(problem, rows)
    assert "  (earlier steps are left out)" in text
    assert len(text.splitlines()) <= 16


def test_vertices_of_a_grid_are_shown_with_their_pixels():
    text = explain_merges(MergeProblem.from_grid(**GRID), [(0, 2, 3, 1.0)])
    assert "the reference merges (1 [0, 1], 2 [0, 2]) at 0.8" in text
    assert "There is no edge (2 [0, 2], 3 [1, 0]) before this row" in text
    assert "affinities[k, p] is the edge from pixel p to p + offset[k]" in text


def test_merge_of_a_pixel_outside_the_mask_is_explained():
    mask = np.array([[True, True, False], [True, True, True]])
    text = explain_merges(MergeProblem.from_grid(**GRID, mask=mask), [(0, 1, 2, 0.8)])
    assert "Vertex 2 [0, 2] lies outside the mask, so it is never merged." in text


def test_deep_merges_are_explained_without_a_recursion_error():
    count = 1100
    chain = [(i, i + 1, p) for i, p in enumerate(np.linspace(0.9, 0.8, count - 1))]
    problem = graph([*chain, (0, count - 1, 0.4)], [0.2], linkage="weighted")
    rows = merge(problem, "heap").history
    rows["weight"][-1] = 0.7
    assert "(earlier steps are left out)" not in explain_merges(problem, rows)
