"""Transform a problem: add vertices to it, reorder it, or convert it to another form."""

from dataclasses import dataclass

import numpy as np

from merge_impls.arrays import AnyArray, Int64Array
from merge_impls.fixed_point_affinities import ONE
from merge_impls.problem import MergeProblem


@dataclass(frozen=True)
class TransformedProblem:
    """A transformed problem, and where the vertices of the original problem are in it.

    vertices: (n,) int64. Vertex v of the original problem is vertex vertices[v] of ``problem``; -1 for
        a pixel outside the mask that ``problem`` does not contain. Other values are in ascending order.
    """

    problem: MergeProblem
    vertices: Int64Array


def invert_affinities(problem: MergeProblem) -> MergeProblem:
    """The same graph with the affinity 1 - p in place of each affinity p."""
    if problem.counts is None or problem.totals is None:
        return problem.replace(affinities=ONE - problem.affinities)
    totals = ONE * problem.counts - problem.totals
    return problem.replace(affinities=ONE - problem.affinities, totals=totals)


def beside_inverted_copy(problem: MergeProblem, rng: np.random.Generator) -> TransformedProblem:
    """Add a copy with inverted affinities to an explicit graph, without edges between the two.

    The vertices of the copy come before or after those of the original, at random.
    """
    count, other = problem.num_vertices, invert_affinities(problem)
    first = bool(rng.integers(2))
    both = [problem, other] if first else [other, problem]
    assert problem.edges is not None, "grids are transformed by grid_beside_inverted_copy"
    names = ("affinities", "stages", *(("counts", "totals") if problem.counts is not None else ()))
    together = MergeProblem.from_edges(
        2 * count,
        np.concatenate([problem.edges, problem.edges + count]),
        thresholds=problem.thresholds,
        linkage=problem.linkage,
        **{name: np.concatenate([getattr(part, name) for part in both]) for name in names},
    )
    return TransformedProblem(together, np.arange(count) + (0 if first else count))


def grid_beside_inverted_copy(
    problem: MergeProblem, rng: np.random.Generator
) -> TransformedProblem:
    """Add a copy with inverted affinities to a grid, along the first axis, too far away for any offset.

    The copy comes before or after the original, at random. The rows between the two are outside the mask.
    """
    assert problem.offsets is not None and problem.mask is not None
    height = problem.shape[0]
    gap = _gap_that_no_offset_bridges(height, problem.offsets[:, 0])
    first = bool(rng.integers(2))
    both = [problem, invert_affinities(problem)] if first else [invert_affinities(problem), problem]
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


def _gap_that_no_offset_bridges(height: int, steps: Int64Array) -> int:
    """The smallest number of rows to put between two grids of ``height`` rows so that no offset joins them.

    steps: the first components of the offsets, the rows from one end of an edge to the other.
    """
    gap, bridging = 0, steps[(steps > 0) & (steps < 2 * height)]
    while len(bridging):
        gap = int(bridging.max())
        # From a row of one grid to a row of the other it is gap + 1 to gap + 2 * height - 1 rows.
        bridging = steps[(steps > gap) & (steps < gap + 2 * height)]
    return gap


def with_edges_reordered(problem: MergeProblem, rng: np.random.Generator) -> TransformedProblem:
    """Put the edges of a graph, or the offsets of a grid, in random order; swap the ends of random edges."""
    order = rng.permutation(len(problem.stages))
    names = ("affinities", "stages", "offsets", "counts", "totals")
    parts: dict[str, AnyArray] = {
        name: getattr(problem, name)[order] for name in names if getattr(problem, name) is not None
    }
    if problem.edges is not None:
        swapped = rng.random(len(order)) < 0.5
        ends = problem.edges[order]
        parts["edges"] = np.where(swapped[:, None], ends[:, ::-1], ends)
    return TransformedProblem(problem.replace(**parts), np.arange(problem.num_vertices))


def with_margins(problem: MergeProblem, rng: np.random.Generator) -> TransformedProblem:
    """Add up to three rows of pixels outside the mask, with random affinities, on each side of a grid."""
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


def as_explicit_graph(problem: MergeProblem, rng: np.random.Generator) -> TransformedProblem:
    """Convert a grid to an explicit graph with the pixels of the mask as vertices, and edges in random order.

    An empty mask gives a graph of one vertex without edges, because a problem needs at least one vertex.
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
