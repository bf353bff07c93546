"""Worked cases on grids: which edges a grid has, and how its segments are numbered.

Affinities whose edge would leave the grid or the mask are ignored. Here they are 1.0, so that a
backend that uses one of them gives a wrong result.
"""

from merge_impls.argument_checks import LINKAGES
from merge_impls.conformance.cases.worked_case import MEAN_LINKAGES, WorkedCase
from merge_impls.problem import MergeProblem


def grid_cases() -> list[WorkedCase]:
    """Return the cases on 2-D and 3-D grids."""
    return [
        *(_no_edge_from_row_to_row(linkage) for linkage in LINKAGES),
        *(_negative_offset(linkage) for linkage in LINKAGES),
        *(_negative_offset_in_3d(linkage) for linkage in LINKAGES),
        *(_pixel_outside_the_mask(linkage) for linkage in LINKAGES),
        _empty_mask(),
        _offsets_longer_than_the_grid(),
        *(_planes_joined_by_means(linkage) for linkage in MEAN_LINKAGES),
    ]


def _no_edge_from_row_to_row(linkage: str) -> WorkedCase:
    to_the_right = [[0.2, 0.8, 1.0], [0.6, 0.2, 1.0]]
    return WorkedCase(
        name=f"two rows, {linkage}",
        why="no edge joins the last pixel of a row to the first pixel of the next row",
        problem=MergeProblem.from_grid([to_the_right], [(0, 1)], [0], [0.6], linkage=linkage),
        merges=[(0, 1, 2, 0.8), (0, 3, 4, 0.6)],
        labels=[[1, 2, 2], [3, 3, 4]],
        inside=[[], [0.8], [0.6], []],
    )


def _negative_offset(linkage: str) -> WorkedCase:
    down_left = [[1.0, 0.8], [1.0, 1.0]]
    return WorkedCase(
        name=f"offset with a negative component, {linkage}",
        why="affinities[0, 0, 1] is the edge from pixel [0, 1] (vertex 1) to pixel [1, 0] (vertex 2); no "
        "other pixel has a neighbour at this offset",
        problem=MergeProblem.from_grid([down_left], [(1, -1)], [0], [0.8], linkage=linkage),
        merges=[(0, 1, 2, 0.8)],
        labels=[[1, 2], [2, 3]],
        inside=[[], [0.8], []],
    )


def _negative_offset_in_3d(linkage: str) -> WorkedCase:
    down_left = [[[1.0], [0.8]], [[1.0], [1.0]]]
    return WorkedCase(
        name=f"3-D offset with a negative component, {linkage}",
        why="affinities[0, 0, 1, 0] is the edge from pixel [0, 1, 0] (vertex 1) to pixel [1, 0, 0] "
        "(vertex 2); no other pixel has a neighbour at this offset",
        problem=MergeProblem.from_grid([down_left], [(1, -1, 0)], [0], [0.8], linkage=linkage),
        merges=[(0, 1, 2, 0.8)],
        labels=[[[1], [2]], [[2], [3]]],
        inside=[[], [0.8], []],
    )


def _pixel_outside_the_mask(linkage: str) -> WorkedCase:
    right = [[1.0, 1.0, 1.0], [0.2, 0.8, 1.0]]
    down = [[0.6, 1.0, 0.6], [1.0, 1.0, 1.0]]
    mask = [[True, False, True], [True, True, True]]
    return WorkedCase(
        name=f"mask, {linkage}",
        why="pixel 1 is outside the mask: its label is 0 and it has no edges; the other vertices are still "
        "numbered by their raster index in the whole grid",
        problem=MergeProblem.from_grid(
            [right, down], [(0, 1), (1, 0)], [0, 0], [0.6], mask=mask, linkage=linkage
        ),
        # The first merge turns (2, 5) into (2, 4). Its smaller name, 2, wins the tie at 0.6 with (0, 3).
        merges=[(0, 4, 5, 0.8), (0, 2, 4, 0.6), (0, 0, 3, 0.6)],
        labels=[[1, 0, 2], [1, 2, 2]],
        inside=[[0.6], [0.8, 0.6]],
    )


def _empty_mask() -> WorkedCase:
    right = [[1.0, 1.0], [1.0, 1.0]]
    mask = [[False, False], [False, False]]
    return WorkedCase(
        name="nothing in the mask",
        why="without vertices there are no segments: every label is 0 and all other arrays are empty",
        problem=MergeProblem.from_grid([right], [(0, 1)], [0], [0.0], mask=mask),
        merges=[],
        labels=[[0, 0], [0, 0]],
        inside=[],
    )


def _offsets_longer_than_the_grid() -> WorkedCase:
    right = [[0.8, 1.0], [0.8, 1.0]]
    far = [[1.0, 1.0], [1.0, 1.0]]
    offsets = [(0, 1), (0, 5), (3, 0)]
    return WorkedCase(
        name="offsets longer than the grid",
        why="the offsets (0, 5) and (3, 0) are longer than the grid, so they give no edge; (2, 3) wins the "
        "tie at 0.8 with (0, 1)",
        problem=MergeProblem.from_grid([right, far, far], offsets, [0, 0, 0], [0.8]),
        merges=[(0, 2, 3, 0.8), (0, 0, 1, 0.8)],
        labels=[[1, 1], [2, 2]],
        inside=[[0.8], [0.8]],
    )


def _planes_joined_by_means(linkage: str) -> WorkedCase:
    right = [[[0.8, 1.0]], [[0.6, 1.0]]]
    to_the_next_plane = [[[0.4, 0.0]], [[1.0, 1.0]]]
    return WorkedCase(
        name=f"two planes, {linkage}",
        why="in stage 1, 0.4 (from 0 to 2) and 0.0 (from 1 to 3) join the planes; their mean counts",
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
