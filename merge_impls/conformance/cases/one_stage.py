"""Cases worked out by hand with one stage: which edge merges first, what joined edges weigh, when it ends."""

import numpy as np

from merge_impls.argument_checks import LINKAGES
from merge_impls.conformance.cases.worked_case import MEANS, WorkedCase, graph
from merge_impls.fixed_point_affinities import ONE
from merge_impls.problem import MergeProblem


def one_stage_cases() -> list[WorkedCase]:
    """Cases on explicit graphs with one stage."""
    return [
        _one_vertex(),
        *(_inherited(linkage) for linkage in LINKAGES),
        *(_inherited_twice(linkage) for linkage in LINKAGES),
        *(_row_of_four(linkage) for linkage in MEANS),
        *(_pixel_edges_count(linkage) for linkage in MEANS),
        *(_weight_that_fell(linkage) for linkage in MEANS),
        *(_several_edges(linkage) for linkage in MEANS),
        *(_sum_beyond_32_bits(linkage) for linkage in LINKAGES),
        *(_tie_of_three(linkage) for linkage in MEANS),
        *(_tie_at_one_vertex(linkage) for linkage in MEANS),
        _cross_edges("first", ab=0.99, cd=0.98, last=0.47938126),
        _cross_edges("last", ab=0.98, cd=0.99, last=0.47938123),
        *(_at_threshold(linkage) for linkage in LINKAGES),
        *(_threshold_of_one_half(linkage) for linkage in MEANS),
        *(_threshold_zero(linkage) for linkage in LINKAGES),
        *(_threshold_one(linkage) for linkage in LINKAGES),
        *(_numbering_by_first_vertex(linkage) for linkage in LINKAGES),
    ]


def _one_vertex() -> WorkedCase:
    return WorkedCase(
        name="one vertex",
        why="a vertex without edges is a segment of size 1 and confidence 0.0",
        problem=graph(1, [], [0.5], "average"),
        merges=[],
        labels=[1],
        inside=[[]],
    )


def _inherited(linkage: str) -> WorkedCase:
    return WorkedCase(
        name=f"inherited edge, {linkage}",
        why="(0, 1) goes first; the edge that only 1 had to 2 is inherited by 0 as it is",
        problem=graph(3, [(0, 1, 0.8), (1, 2, 0.6)], [0.6], linkage),
        merges=[(0, 0, 1, 0.8), (0, 0, 2, 0.6)],
        labels=[1, 1, 1],
        inside=[[0.8, 0.6]],
    )


def _inherited_twice(linkage: str) -> WorkedCase:
    return WorkedCase(
        name=f"edge inherited twice, {linkage}",
        why="(0, 3) becomes (0, 2) when 3 goes into 2, and (0, 1) when 2 goes into 1",
        problem=graph(4, [(2, 3, 1.0), (1, 2, 0.8), (0, 3, 0.6)], [0.6], linkage),
        merges=[(0, 2, 3, 1.0), (0, 1, 2, 0.8), (0, 0, 1, 0.6)],
        labels=[1, 1, 1, 1],
        inside=[[1.0, 0.8, 0.6]],
    )


def _row_of_four(linkage: str) -> WorkedCase:
    # q of 0.4, 0.1 and 0.5: 26214, 6554 (from 6553.5) and 32768 (from 32767.5), in all 65536.
    # average: 65536 / (3 * 65535). weighted: ((26214 + 6554) / 2 + 32768) / 2 = 24576 of 65535.
    last = {"average": 0.3333384, "weighted": 0.37500572}[linkage]
    edges = [(0, 1, 0.98), (2, 3, 0.99), (1, 2, 0.4), (1, 3, 0.1), (0, 2, 0.5)]
    return WorkedCase(
        name=f"row of four, {linkage}",
        why="(2, 3) is heavier and goes first; under 'weighted', (0, 1) first would give 0.275",
        problem=graph(4, edges, [0.3], linkage),
        merges=[(0, 2, 3, 0.9900053), (0, 0, 1, 0.9799954), (0, 0, 2, last)],
        labels=[1, 1, 1, 1],
        inside=[[0.98, 0.99, 0.4, 0.1, 0.5]],
    )


def _pixel_edges_count(linkage: str) -> WorkedCase:
    edges = [(0, 1, 1.0), (0, 2, 0.8), (0, 2, 0.8), (2, 0, 0.8), (1, 2, 0.0)]
    last = {"average": 0.6, "weighted": 0.4}[linkage]
    why = {
        "average": "(0.8 + 0.8 + 0.8 + 0.0) / 4: pixel edges count, neither super-edges nor sizes",
        "weighted": "(0.8 + 0.0) / 2: two super-edges count once each, however many edges they join",
    }[linkage]
    return WorkedCase(
        name=f"three pixel edges join one, {linkage}",
        why=why,
        problem=graph(3, edges, [0.4], linkage),
        merges=[(0, 0, 1, 1.0), (0, 0, 2, last)],
        labels=[1, 1, 1],
        inside=[[1.0, 0.8, 0.8, 0.8, 0.0]],
    )


def _weight_that_fell(linkage: str) -> WorkedCase:
    edges = [(2, 3, 1.0), (1, 2, 0.8), (1, 3, 0.2), (0, 1, 0.6)]
    return WorkedCase(
        name=f"weight that fell, {linkage}",
        why="once 2 and 3 are one, their edge to 1 weighs 0.5, not 0.8, so (0, 1) is heavier",
        problem=graph(4, edges, [0.4], linkage),
        merges=[(0, 2, 3, 1.0), (0, 0, 1, 0.6), (0, 0, 2, 0.5)],
        labels=[1, 1, 1, 1],
        inside=[[1.0, 0.8, 0.2, 0.6]],
    )


def _several_edges(linkage: str) -> WorkedCase:
    return WorkedCase(
        name=f"several edges between two, {linkage}",
        why="pooled in one division, in either direction: (0.8 + 0.6 + 0.4) / 3; pairwise is 0.55",
        problem=graph(2, [(0, 1, 0.8), (1, 0, 0.6), (0, 1, 0.4)], [0.6], linkage),
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
        why="66000 pixel edges of 1.0 are pooled; their sum needs 64 bits",
        problem=MergeProblem.from_edges(2, edges, np.ones(count), stages, [1.0], linkage=linkage),
        merges=[(0, 0, 1, 1.0)],
        labels=[1, 1],
        inside=[[1.0] * count],
    )


def _tie_of_three(linkage: str) -> WorkedCase:
    # The threshold is 32767 / 65535, the last fixed-point number below the final weight of 0.5.
    return WorkedCase(
        name=f"tie of three, {linkage}",
        why="two edges weigh 0.8; their smaller names are 0 and 1, so (1, 2) goes first",
        problem=graph(3, [(0, 1, 0.8), (1, 2, 0.8), (0, 2, 0.2)], [32767 / ONE], linkage),
        merges=[(0, 1, 2, 0.8), (0, 0, 1, 0.5)],
        labels=[1, 1, 1],
        inside=[[0.8, 0.8, 0.2]],
    )


def _tie_at_one_vertex(linkage: str) -> WorkedCase:
    return WorkedCase(
        name=f"tie at one vertex, {linkage}",
        why="both smaller names are 0; the larger ones are 1 and 2, so (0, 2) goes first; 0.5 is left",
        problem=graph(3, [(0, 1, 0.8), (0, 2, 0.8), (1, 2, 0.2)], [0.8], linkage),
        merges=[(0, 0, 2, 0.8)],
        labels=[1, 2, 1],
        inside=[[0.8], []],
    )


def _cross_edges(order: str, ab: float, cd: float, last: float) -> WorkedCase:
    cross = [(0, 2, 72 / ONE), (0, 3, 28691 / ONE), (1, 2, 36676 / ONE), (1, 3, 60226 / ONE)]
    first, second = ((0, 1, ab), (2, 3, cd)) if order == "first" else ((2, 3, cd), (0, 1, ab))
    merges = [(0, a, b, float(np.float32(round(p * ONE) / ONE))) for a, b, p in (first, second)]
    return WorkedCase(
        name=f"four cross edges, (0, 1) {order}",
        why="under 'weighted' float32 rounds after each join, so the order of two merges matters",
        problem=graph(4, [*cross, (0, 1, ab), (2, 3, cd)], [0.4], "weighted"),
        merges=[*merges, (0, 0, 2, last)],
        labels=[1, 1, 1, 1],
        inside=[[ab, cd, *(p for _, _, p in cross)]],
    )


def _at_threshold(linkage: str) -> WorkedCase:
    return WorkedCase(
        name=f"at the threshold, {linkage}",
        why="an edge that weighs exactly the threshold merges; one of 1 / 65535 less does not",
        problem=graph(4, [(0, 1, 0.8), (2, 3, 0.8 - 1 / ONE)], [0.8], linkage),
        merges=[(0, 0, 1, 0.8)],
        labels=[1, 1, 2, 3],
        inside=[[0.8], [], []],
    )


def _threshold_of_one_half(linkage: str) -> WorkedCase:
    return WorkedCase(
        name=f"a threshold of one half, {linkage}",
        why="fixed point has no 0.5: rint(0.5 * 65535) is 32768, so a mean of 0.5 lies below",
        problem=graph(3, [(0, 1, 0.8), (1, 2, 0.8), (0, 2, 0.2)], [0.5], linkage),
        merges=[(0, 1, 2, 0.8)],
        labels=[1, 2, 2],
        inside=[[], [0.8]],
    )


def _threshold_zero(linkage: str) -> WorkedCase:
    return WorkedCase(
        name=f"a threshold of zero, {linkage}",
        why="an edge of affinity 0 is still an edge and reaches 0; vertex 2 has no edge",
        problem=graph(3, [(0, 1, 0.0)], [0.0], linkage),
        merges=[(0, 0, 1, 0.0)],
        labels=[1, 1, 2],
        inside=[[0.0], []],
    )


def _threshold_one(linkage: str) -> WorkedCase:
    return WorkedCase(
        name=f"a threshold of one, {linkage}",
        why="1.0 reaches 1.0, and 65534 / 65535 does not",
        problem=graph(4, [(0, 1, 65534 / ONE), (2, 3, 1.0)], [1.0], linkage),
        merges=[(0, 2, 3, 1.0)],
        labels=[1, 2, 3, 3],
        inside=[[], [], [1.0]],
    )


def _numbering_by_first_vertex(linkage: str) -> WorkedCase:
    return WorkedCase(
        name=f"numbering, {linkage}",
        why="segments are numbered by their first vertex, not in the order of the merges",
        problem=graph(4, [(1, 3, 0.8), (0, 2, 0.6)], [0.6], linkage),
        merges=[(0, 1, 3, 0.8), (0, 0, 2, 0.6)],
        labels=[1, 2, 1, 2],
        inside=[[0.6], [0.8]],
    )
