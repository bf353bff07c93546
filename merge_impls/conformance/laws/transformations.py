"""One problem inside another, or in other clothes; and where its vertices went."""

from dataclasses import dataclass

import numpy as np

from merge_impls.fixed_point import ONE
from merge_impls.problem import MergeProblem


@dataclass(frozen=True)
class TransformedProblem:
    """vertices: (n,) int64, the name in ``problem`` of each vertex of the first problem, ascending;
    -1 for one that is not there, which must be a pixel outside the mask."""

    problem: MergeProblem
    vertices: np.ndarray


def complemented(problem: MergeProblem) -> MergeProblem:
    """The same graph with every affinity p turned into 1 - p."""
    return problem.replace(affinities=ONE - problem.affinities)


def with_complement(problem: MergeProblem, rng: np.random.Generator) -> TransformedProblem:
    """An explicit graph together with its opposite, whose vertices come before or after."""
    count, other = problem.num_vertices, complemented(problem)
    first = bool(rng.integers(2))
    both = [problem, other] if first else [other, problem]
    edges = [both[0].edges, both[1].edges + count]
    together = MergeProblem.from_edges(
        2 * count,
        np.concatenate(edges),
        np.concatenate([part.affinities for part in both]),
        np.concatenate([part.stages for part in both]),
        problem.thresholds,
        linkage=problem.linkage,
    )
    return TransformedProblem(together, np.arange(count) + (0 if first else count))


def grid_with_complement(problem: MergeProblem, rng: np.random.Generator) -> TransformedProblem:
    """A grid and its opposite along the first axis, so far apart that no offset joins them."""
    height = problem.shape[0]
    gap = _unreached_gap(height, problem.offsets[:, 0])
    first = bool(rng.integers(2))
    both = [problem, complemented(problem)] if first else [complemented(problem), problem]
    far = ((0, height + gap), *((0, 0) for _ in problem.shape[1:]))
    near = ((height + gap, 0), *far[1:])
    affinities = sum(
        np.pad(part.affinities, ((0, 0), *widths))
        for part, widths in zip(both, (far, near), strict=True)
    )
    mask = np.pad(problem.mask, far) | np.pad(problem.mask, near)
    names = np.arange(problem.num_vertices)
    row = problem.num_vertices // height
    together = problem.replace(affinities=affinities, mask=mask)
    return TransformedProblem(together, names + (0 if first else (height + gap) * row))


def _unreached_gap(height: int, steps: np.ndarray) -> int:
    """The least number of rows between two grids of ``height`` rows that no step bridges."""
    gap, bridging = 0, steps[(steps > 0) & (steps < 2 * height)]
    while len(bridging):
        gap = int(bridging.max())
        # Rows of the two lie gap + 1 .. gap + 2 * height - 1 apart.
        bridging = steps[(steps > gap) & (steps < gap + 2 * height)]
    return gap


def reordered(problem: MergeProblem, rng: np.random.Generator) -> TransformedProblem:
    """Edges, or the offsets of a grid, in any order; the ends of edges swapped at random."""
    order = rng.permutation(len(problem.stages))
    parts = {"affinities": problem.affinities[order], "stages": problem.stages[order]}
    if problem.is_grid:
        parts["offsets"] = problem.offsets[order]
    else:
        swapped = rng.random(len(order)) < 0.5
        ends = problem.edges[order]
        parts["edges"] = np.where(swapped[:, None], ends[:, ::-1], ends)
    return TransformedProblem(problem.replace(**parts), np.arange(problem.num_vertices))


def padded(problem: MergeProblem, rng: np.random.Generator) -> TransformedProblem:
    """A grid within masked pixels, at most three on each side, whose affinities are anything."""
    widths = rng.integers(0, 4, (len(problem.shape), 2))
    shape = np.array(problem.shape) + widths.sum(axis=1)
    inner = tuple(
        slice(before, before + length)
        for before, length in zip(widths[:, 0], problem.shape, strict=True)
    )
    affinities = rng.integers(0, ONE + 1, (len(problem.offsets), *shape), np.uint16)
    affinities[:, *inner] = problem.affinities
    mask = np.zeros(shape, np.bool_)
    mask[inner] = problem.mask
    names = np.arange(mask.size).reshape(shape)[inner].ravel()
    return TransformedProblem(problem.replace(affinities=affinities, mask=mask), names)


def as_edge_list(problem: MergeProblem, rng: np.random.Generator) -> TransformedProblem:
    """The edges of a grid as a list, in any order; its vertices are the pixels of the mask.

    A grid without any has no such list, because a graph has at least one vertex; there is one
    vertex without edges in its place.
    """
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
