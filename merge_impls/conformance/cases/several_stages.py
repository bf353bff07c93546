"""Cases worked out by hand with several stages: what a later stage adds and what it keeps."""

from merge_impls.argument_checks import LINKAGES
from merge_impls.conformance.cases.worked_case import MEANS, WorkedCase, graph


def several_stages_cases() -> list[WorkedCase]:
    """Cases on explicit graphs with several stages."""
    return [
        *(_added_to_an_edge(linkage) for linkage in MEANS),
        *(_pooled_before_added(linkage) for linkage in MEANS),
        *(_inside_a_segment(linkage) for linkage in LINKAGES),
        *(_stages_without_edges(linkage) for linkage in LINKAGES),
        *(_rising_thresholds(linkage) for linkage in MEANS),
    ]


def _added_to_an_edge(linkage: str) -> WorkedCase:
    edges = [(0, 1, 0.8), (1, 0, 0.8), (0, 1, 0.2)]
    weight, why = {
        "average": (0.6, "(0.8 + 0.8 + 0.2) / 3: totals and counts of both stages add"),
        "weighted": (0.5, "(0.8 + 0.2) / 2: the old edge and the new one each count once"),
    }[linkage]
    return WorkedCase(
        name=f"stage adds to an edge, {linkage}",
        why=why,
        problem=graph(2, edges, [1.0, 0.4], linkage, stages=[0, 0, 1]),
        merges=[(1, 0, 1, weight)],
        labels=[1, 1],
        inside=[[0.8, 0.8, 0.2]],
    )


def _pooled_before_added(linkage: str) -> WorkedCase:
    edges = [(0, 1, 1.0), (2, 3, 1.0), (0, 2, 0.8), (3, 1, 0.2), (1, 2, 0.8)]
    return WorkedCase(
        name=f"stage begins between super-vertices, {linkage}",
        why="the stage's three edges between {0, 1} and {2, 3} are pooled at once: 1.8 / 3",
        problem=graph(4, edges, [1.0, 0.6], linkage, stages=[0, 0, 1, 1, 1]),
        merges=[(0, 2, 3, 1.0), (0, 0, 1, 1.0), (1, 0, 2, 0.6)],
        labels=[1, 1, 1, 1],
        inside=[[1.0, 1.0, 0.8, 0.2, 0.8]],
    )


def _inside_a_segment(linkage: str) -> WorkedCase:
    edges = [(0, 1, 0.8), (0, 1, 0.2), (1, 2, 0.6)]
    return WorkedCase(
        name=f"later edge inside a segment, {linkage}",
        why="the edge of 0.2 is added after 0 and 1 merged: only the confidence counts it",
        problem=graph(3, edges, [0.8, 0.6], linkage, stages=[0, 1, 1]),
        merges=[(0, 0, 1, 0.8), (1, 0, 2, 0.6)],
        labels=[1, 1, 1],
        inside=[[0.8, 0.2, 0.6]],
    )


def _stages_without_edges(linkage: str) -> WorkedCase:
    return WorkedCase(
        name=f"stages without edges, {linkage}",
        why="stage 0 has no edges; stage 2 merges an edge that was too light in stage 1",
        problem=graph(2, [(0, 1, 0.6)], [0.0, 0.8, 0.6], linkage, stages=[1]),
        merges=[(2, 0, 1, 0.6)],
        labels=[1, 1],
        inside=[[0.6]],
    )


def _rising_thresholds(linkage: str) -> WorkedCase:
    edges = [(0, 1, 0.6), (1, 2, 0.2), (2, 3, 0.6), (1, 2, 0.8)]
    return WorkedCase(
        name=f"rising thresholds, {linkage}",
        why="stage 1 needs 0.8: its edge of 0.6 is too light, and 0.8 with the earlier 0.2 is 0.5",
        problem=graph(4, edges, [0.4, 0.8], linkage, stages=[0, 0, 1, 1]),
        merges=[(0, 0, 1, 0.6)],
        labels=[1, 1, 2, 3],
        inside=[[0.6], [], []],
    )
