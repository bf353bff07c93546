"""Transform a problem into one that contains it or states it in another form."""

from dataclasses import dataclass

import numpy as np

from merge_impls.arrays import AnyArray, Int64Array
from merge_impls.fixed_point_affinities import ONE
from merge_impls.problem import MergeProblem


@dataclass(frozen=True)
class TransformedProblem:
    """A transformed problem, and the places of the original's vertices in it.

    vertices: (n,) int64, ascending: the number in ``problem`` of each vertex of the original; -1 for a
        pixel outside the original's mask that ``problem`` does not contain.
    """

    problem: MergeProblem
    vertices: Int64Array


def complemented(problem: MergeProblem) -> MergeProblem:
    """The same graph with every affinity p turned into 1 - p."""
    return problem.replace(affinities=ONE - problem.affinities)


def with_complement(problem: MergeProblem, rng: np.random.Generator) -> TransformedProblem:
    """An explicit graph and its complement in one graph, one after the other in either order."""
    count, other = problem.num_vertices, complemented(problem)
    first = bool(rng.integers(2))
    both = [problem, other] if first else [other, problem]
    assert problem.edges is not None, "a grid has a law of its own"
    together = MergeProblem.from_edges(
        2 * count,
        np.concatenate([problem.edges, problem.edges + count]),
        np.concatenate([part.affinities for part in both]),
        np.concatenate([part.stages for part in both]),
        problem.thresholds,
        linkage=problem.linkage,
    )
    return TransformedProblem(together, np.arange(count) + (0 if first else count))


def grid_with_complement(problem: MergeProblem, rng: np.random.Generator) -> TransformedProblem:
    """A grid and its complement in one grid, along the first axis and too far apart for any offset."""
    assert problem.offsets is not None and problem.mask is not None
    height = problem.shape[0]
    gap = _rows_that_no_step_bridges(height, problem.offsets[:, 0])
    first = bool(rng.integers(2))
    both = [problem, complemented(problem)] if first else [complemented(problem), problem]
    far = ((0, height + gap), *((0, 0) for _ in problem.shape[1:]))
    near = ((height + gap, 0), *far[1:])
    upper, lower = (
        np.pad(part.affinities, ((0, 0), *widths))
        for part, widths in zip(both, (far, near), strict=True)
    )
    mask = np.pad(problem.mask, far) | np.pad(problem.mask, near)
    names = np.arange(problem.num_vertices)
    row = problem.num_vertices // height
    together = problem.replace(affinities=upper + lower, mask=mask)
    return TransformedProblem(together, names + (0 if first else (height + gap) * row))


def _rows_that_no_step_bridges(height: int, steps: Int64Array) -> int:
    """The fewest rows between two grids of ``height`` rows so that no step leads from one to the other."""
    gap, bridging = 0, steps[(steps > 0) & (steps < 2 * height)]
    while len(bridging):
        gap = int(bridging.max())
        # The distances between their rows are gap + 1 .. gap + 2 * height - 1.
        bridging = steps[(steps > gap) & (steps < gap + 2 * height)]
    return gap


def reordered(problem: MergeProblem, rng: np.random.Generator) -> TransformedProblem:
    """Edges, or the offsets of a grid, in any order; the ends of edges swapped at random."""
    order = rng.permutation(len(problem.stages))
    parts: dict[str, AnyArray] = {
        "affinities": problem.affinities[order],
        "stages": problem.stages[order],
    }
    if problem.offsets is not None:
        parts["offsets"] = problem.offsets[order]
    if problem.edges is not None:
        swapped = rng.random(len(order)) < 0.5
        ends = problem.edges[order]
        parts["edges"] = np.where(swapped[:, None], ends[:, ::-1], ends)
    return TransformedProblem(problem.replace(**parts), np.arange(problem.num_vertices))


def padded(problem: MergeProblem, rng: np.random.Generator) -> TransformedProblem:
    """A grid with a margin of masked pixels with any affinities, at most three on each side."""
    assert problem.mask is not None
    widths = rng.integers(0, 4, (len(problem.shape), 2))
    shape = np.array(problem.shape) + widths.sum(axis=1)
    inner = tuple(
        slice(before, before + length)
        for before, length in zip(widths[:, 0], problem.shape, strict=True)
    )
    affinities = rng.integers(0, ONE + 1, (len(problem.stages), *shape), dtype=np.uint16)
    affinities[:, *inner] = problem.affinities
    mask = np.zeros(shape, np.bool_)
    mask[inner] = problem.mask
    names = np.arange(mask.size).reshape(shape)[inner].ravel()
    return TransformedProblem(problem.replace(affinities=affinities, mask=mask), names)


def as_edge_list(problem: MergeProblem, rng: np.random.Generator) -> TransformedProblem:
    """The edges of a grid as a list, in any order; its vertices are the pixels of the mask.

    A graph has at least one vertex; where the mask is empty it is one vertex without edges.
    """
    assert problem.mask is not None
    inside = problem.mask.ravel()
    names = np.where(inside, np.cumsum(inside) - 1, -1)
    u, v, affinities, stages = problem.edge_arrays()
    order = rng.permutation(len(u))
    listed = MergeProblem.from_edges(
        max(1, int(inside.sum())),
        np.stack([names[u], names[v]], axis=1)[order],
        affinities[order],
        stages[order],
        problem.thresholds,
        linkage=problem.linkage,
    )
    return TransformedProblem(listed, names)
