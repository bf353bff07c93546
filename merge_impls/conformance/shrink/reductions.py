"""Make a problem smaller: with fewer vertices, edges, pixels, offsets or stages."""

from dataclasses import replace
from typing import Any

import numpy as np

from merge_impls.arrays import BoolArray
from merge_impls.conformance.generate.array_layouts import laid_out
from merge_impls.offsets import pair_slices
from merge_impls.problem import MergeProblem


def smallest_problems(like: MergeProblem) -> list[MergeProblem]:
    """All problems of one or two vertices with at most one edge: graphs, then grids if ``like`` is one.

    A backend that fails on every problem fails on the first of these.
    """
    linkage, ndim = like.linkage, len(like.shape)
    graphs: list[tuple[int, list[float]]] = [(1, []), (2, []), (2, [0.4]), (2, [0.8])]
    found = [
        MergeProblem.from_edges(
            vertices, [(0, 1)] * len(p), np.array(p), [0] * len(p), [0.6], linkage=linkage
        )
        for vertices, p in graphs
    ]
    if like.is_grid:
        step = (0,) * (ndim - 1) + (1,)
        for length in (1, 2):
            affinities = np.full((1,) * ndim + (length,), 0.8)
            found.append(MergeProblem.from_grid(affinities, [step], [0], [0.6], linkage=linkage))
    return found


def replace_unchecked(problem: MergeProblem, **parts: Any) -> MergeProblem:
    """Return the problem with other arrays, which are made read-only, or another linkage.

    Unlike ``problem.replace`` this checks no values and copies no arrays, because a search makes
    thousands of candidates.
    """
    for part in parts.values():
        if isinstance(part, np.ndarray):
            part.flags.writeable = False
    return replace(problem, **parts)


def in_layout(problem: MergeProblem, layout: str) -> MergeProblem:
    """The same problem with affinities and mask in one of ``array_layouts.LAYOUTS``."""
    names = ("affinities", "mask") if problem.is_grid else ("affinities",)
    arrays = {name: np.ascontiguousarray(getattr(problem, name)) for name in names}
    return replace_unchecked(
        problem, **{name: laid_out(array, layout) for name, array in arrays.items()}
    )


def induced_graph(problem: MergeProblem, keep: BoolArray) -> MergeProblem | None:
    """The explicit graph on the vertices (n,) where ``keep`` is True, in the same order.

    The vertices of a grid outside its mask are left out as well. None if no vertex is left.
    """
    if problem.mask is not None:
        keep = keep & problem.mask.ravel()
    if not keep.any():
        return None
    u, v, q, stages = problem.edge_arrays()
    inside = keep[u] & keep[v]
    names = np.cumsum(keep) - 1
    return MergeProblem.from_edges(
        int(keep.sum()),
        np.stack([names[u[inside]], names[v[inside]]], axis=1),
        q[inside],
        stages[inside],
        problem.thresholds,
        linkage=problem.linkage,
    )


def without_isolated_vertices(problem: MergeProblem) -> MergeProblem | None:
    """Remove a graph's vertices without edges, or crop a grid to its foreground; None if none is left."""
    if problem.edges is not None:
        keep = np.zeros(problem.num_vertices, np.bool_)
        keep[problem.edges] = True
        return induced_graph(problem, keep)
    assert problem.mask is not None
    if not problem.mask.any():
        return None
    box = tuple(slice(axis.min(), axis.max() + 1) for axis in np.nonzero(problem.mask))
    return problem.replace(affinities=problem.affinities[:, *box], mask=problem.mask[box])


def with_contracted_pair(problem: MergeProblem, u: int, v: int) -> MergeProblem:
    """Contract the vertices u < v of a graph into u; the edges between the two are removed."""
    assert problem.edges is not None
    ends = np.where(problem.edges == v, u, problem.edges)
    keep = ends[:, 0] != ends[:, 1]
    return problem.replace(
        num_vertices=problem.num_vertices - 1,
        edges=(ends - (ends > v))[keep],
        affinities=problem.affinities[keep],
        stages=problem.stages[keep],
    )


def keep_channels(problem: MergeProblem, keep: BoolArray) -> MergeProblem:
    """Keep the offsets of a grid, or the edges of a graph, where ``keep`` (K,) is True."""
    parts = {"affinities": problem.affinities[keep], "stages": problem.stages[keep]}
    ends = "offsets" if problem.is_grid else "edges"
    return replace_unchecked(problem, **parts, **{ends: getattr(problem, ends)[keep]})


def without_stage(problem: MergeProblem, stage: int, new_stage: int | None) -> MergeProblem | None:
    """Remove a stage and its threshold; move its edges to ``new_stage``, or remove them if that is None.

    None if there is no other stage.
    """
    if len(problem.thresholds) == 1:
        return None
    if new_stage is None:
        problem = keep_channels(problem, problem.stages != stage)
    else:
        problem = replace_unchecked(
            problem, stages=np.where(problem.stages == stage, new_stage, problem.stages)
        )
    moved = problem.stages - (problem.stages > stage)
    thresholds = np.delete(problem.thresholds, stage)
    return replace_unchecked(problem, stages=moved.astype(np.int32), thresholds=thresholds)


def keep_layers(problem: MergeProblem, axis: int, keep: BoolArray) -> MergeProblem | None:
    """Keep the rows, columns or planes of a grid where ``keep`` is True; None if none is left."""
    if problem.mask is None or not keep.any():
        return None
    return problem.replace(
        affinities=np.compress(keep, problem.affinities, axis=axis + 1),
        mask=np.compress(keep, problem.mask, axis=axis),
    )


def without_flat_axis(problem: MergeProblem) -> MergeProblem | None:
    """Make a 2-D grid of a 3-D grid that is one pixel thick; None if it is not."""
    if len(problem.shape) != 3 or 1 not in problem.shape:
        return None
    assert problem.offsets is not None and problem.mask is not None
    axis = problem.shape.index(1)
    within = problem.offsets[:, axis] == 0
    return problem.replace(
        affinities=problem.affinities[within].squeeze(axis + 1),
        mask=problem.mask.squeeze(axis),
        offsets=np.delete(problem.offsets[within], axis, axis=1),
        stages=problem.stages[within],
    )


def with_offset(problem: MergeProblem, channel: int, offset: list[int]) -> MergeProblem | None:
    """Give a channel another offset; None if a channel has that offset already or if it is negative."""
    assert problem.offsets is not None
    negative = tuple(offset) <= (0,) * len(offset)
    if negative or offset in problem.offsets.tolist():
        return None
    offsets = problem.offsets.copy()
    offsets[channel] = offset
    return replace_unchecked(problem, offsets=offsets)


def with_mask(problem: MergeProblem, mask: BoolArray) -> MergeProblem:
    """Replace the mask of a grid; ``mask`` is (n,) or of the grid's shape."""
    return replace_unchecked(problem, mask=mask.reshape(problem.shape))


def used_affinities(problem: MergeProblem) -> BoolArray:
    """bool of the shape of the affinities: which of them belong to an edge."""
    if problem.offsets is None or problem.mask is None:
        return np.ones(len(problem.affinities), np.bool_)
    used = np.zeros(problem.affinities.shape, np.bool_)
    for channel, row in enumerate(problem.offsets):
        first, second = pair_slices(problem.shape, row)
        used[channel][first] = problem.mask[first] & problem.mask[second]
    return used
