"""The pixel edges of a problem, stage by stage, whichever form the problem has."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from merge_impls.problem import MergeProblem

Slices = tuple[slice, ...]


def end_slices(shape: tuple[int, ...], offset: np.ndarray) -> tuple[Slices, Slices]:
    """Where in a grid the first ends p and the second ends p + offset of an offset's edges lie.

    Both are empty for an offset longer than the grid.
    """
    first, second = [], []
    for length, step in zip(shape, offset.tolist(), strict=True):
        step = max(-length, min(length, step))
        first.append(slice(max(0, -step), length - max(0, step)))
        second.append(slice(max(0, step), length - max(0, -step)))
    return tuple(first), tuple(second)


def pixel_edges(
    problem: "MergeProblem", stage: int | None = None
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """See :meth:`merge_impls.problem.MergeProblem.edge_blocks`."""
    if not problem.is_grid:
        chosen = slice(None) if stage is None else problem.stages == stage
        ends = problem.edges[chosen]
        yield ends[:, 0], ends[:, 1], problem.affinities[chosen]
        return
    names = np.arange(problem.num_vertices).reshape(problem.shape)
    for k, offset in enumerate(problem.offsets):
        if stage is not None and problem.stages[k] != stage:
            continue
        first, second = end_slices(problem.shape, offset)
        inside = problem.mask[first] & problem.mask[second]
        yield names[first][inside], names[second][inside], problem.affinities[k][first][inside]


def count_edges(problem: "MergeProblem") -> int:
    """How many pixel edges a problem has, of all stages, without listing them."""
    if not problem.is_grid:
        return len(problem.edges)
    total = 0
    for offset in problem.offsets:
        first, second = end_slices(problem.shape, offset)
        total += np.count_nonzero(problem.mask[first] & problem.mask[second])
    return int(total)
