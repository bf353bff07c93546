"""Worked cases with one stage: which edge merges first, what joined edges weigh, and when the stage ends."""

import numpy as np

from merge_impls.argument_checks import LINKAGES
from merge_impls.conformance.cases.worked_case import MEAN_LINKAGES, WorkedCase, graph_problem
from merge_impls.fixed_point_affinities import ONE
from merge_impls.problem import MergeProblem


def one_stage_cases() -> list[WorkedCase]:
    """Return the cases on explicit graphs with one stage."""
    return [
        _one_vertex(),
        *(_inherited_edge(linkage) for linkage in LINKAGES),
        *(_edge_inherited_twice(linkage) for linkage in LINKAGES),
        *(_two_pairs_joined_by_three_edges(linkage) for linkage in MEAN_LINKAGES),
        *(_three_pixel_edges_join_one(linkage) for linkage in MEAN_LINKAGES),
        *(_weight_falls_when_edges_join(linkage) for linkage in MEAN_LINKAGES),
        *(_several_edges_between_two_vertices(linkage) for linkage in MEAN_LINKAGES),
        *(_sum_beyond_32_bits(linkage) for linkage in LINKAGES),
        *(_tie_in_a_triangle(linkage) for linkage in MEAN_LINKAGES),
        *(_tie_at_one_vertex(linkage) for linkage in MEAN_LINKAGES),
        _four_cross_edges("first", ab=0.99, cd=0.98, last=0.47938126),
        _four_cross_edges("last", ab=0.98, cd=0.99, last=0.47938123),
        *(_weight_equal_to_the_threshold(linkage) for linkage in LINKAGES),
        *(_threshold_of_one_half(linkage) for linkage in MEAN_LINKAGES),
        *(_threshold_zero(linkage) for linkage in LINKAGES),
        *(_threshold_one(linkage) for linkage in LINKAGES),
        *(_segments_numbered_by_first_vertex(linkage) for linkage in LINKAGES),
    ]


def _one_vertex() -> WorkedCase:
    return WorkedCase(
        name="one vertex",
        why="a vertex without edges is a segment of size 1 and confidence 0.0",
        problem=graph_problem(1, [], [0.5], "average"),
        merges=[],
        labels=[1],
        inside=[[]],
    )


def _inherited_edge(linkage: str) -> WorkedCase:
    return WorkedCase(
        name=f"inherited edge, {linkage}",
        why="when (0, 1) merges, the edge (1, 2) becomes (0, 2); 0 had no edge to 2, so the weight stays 0.6",
        problem=graph_problem(3, [(0, 1, 0.8), (1, 2, 0.6)], [0.6], linkage),
        merges=[(0, 0, 1, 0.8), (0, 0, 2, 0.6)],
        labels=[1, 1, 1],
        inside=[[0.8, 0.6]],
    )


def _edge_inherited_twice(linkage: str) -> WorkedCase:
    return WorkedCase(
        name=f"edge inherited twice, {linkage}",
        why="the edge (0, 3) becomes (0, 2) when (2, 3) merges, and (0, 1) when (1, 2) merges",
        problem=graph_problem(4, [(2, 3, 1.0), (1, 2, 0.8), (0, 3, 0.6)], [0.6], linkage),
        merges=[(0, 2, 3, 1.0), (0, 1, 2, 0.8), (0, 0, 1, 0.6)],
        labels=[1, 1, 1, 1],
        inside=[[1.0, 0.8, 0.6]],
    )


def _two_pairs_joined_by_three_edges(linkage: str) -> WorkedCase:
    # In fixed point, 0.4, 0.1 and 0.5 are 26214, 6554 (from 6553.5) and 32768 (from 32767.5).
    # "average": (26214 + 6554 + 32768) / (3 * 65535). "weighted": ((26214 + 6554) / 2 + 32768) / 2 / 65535.
    last = {"average": 0.3333384, "weighted": 0.37500572}[linkage]
    edges = [(0, 1, 0.98), (2, 3, 0.99), (1, 2, 0.4), (1, 3, 0.1), (0, 2, 0.5)]
    return WorkedCase(
        name=f"row of four, {linkage}",
        why="(2, 3) is heavier than (0, 1) and merges first; with linkage 'weighted', merging (0, 1) first "
        "would give (0, 2) the weight 0.275",
        problem=graph_problem(4, edges, [0.3], linkage),
        merges=[(0, 2, 3, 0.9900053), (0, 0, 1, 0.9799954), (0, 0, 2, last)],
        labels=[1, 1, 1, 1],
        inside=[[0.98, 0.99, 0.4, 0.1, 0.5]],
    )


def _three_pixel_edges_join_one(linkage: str) -> WorkedCase:
    edges = [(0, 1, 1.0), (0, 2, 0.8), (0, 2, 0.8), (2, 0, 0.8), (1, 2, 0.0)]
    last = {"average": 0.6, "weighted": 0.4}[linkage]
    why = {
        "average": "(0.8 + 0.8 + 0.8 + 0.0) / 4: each pixel edge counts once",
        "weighted": "(0.8 + 0.0) / 2: each super-edge counts once, however many pixel edges it has",
    }[linkage]
    return WorkedCase(
        name=f"three pixel edges join one, {linkage}",
        why=why,
        problem=graph_problem(3, edges, [0.4], linkage),
        merges=[(0, 0, 1, 1.0), (0, 0, 2, last)],
        labels=[1, 1, 1],
        inside=[[1.0, 0.8, 0.8, 0.8, 0.0]],
    )


def _weight_falls_when_edges_join(linkage: str) -> WorkedCase:
    edges = [(2, 3, 1.0), (1, 2, 0.8), (1, 3, 0.2), (0, 1, 0.6)]
    return WorkedCase(
        name=f"weight that fell, {linkage}",
        why="after 2 and 3 merge, the edge (1, 2) weighs 0.5 and no longer 0.8, so (0, 1) merges before it",
        problem=graph_problem(4, edges, [0.4], linkage),
        merges=[(0, 2, 3, 1.0), (0, 0, 1, 0.6), (0, 0, 2, 0.5)],
        labels=[1, 1, 1, 1],
        inside=[[1.0, 0.8, 0.2, 0.6]],
    )


def _several_edges_between_two_vertices(linkage: str) -> WorkedCase:
    return WorkedCase(
        name=f"several edges between two, {linkage}",
        why="all pixel edges of a pair, in either direction, are pooled by one division: "
        "(0.8 + 0.6 + 0.4) / 3; means of two at a time would give 0.55",
        problem=graph_problem(2, [(0, 1, 0.8), (1, 0, 0.6), (0, 1, 0.4)], [0.6], linkage),
        merges=[(0, 0, 1, 0.6)],
        labels=[1, 1],
        inside=[[0.8, 0.6, 0.4]],
    )


def _sum_beyond_32_bits(linkage: str) -> WorkedCase:
    # 66000 * 65535 = 4325310000, and 2**32 = 4294967296.
    count = 66000
    edges = np.tile([(0, 1), (1, 0)], (count // 2, 1))
    stages = np.zeros(count, np.int32)
    return WorkedCase(
        name=f"sum beyond 32 bits, {linkage}",
        why="66000 pixel edges of affinity 1 are pooled; their sum, 66000 * 65535, needs more than 32 bits",
        problem=MergeProblem.from_edges(2, edges, np.ones(count), stages, [1.0], linkage=linkage),
        merges=[(0, 0, 1, 1.0)],
        labels=[1, 1],
        inside=[[1.0] * count],
    )


def _tie_in_a_triangle(linkage: str) -> WorkedCase:
    # The threshold is 32767 / 65535, the largest fixed-point number below the last weight, 0.5.
    return WorkedCase(
        name=f"tie of three, {linkage}",
        why="(0, 1) and (1, 2) weigh 0.8; the smaller name of (1, 2) is larger, so (1, 2) merges first",
        problem=graph_problem(3, [(0, 1, 0.8), (1, 2, 0.8), (0, 2, 0.2)], [32767 / ONE], linkage),
        merges=[(0, 1, 2, 0.8), (0, 0, 1, 0.5)],
        labels=[1, 1, 1],
        inside=[[0.8, 0.8, 0.2]],
    )


def _tie_at_one_vertex(linkage: str) -> WorkedCase:
    return WorkedCase(
        name=f"tie at one vertex, {linkage}",
        why="(0, 1) and (0, 2) weigh 0.8; their smaller names are equal, and the larger name of (0, 2) is "
        "larger, so (0, 2) merges first; the joined edge of 0.5 stays below the threshold",
        problem=graph_problem(3, [(0, 1, 0.8), (0, 2, 0.8), (1, 2, 0.2)], [0.8], linkage),
        merges=[(0, 0, 2, 0.8)],
        labels=[1, 2, 1],
        inside=[[0.8], []],
    )


def _four_cross_edges(order: str, ab: float, cd: float, last: float) -> WorkedCase:
    cross = [(0, 2, 72 / ONE), (0, 3, 28691 / ONE), (1, 2, 36676 / ONE), (1, 3, 60226 / ONE)]
    first, second = ((0, 1, ab), (2, 3, cd)) if order == "first" else ((2, 3, cd), (0, 1, ab))
    merges = [(0, a, b, float(np.float32(round(p * ONE) / ONE))) for a, b, p in (first, second)]
    return WorkedCase(
        name=f"four cross edges, (0, 1) {order}",
        why="with linkage 'weighted', each joined weight is rounded to float32, so the last weight depends "
        "on which of (0, 1) and (2, 3) merges first",
        problem=graph_problem(4, [*cross, (0, 1, ab), (2, 3, cd)], [0.4], "weighted"),
        merges=[*merges, (0, 0, 2, last)],
        labels=[1, 1, 1, 1],
        inside=[[ab, cd, *(p for _, _, p in cross)]],
    )


def _weight_equal_to_the_threshold(linkage: str) -> WorkedCase:
    return WorkedCase(
        name=f"at the threshold, {linkage}",
        why="an edge whose weight equals the threshold merges; an edge that weighs 1 / 65535 less does not",
        problem=graph_problem(4, [(0, 1, 0.8), (2, 3, 0.8 - 1 / ONE)], [0.8], linkage),
        merges=[(0, 0, 1, 0.8)],
        labels=[1, 1, 2, 3],
        inside=[[0.8], [], []],
    )


def _threshold_of_one_half(linkage: str) -> WorkedCase:
    return WorkedCase(
        name=f"a threshold of one half, {linkage}",
        why="the threshold becomes rint(0.5 * 65535) / 65535 = 32768 / 65535, so a weight of 0.5 is below it",
        problem=graph_problem(3, [(0, 1, 0.8), (1, 2, 0.8), (0, 2, 0.2)], [0.5], linkage),
        merges=[(0, 1, 2, 0.8)],
        labels=[1, 2, 2],
        inside=[[], [0.8]],
    )


def _threshold_zero(linkage: str) -> WorkedCase:
    return WorkedCase(
        name=f"a threshold of zero, {linkage}",
        why="an edge of affinity 0 is still an edge, and it reaches a threshold of 0; vertex 2 has no edge",
        problem=graph_problem(3, [(0, 1, 0.0)], [0.0], linkage),
        merges=[(0, 0, 1, 0.0)],
        labels=[1, 1, 2],
        inside=[[0.0], []],
    )


def _threshold_one(linkage: str) -> WorkedCase:
    return WorkedCase(
        name=f"a threshold of one, {linkage}",
        why="an affinity of 1.0 reaches a threshold of 1.0; 65534 / 65535 does not",
        problem=graph_problem(4, [(0, 1, 65534 / ONE), (2, 3, 1.0)], [1.0], linkage),
        merges=[(0, 2, 3, 1.0)],
        labels=[1, 2, 3, 3],
        inside=[[], [], [1.0]],
    )


def _segments_numbered_by_first_vertex(linkage: str) -> WorkedCase:
    return WorkedCase(
        name=f"numbering, {linkage}",
        why="segments are numbered in the order of their first vertices, not in the order of the merges",
        problem=graph_problem(4, [(1, 3, 0.8), (0, 2, 0.6)], [0.6], linkage),
        merges=[(0, 1, 3, 0.8), (0, 0, 2, 0.6)],
        labels=[1, 2, 1, 2],
        inside=[[0.6], [0.8]],
    )
