"""Smaller problems made of a problem: with fewer vertices, edges, pixels, offsets or stages."""

from dataclasses import replace
from typing import Any

import numpy as np

from merge_impls.arrays import BoolArray
from merge_impls.conformance.generate.array_layouts import laid_out
from merge_impls.offsets import end_slices
from merge_impls.problem import MergeProblem


def smallest_problems(like: MergeProblem) -> list[MergeProblem]:
    """One or two vertices with at most one edge; graphs, then grids if ``like`` is one.

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


def changed(problem: MergeProblem, **parts: Any) -> MergeProblem:
    """The problem with other arrays, which are made read-only, or another linkage.

    Unlike ``problem.replace`` it checks no values and copies no arrays, because a search makes
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
    return changed(problem, **{name: laid_out(array, layout) for name, array in arrays.items()})


def induced_graph(problem: MergeProblem, keep: BoolArray) -> MergeProblem | None:
    """The explicit graph on the vertices (n,) where ``keep`` is True, in the same order.

    Of a grid those outside the mask are left out as well. None if no vertex is left.
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
    """Without the vertices that have no edge; of a grid, the box around its foreground."""
    if problem.edges is not None:
        keep = np.zeros(problem.num_vertices, np.bool_)
        keep[problem.edges] = True
        return induced_graph(problem, keep)
    assert problem.mask is not None
    if not problem.mask.any():
        return None
    box = tuple(slice(axis.min(), axis.max() + 1) for axis in np.nonzero(problem.mask))
    return problem.replace(affinities=problem.affinities[:, *box], mask=problem.mask[box])


def with_contracted(problem: MergeProblem, u: int, v: int) -> MergeProblem:
    """A graph in which u < v are one vertex, u; edges between the two are gone."""
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
    """Only some of the offsets of a grid, or of the edges of a graph."""
    parts = {"affinities": problem.affinities[keep], "stages": problem.stages[keep]}
    ends = "offsets" if problem.is_grid else "edges"
    return changed(problem, **parts, **{ends: getattr(problem, ends)[keep]})


def without_stage(problem: MergeProblem, stage: int, new_stage: int | None) -> MergeProblem | None:
    """Without the stage and its threshold; its edges go to ``new_stage``, if that is not None."""
    if len(problem.thresholds) == 1:
        return None
    if new_stage is None:
        problem = keep_channels(problem, problem.stages != stage)
    else:
        problem = changed(
            problem, stages=np.where(problem.stages == stage, new_stage, problem.stages)
        )
    moved = problem.stages - (problem.stages > stage)
    thresholds = np.delete(problem.thresholds, stage)
    return changed(problem, stages=moved.astype(np.int32), thresholds=thresholds)


def keep_layers(problem: MergeProblem, axis: int, keep: BoolArray) -> MergeProblem | None:
    """A grid of only some of the rows, columns or planes; None if none is left."""
    if problem.mask is None or not keep.any():
        return None
    return problem.replace(
        affinities=np.compress(keep, problem.affinities, axis=axis + 1),
        mask=np.compress(keep, problem.mask, axis=axis),
    )


def without_flat_axis(problem: MergeProblem) -> MergeProblem | None:
    """A 3-D grid of one layer as a 2-D grid; None if every axis has several layers."""
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
    """Another offset for a channel; None if a channel has it already, or if it points backwards."""
    assert problem.offsets is not None
    backwards = tuple(offset) <= (0,) * len(offset)
    if backwards or offset in problem.offsets.tolist():
        return None
    offsets = problem.offsets.copy()
    offsets[channel] = offset
    return changed(problem, offsets=offsets)


def with_mask(problem: MergeProblem, mask: BoolArray) -> MergeProblem:
    """Another foreground, (n,) or of the grid's shape."""
    return changed(problem, mask=mask.reshape(problem.shape))


def used_affinities(problem: MergeProblem) -> BoolArray:
    """bool of the shape of the affinities: which of them belong to an edge."""
    if problem.offsets is None or problem.mask is None:
        return np.ones(len(problem.affinities), np.bool_)
    used = np.zeros(problem.affinities.shape, np.bool_)
    for channel, row in enumerate(problem.offsets):
        first, second = end_slices(problem.shape, row)
        used[channel][first] = problem.mask[first] & problem.mask[second]
    return used
