"""Worked cases with several stages: what a later stage adds to the graph, and what it keeps."""

from merge_impls.argument_checks import LINKAGES
from merge_impls.conformance.cases.worked_case import MEAN_LINKAGES, WorkedCase, graph_problem


def several_stages_cases() -> list[WorkedCase]:
    """Return the cases on explicit graphs with several stages."""
    return [
        *(_stage_adds_to_an_edge(linkage) for linkage in MEAN_LINKAGES),
        *(_stage_edges_pooled_before_joining(linkage) for linkage in MEAN_LINKAGES),
        *(_later_edge_inside_a_segment(linkage) for linkage in LINKAGES),
        *(_stages_without_edges(linkage) for linkage in LINKAGES),
        *(_rising_thresholds(linkage) for linkage in MEAN_LINKAGES),
    ]


def _stage_adds_to_an_edge(linkage: str) -> WorkedCase:
    edges = [(0, 1, 0.8), (1, 0, 0.8), (0, 1, 0.2)]
    weight, why = {
        "average": (0.6, "(0.8 + 0.8 + 0.2) / 3: totals and counts of both stages are added"),
        "weighted": (0.5, "(0.8 + 0.2) / 2: the old edge and the new edge each count once"),
    }[linkage]
    return WorkedCase(
        name=f"stage adds to an edge, {linkage}",
        why=why,
        problem=graph_problem(2, edges, [1.0, 0.4], linkage, stages=[0, 0, 1]),
        merges=[(1, 0, 1, weight)],
        labels=[1, 1],
        inside=[[0.8, 0.8, 0.2]],
    )


def _stage_edges_pooled_before_joining(linkage: str) -> WorkedCase:
    edges = [(0, 1, 1.0), (2, 3, 1.0), (0, 2, 0.8), (3, 1, 0.2), (1, 2, 0.8)]
    return WorkedCase(
        name=f"stage begins between super-vertices, {linkage}",
        why="stage 1 adds three edges between {0, 1} and {2, 3}; they are pooled by one division, "
        "(0.8 + 0.2 + 0.8) / 3",
        problem=graph_problem(4, edges, [1.0, 0.6], linkage, stages=[0, 0, 1, 1, 1]),
        merges=[(0, 2, 3, 1.0), (0, 0, 1, 1.0), (1, 0, 2, 0.6)],
        labels=[1, 1, 1, 1],
        inside=[[1.0, 1.0, 0.8, 0.2, 0.8]],
    )


def _later_edge_inside_a_segment(linkage: str) -> WorkedCase:
    edges = [(0, 1, 0.8), (0, 1, 0.2), (1, 2, 0.6)]
    return WorkedCase(
        name=f"later edge inside a segment, {linkage}",
        why="stage 1 has an edge of 0.2 between 0 and 1, which have merged: only the confidence uses it",
        problem=graph_problem(3, edges, [0.8, 0.6], linkage, stages=[0, 1, 1]),
        merges=[(0, 0, 1, 0.8), (1, 0, 2, 0.6)],
        labels=[1, 1, 1],
        inside=[[0.8, 0.2, 0.6]],
    )


def _stages_without_edges(linkage: str) -> WorkedCase:
    return WorkedCase(
        name=f"stages without edges, {linkage}",
        why="stage 0 has no edges and merges nothing; stage 2 has none of its own, but merges the edge of "
        "stage 1, which did not reach the threshold of stage 1",
        problem=graph_problem(2, [(0, 1, 0.6)], [0.0, 0.8, 0.6], linkage, stages=[1]),
        merges=[(2, 0, 1, 0.6)],
        labels=[1, 1],
        inside=[[0.6]],
    )


def _rising_thresholds(linkage: str) -> WorkedCase:
    edges = [(0, 1, 0.6), (1, 2, 0.2), (2, 3, 0.6), (1, 2, 0.8)]
    return WorkedCase(
        name=f"rising thresholds, {linkage}",
        why="stage 1 has the higher threshold, 0.8: the edge (2, 3) of 0.6 does not reach it, nor does "
        "the edge between {0, 1} and 2, whose 0.8 of stage 1 and 0.2 of stage 0 give 0.5",
        problem=graph_problem(4, edges, [0.4, 0.8], linkage, stages=[0, 0, 1, 1]),
        merges=[(0, 0, 1, 0.6)],
        labels=[1, 1, 2, 3],
        inside=[[0.6], [], []],
    )
