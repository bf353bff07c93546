"""Worked cases for the linkages "single" and "complete": weights of combined edges, stages and ties.

Where several pixel edges join the same two super-vertices, "single" keeps the largest affinity and
"complete" the smallest. Most functions here give one case for either linkage, with the same edges.
"""

from merge_impls.conformance.cases.worked_case import WorkedCase, graph_problem
from merge_impls.problem import MergeProblem


def linkages_single_and_complete_cases() -> list[WorkedCase]:
    """Return the cases of all functions below."""
    return [
        case
        for cases in (
            _several_edges_between_two_vertices,
            _three_edges_joined,
            _one_edge_between_two_pairs,
            _weight_of_joined_edges,
            _tie_with_a_joined_edge,
            _tie_in_a_triangle,
            _affinity_of_zero,
            _stage_adds_to_an_edge,
            _stage_edges_between_super_vertices,
            _two_planes_in_two_stages,
        )
        for case in cases()
    ]


def _several_edges_between_two_vertices() -> list[WorkedCase]:
    edges = [(0, 1, 0.8), (1, 0, 0.6), (0, 1, 0.4)]
    return [
        WorkedCase(
            name=f"several edges between two, {linkage}",
            why=f"the weight is the {which} of 0.8, 0.6 and 0.4, whichever direction an edge has; the "
            "confidence is their mean, 0.6",
            problem=graph_problem(2, edges, [0.4], linkage),
            merges=[(0, 0, 1, weight)],
            labels=[1, 1],
            inside=[[0.8, 0.6, 0.4]],
        )
        for linkage, which, weight in (("single", "largest", 0.8), ("complete", "smallest", 0.4))
    ]


def _three_edges_joined() -> list[WorkedCase]:
    edges = [(0, 1, 1.0), (0, 2, 0.8), (2, 0, 0.6), (1, 2, 0.2)]
    return [
        WorkedCase(
            name=f"three pixel edges joined, {linkage}",
            why=why,
            problem=graph_problem(3, edges, [0.2], linkage),
            merges=[(0, 0, 1, 1.0), (0, 0, 2, weight)],
            labels=[1, 1, 1],
            inside=[[1.0, 0.8, 0.6, 0.2]],
        )
        for linkage, weight, why in (
            (
                "single",
                0.8,
                "(0, 2) weighs 0.8 and (1, 2) 0.2; the joined edge keeps the larger, 0.8",
            ),
            (
                "complete",
                0.2,
                "(0, 2) weighs 0.6 and (1, 2) 0.2; the joined edge keeps the smaller, 0.2",
            ),
        )
    ]


def _one_edge_between_two_pairs() -> list[WorkedCase]:
    edges = [(0, 1, 0.8), (2, 3, 0.8), (1, 2, 0.6), (0, 3, 0.2)]
    pairs = [(0, 2, 3, 0.8), (0, 0, 1, 0.8)]
    return [
        WorkedCase(
            name="row of four, single",
            why="the heavier edge between {0, 1} and {2, 3}, 0.6, decides that they merge; 0.2 is ignored",
            problem=graph_problem(4, edges, [0.4], "single"),
            merges=[*pairs, (0, 0, 2, 0.6)],
            labels=[1, 1, 1, 1],
            inside=[[0.8, 0.8, 0.6, 0.2]],
        ),
        WorkedCase(
            name="row of four, complete",
            why="the lighter edge between {0, 1} and {2, 3}, 0.2, decides that they stay separate",
            problem=graph_problem(4, edges, [0.4], "complete"),
            merges=pairs,
            labels=[1, 1, 2, 2],
            inside=[[0.8], [0.8]],
        ),
    ]


def _weight_of_joined_edges() -> list[WorkedCase]:
    edges = [(2, 3, 1.0), (1, 2, 0.8), (1, 3, 0.2), (0, 1, 0.6)]
    return [
        WorkedCase(
            name=f"weight that {what}, {linkage}",
            why=why,
            problem=graph_problem(4, edges, [0.2], linkage),
            merges=[(0, 2, 3, 1.0), *merges],
            labels=[1, 1, 1, 1],
            inside=[[1.0, 0.8, 0.2, 0.6]],
        )
        for linkage, what, why, merges in (
            (
                "single",
                "stayed",
                "after 2 and 3 merge, the edge (1, 2) weighs 0.8, so it merges before (0, 1)",
                [(0, 1, 2, 0.8), (0, 0, 1, 0.6)],
            ),
            (
                "complete",
                "fell",
                "after 2 and 3 merge, the edge (1, 2) weighs only 0.2, so (0, 1) merges before it",
                [(0, 0, 1, 0.6), (0, 0, 2, 0.2)],
            ),
        )
    ]


def _tie_with_a_joined_edge() -> list[WorkedCase]:
    return [
        WorkedCase(
            name=f"tie with a joined edge, {linkage}",
            why="(0, 2), joined from 0.6 and 0.8, weighs as much as (3, 4); the smaller name of (3, 4) is "
            "larger, so (3, 4) merges first",
            problem=graph_problem(
                5, [(0, 1, 1.0), (0, 2, 0.6), (1, 2, 0.8), (3, 4, weight)], [0.6], linkage
            ),
            merges=[(0, 0, 1, 1.0), (0, 3, 4, weight), (0, 0, 2, weight)],
            labels=[1, 1, 1, 2, 2],
            inside=[[1.0, 0.6, 0.8], [weight]],
        )
        for linkage, weight in (("single", 0.8), ("complete", 0.6))
    ]


def _tie_in_a_triangle() -> list[WorkedCase]:
    edges = [(0, 1, 0.8), (1, 2, 0.8), (0, 2, 0.2)]
    return [
        WorkedCase(
            name=f"tie of three, {linkage}",
            why=f"(1, 2) wins the tie with (0, 1); the edges 0.8 and 0.2 then become one that keeps the "
            f"{which} weight",
            problem=graph_problem(3, edges, [0.2], linkage),
            merges=[(0, 1, 2, 0.8), (0, 0, 1, weight)],
            labels=[1, 1, 1],
            inside=[[0.8, 0.8, 0.2]],
        )
        for linkage, which, weight in (("single", "larger", 0.8), ("complete", "smaller", 0.2))
    ]


def _affinity_of_zero() -> list[WorkedCase]:
    return [
        WorkedCase(
            name=f"an affinity of zero, {linkage}",
            why=why,
            problem=graph_problem(2, [(0, 1, 0.8), (0, 1, 0.0)], [0.0], linkage),
            merges=[(0, 0, 1, weight)],
            labels=[1, 1],
            inside=[[0.8, 0.0]],
        )
        for linkage, weight, why in (
            (
                "single",
                0.8,
                "the weight is the larger, 0.8; the affinity of 0 lowers the confidence",
            ),
            ("complete", 0.0, "the weight is the affinity of 0, which reaches a threshold of 0"),
        )
    ]


def _stage_adds_to_an_edge() -> list[WorkedCase]:
    edges = [(0, 1, 0.4), (2, 3, 0.8), (0, 1, 0.8), (2, 3, 0.2)]
    thresholds, stages = [1.0, 0.4], [0, 0, 1, 1]
    return [
        WorkedCase(
            name="stage adds to an edge, single",
            why="the edges of stage 1 raise (0, 1) from 0.4 to 0.8, and leave (2, 3) at 0.8",
            problem=graph_problem(4, edges, thresholds, "single", stages),
            merges=[(1, 2, 3, 0.8), (1, 0, 1, 0.8)],
            labels=[1, 1, 2, 2],
            inside=[[0.4, 0.8], [0.8, 0.2]],
        ),
        WorkedCase(
            name="stage adds to an edge, complete",
            why="the edges of stage 1 leave (0, 1) at 0.4, and lower (2, 3) from 0.8 to 0.2",
            problem=graph_problem(4, edges, thresholds, "complete", stages),
            merges=[(1, 0, 1, 0.4)],
            labels=[1, 1, 2, 3],
            inside=[[0.4, 0.8], [], []],
        ),
    ]


def _stage_edges_between_super_vertices() -> list[WorkedCase]:
    edges = [(0, 1, 1.0), (2, 3, 1.0), (0, 2, 0.8), (3, 1, 0.2), (1, 2, 0.6)]
    return [
        WorkedCase(
            name=f"stage begins between super-vertices, {linkage}",
            why=f"stage 1 adds three edges between {{0, 1}} and {{2, 3}}; the weight is the {which} of them",
            problem=graph_problem(4, edges, [1.0, 0.2], linkage, stages=[0, 0, 1, 1, 1]),
            merges=[(0, 2, 3, 1.0), (0, 0, 1, 1.0), (1, 0, 2, weight)],
            labels=[1, 1, 1, 1],
            inside=[[1.0, 1.0, 0.8, 0.2, 0.6]],
        )
        for linkage, which, weight in (("single", "largest", 0.8), ("complete", "smallest", 0.2))
    ]


def _grid_of_two_planes(linkage: str) -> MergeProblem:
    right = [[[0.8, 1.0]], [[0.6, 1.0]]]
    to_the_next_plane = [[[0.4, 0.0]], [[1.0, 1.0]]]
    return MergeProblem.from_grid(
        [right, to_the_next_plane],
        [(0, 0, 1), (1, 0, 0)],
        [0, 1],
        [0.6, 0.2],
        linkage=linkage,
    )


def _two_planes_in_two_stages() -> list[WorkedCase]:
    rows = [(0, 0, 1, 0.8), (0, 2, 3, 0.6)]
    return [
        WorkedCase(
            name="two planes, single",
            why="in stage 1, 0.4 (from 0 to 2) and 0.0 (from 1 to 3) join the planes; the larger counts",
            problem=_grid_of_two_planes("single"),
            merges=[*rows, (1, 0, 2, 0.4)],
            labels=[[[1, 1]], [[1, 1]]],
            inside=[[0.8, 0.6, 0.4, 0.0]],
        ),
        WorkedCase(
            name="two planes, complete",
            why="in stage 1, 0.4 (from 0 to 2) and 0.0 (from 1 to 3) join the planes; the smaller counts, "
            "and it is below the threshold",
            problem=_grid_of_two_planes("complete"),
            merges=rows,
            labels=[[[1, 1]], [[2, 2]]],
            inside=[[0.8], [0.6]],
        ),
    ]
