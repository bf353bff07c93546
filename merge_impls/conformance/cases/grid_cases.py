"""Cases worked out by hand on grids: which edges a grid has, and how its segments are numbered.

An affinity whose edge would leave the grid or the mask is 1.0, so that a backend that uses it merges
wrongly.
"""

from merge_impls.argument_checks import LINKAGES
from merge_impls.conformance.cases.worked_case import MEANS, WorkedCase
from merge_impls.problem import MergeProblem


def grid_cases() -> list[WorkedCase]:
    """Cases on 2-D and 3-D grids."""
    return [
        *(_two_rows(linkage) for linkage in LINKAGES),
        *(_negative_offset(linkage) for linkage in LINKAGES),
        *(_negative_offset_in_3d(linkage) for linkage in LINKAGES),
        *(_masked_pixel(linkage) for linkage in LINKAGES),
        _nothing_in_the_mask(),
        _longer_than_the_grid(),
        *(_two_planes(linkage) for linkage in MEANS),
    ]


def _two_rows(linkage: str) -> WorkedCase:
    to_the_right = [[0.2, 0.8, 1.0], [0.6, 0.2, 1.0]]
    return WorkedCase(
        name=f"two rows, {linkage}",
        why="the last pixel of a row has no neighbour to the right, not even the next row's first",
        problem=MergeProblem.from_grid([to_the_right], [(0, 1)], [0], [0.6], linkage=linkage),
        merges=[(0, 1, 2, 0.8), (0, 3, 4, 0.6)],
        labels=[[1, 2, 2], [3, 3, 4]],
        inside=[[], [0.8], [0.6], []],
    )


def _negative_offset(linkage: str) -> WorkedCase:
    down_left = [[1.0, 0.8], [1.0, 1.0]]
    return WorkedCase(
        name=f"offset with a negative component, {linkage}",
        why="value [0, 1] is the edge from pixel [0, 1] to [1, 0], so from 1 to 2; no other value is an edge",
        problem=MergeProblem.from_grid([down_left], [(1, -1)], [0], [0.8], linkage=linkage),
        merges=[(0, 1, 2, 0.8)],
        labels=[[1, 2], [2, 3]],
        inside=[[], [0.8], []],
    )


def _negative_offset_in_3d(linkage: str) -> WorkedCase:
    down_left = [[[1.0], [0.8]], [[1.0], [1.0]]]
    return WorkedCase(
        name=f"3-D offset with a negative component, {linkage}",
        why="value [0, 1, 0] is the edge to [1, 0, 0], so from 1 to 2; no other value is an edge",
        problem=MergeProblem.from_grid([down_left], [(1, -1, 0)], [0], [0.8], linkage=linkage),
        merges=[(0, 1, 2, 0.8)],
        labels=[[[1], [2]], [[2], [3]]],
        inside=[[], [0.8], []],
    )


def _masked_pixel(linkage: str) -> WorkedCase:
    right = [[1.0, 1.0, 1.0], [0.2, 0.8, 1.0]]
    down = [[0.6, 1.0, 0.6], [1.0, 1.0, 1.0]]
    mask = [[True, False, True], [True, True, True]]
    return WorkedCase(
        name=f"mask, {linkage}",
        why="pixel 1 is masked: label 0, no edges, and the others keep their raster index as name",
        problem=MergeProblem.from_grid(
            [right, down], [(0, 1), (1, 0)], [0, 0], [0.6], mask=mask, linkage=linkage
        ),
        # The first merge turns (2, 5) into (2, 4), which wins the tie at 0.6 against (0, 3).
        merges=[(0, 4, 5, 0.8), (0, 2, 4, 0.6), (0, 0, 3, 0.6)],
        labels=[[1, 0, 2], [1, 2, 2]],
        inside=[[0.6], [0.8, 0.6]],
    )


def _nothing_in_the_mask() -> WorkedCase:
    right = [[1.0, 1.0], [1.0, 1.0]]
    mask = [[False, False], [False, False]]
    return WorkedCase(
        name="nothing in the mask",
        why="no vertices, no segments: every label is 0 and the other arrays are empty",
        problem=MergeProblem.from_grid([right], [(0, 1)], [0], [0.0], mask=mask),
        merges=[],
        labels=[[0, 0], [0, 0]],
        inside=[],
    )


def _longer_than_the_grid() -> WorkedCase:
    right = [[0.8, 1.0], [0.8, 1.0]]
    far = [[1.0, 1.0], [1.0, 1.0]]
    offsets = [(0, 1), (0, 5), (3, 0)]
    return WorkedCase(
        name="offsets longer than the grid",
        why="(0, 5) and (3, 0) join no two pixels; of the tie at 0.8 (2, 3) goes before (0, 1)",
        problem=MergeProblem.from_grid([right, far, far], offsets, [0, 0, 0], [0.8]),
        merges=[(0, 2, 3, 0.8), (0, 0, 1, 0.8)],
        labels=[[1, 1], [2, 2]],
        inside=[[0.8], [0.8]],
    )


def _two_planes(linkage: str) -> WorkedCase:
    right = [[[0.8, 1.0]], [[0.6, 1.0]]]
    to_the_next_plane = [[[0.4, 0.0]], [[1.0, 1.0]]]
    return WorkedCase(
        name=f"two planes, {linkage}",
        why="stage 1 joins the planes by the mean of 0.4, from 0 to 2, and 0.0, from 1 to 3",
        problem=MergeProblem.from_grid(
            [right, to_the_next_plane],
            [(0, 0, 1), (1, 0, 0)],
            [0, 1],
            [0.6, 0.2],
            linkage=linkage,
        ),
        merges=[(0, 0, 1, 0.8), (0, 2, 3, 0.6), (1, 0, 2, 0.2)],
        labels=[[[1, 1]], [[1, 1]]],
        inside=[[0.8, 0.6, 0.4, 0.0]],
    )
