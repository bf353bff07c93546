"""Cases worked out by hand for "single" and "complete": weights of edges, stages and ties.

"single" takes the largest affinity where "complete" takes the smallest. Both merge the same edges, except
that one affinity differs in the tie with a joined edge.
"""

from merge_impls.conformance.cases.worked_case import WorkedCase, graph
from merge_impls.problem import MergeProblem


def extremes_cases() -> list[WorkedCase]:
    """Cases for each rule, one with either linkage."""
    return [
        case
        for cases in (
            _several_edges_between_two,
            _three_edges_joined,
            _row_of_four,
            _weight_after_joining,
            _tie_with_a_joined_edge,
            _tie_of_three,
            _affinity_of_zero,
            _stage_adds_to_an_edge,
            _stage_between_super_vertices,
            _two_planes,
        )
        for case in cases()
    ]


def _several_edges_between_two() -> list[WorkedCase]:
    edges = [(0, 1, 0.8), (1, 0, 0.6), (0, 1, 0.4)]
    return [
        WorkedCase(
            name=f"several edges between two, {linkage}",
            why=f"the {which} of 0.8, 0.6 and 0.4 counts, in either direction; the confidence is 0.6",
            problem=graph(2, edges, [0.4], linkage),
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
            problem=graph(3, edges, [0.2], linkage),
            merges=[(0, 0, 1, 1.0), (0, 0, 2, weight)],
            labels=[1, 1, 1],
            inside=[[1.0, 0.8, 0.6, 0.2]],
        )
        for linkage, weight, why in (
            ("single", 0.8, "0.8 of (0, 2) and 0.2 of (1, 2): the larger is kept"),
            ("complete", 0.2, "0.6 of (0, 2) and 0.2 of (1, 2): the smaller is kept"),
        )
    ]


def _row_of_four() -> list[WorkedCase]:
    edges = [(0, 1, 0.8), (2, 3, 0.8), (1, 2, 0.6), (0, 3, 0.2)]
    pairs = [(0, 2, 3, 0.8), (0, 0, 1, 0.8)]
    return [
        WorkedCase(
            name="row of four, single",
            why="one edge of 0.6 joins {0, 1} to {2, 3}, whatever the others weigh",
            problem=graph(4, edges, [0.4], "single"),
            merges=[*pairs, (0, 0, 2, 0.6)],
            labels=[1, 1, 1, 1],
            inside=[[0.8, 0.8, 0.6, 0.2]],
        ),
        WorkedCase(
            name="row of four, complete",
            why="one edge of 0.2 keeps {0, 1} from {2, 3}, whatever the others weigh",
            problem=graph(4, edges, [0.4], "complete"),
            merges=pairs,
            labels=[1, 1, 2, 2],
            inside=[[0.8], [0.8]],
        ),
    ]


def _weight_after_joining() -> list[WorkedCase]:
    edges = [(2, 3, 1.0), (1, 2, 0.8), (1, 3, 0.2), (0, 1, 0.6)]
    return [
        WorkedCase(
            name=f"weight that {what}, {linkage}",
            why=why,
            problem=graph(4, edges, [0.2], linkage),
            merges=[(0, 2, 3, 1.0), *merges],
            labels=[1, 1, 1, 1],
            inside=[[1.0, 0.8, 0.2, 0.6]],
        )
        for linkage, what, why, merges in (
            (
                "single",
                "stayed",
                "once 2 and 3 are one, their edge to 1 weighs 0.8, so it goes before (0, 1)",
                [(0, 1, 2, 0.8), (0, 0, 1, 0.6)],
            ),
            (
                "complete",
                "fell",
                "once 2 and 3 are one, their edge to 1 weighs 0.2, so (0, 1) goes before it",
                [(0, 0, 1, 0.6), (0, 0, 2, 0.2)],
            ),
        )
    ]


def _tie_with_a_joined_edge() -> list[WorkedCase]:
    return [
        WorkedCase(
            name=f"tie with a joined edge, {linkage}",
            why="(0, 2), joined from 0.6 and 0.8, weighs as much as (3, 4), whose smaller end is larger",
            problem=graph(
                5, [(0, 1, 1.0), (0, 2, 0.6), (1, 2, 0.8), (3, 4, weight)], [0.6], linkage
            ),
            merges=[(0, 0, 1, 1.0), (0, 3, 4, weight), (0, 0, 2, weight)],
            labels=[1, 1, 1, 2, 2],
            inside=[[1.0, 0.6, 0.8], [weight]],
        )
        for linkage, weight in (("single", 0.8), ("complete", 0.6))
    ]


def _tie_of_three() -> list[WorkedCase]:
    edges = [(0, 1, 0.8), (1, 2, 0.8), (0, 2, 0.2)]
    return [
        WorkedCase(
            name=f"tie of three, {linkage}",
            why=f"(1, 2) goes first; of 0.8 and 0.2 the {which} is left",
            problem=graph(3, edges, [0.2], linkage),
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
            why="0.0 is a pixel edge all the same: no other is smaller, and it reaches a threshold of 0",
            problem=graph(2, [(0, 1, 0.8), (0, 1, 0.0)], [0.0], linkage),
            merges=[(0, 0, 1, weight)],
            labels=[1, 1],
            inside=[[0.8, 0.0]],
        )
        for linkage, weight in (("single", 0.8), ("complete", 0.0))
    ]


def _stage_adds_to_an_edge() -> list[WorkedCase]:
    edges = [(0, 1, 0.4), (2, 3, 0.8), (0, 1, 0.8), (2, 3, 0.2)]
    thresholds, stages = [1.0, 0.4], [0, 0, 1, 1]
    return [
        WorkedCase(
            name="stage adds to an edge, single",
            why="stage 1 raises (0, 1) from 0.4 to 0.8 and leaves the 0.8 of (2, 3) as it is",
            problem=graph(4, edges, thresholds, "single", stages),
            merges=[(1, 2, 3, 0.8), (1, 0, 1, 0.8)],
            labels=[1, 1, 2, 2],
            inside=[[0.4, 0.8], [0.8, 0.2]],
        ),
        WorkedCase(
            name="stage adds to an edge, complete",
            why="stage 1 leaves the 0.4 of (0, 1) as it is and lowers (2, 3) from 0.8 to 0.2",
            problem=graph(4, edges, thresholds, "complete", stages),
            merges=[(1, 0, 1, 0.4)],
            labels=[1, 1, 2, 3],
            inside=[[0.4, 0.8], [], []],
        ),
    ]


def _stage_between_super_vertices() -> list[WorkedCase]:
    edges = [(0, 1, 1.0), (2, 3, 1.0), (0, 2, 0.8), (3, 1, 0.2), (1, 2, 0.6)]
    return [
        WorkedCase(
            name=f"stage begins between super-vertices, {linkage}",
            why=f"of the stage's three edges between {{0, 1}} and {{2, 3}} the {which} counts",
            problem=graph(4, edges, [1.0, 0.2], linkage, stages=[0, 0, 1, 1, 1]),
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


def _two_planes() -> list[WorkedCase]:
    rows = [(0, 0, 1, 0.8), (0, 2, 3, 0.6)]
    return [
        WorkedCase(
            name="two planes, single",
            why="stage 1 joins the planes by the larger of 0.4, from 0 to 2, and 0.0, from 1 to 3",
            problem=_grid_of_two_planes("single"),
            merges=[*rows, (1, 0, 2, 0.4)],
            labels=[[[1, 1]], [[1, 1]]],
            inside=[[0.8, 0.6, 0.4, 0.0]],
        ),
        WorkedCase(
            name="two planes, complete",
            why="the 0.0 from 1 to 3 keeps the planes apart, whatever joins 0 and 2",
            problem=_grid_of_two_planes("complete"),
            merges=rows,
            labels=[[[1, 1]], [[2, 2]]],
            inside=[[0.8], [0.6]],
        ),
    ]
