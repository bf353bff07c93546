"""Functions that return a smaller problem: with fewer vertices, edges, pixels, offsets or stages.

A "channel" is an offset of a grid or an edge of an explicit graph: ``stages`` has one value for each
channel, and ``affinities`` has one entry along its first axis.
"""

from dataclasses import replace
from typing import Any

import numpy as np

from merge_impls.arrays import BoolArray, Int64Array
from merge_impls.conformance.generate.array_layouts import with_memory_layout
from merge_impls.offsets import pair_slices
from merge_impls.problem import MergeProblem


def smallest_problems(like: MergeProblem) -> list[MergeProblem]:
    """Return problems of one or two vertices: graphs and, if ``like`` is a grid, also grids.

    They have the linkage of ``like``. A backend that fails on every problem fails on the first one.
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
    """Return the problem with some fields replaced. New arrays become read-only.

    ``problem.replace`` does the same, but also checks all values, which would take too long for the
    thousands of problems that a search makes.
    """
    for part in parts.values():
        if isinstance(part, np.ndarray):
            part.flags.writeable = False
    return replace(problem, **parts)


def with_array_layout(problem: MergeProblem, layout: str) -> MergeProblem:
    """Return the same problem, with affinities and mask in a memory layout of ``array_layouts.LAYOUTS``."""
    names = ("affinities", "mask") if problem.is_grid else ("affinities",)
    arrays = {name: np.ascontiguousarray(getattr(problem, name)) for name in names}
    return replace_unchecked(
        problem, **{name: with_memory_layout(array, layout) for name, array in arrays.items()}
    )


def induced_subgraph(problem: MergeProblem, keep: BoolArray) -> MergeProblem | None:
    """Return the explicit graph of the vertices for which ``keep``, (n,), is True; None if there are none.

    The vertices keep their order. Pixels outside the mask of a grid are left out.
    """
    if problem.mask is not None:
        keep = keep & problem.mask.ravel()
    if not keep.any():
        return None
    graph = as_explicit_graph(problem)
    assert graph.edges is not None
    inside = keep[graph.edges[:, 0]] & keep[graph.edges[:, 1]]
    names, count = np.cumsum(keep) - 1, int(keep.sum())
    kept = keep_channels(graph, inside)
    return replace_unchecked(
        kept, shape=(count,), num_vertices=count, edges=names[graph.edges[inside]]
    )


def as_explicit_graph(problem: MergeProblem) -> MergeProblem:
    """Return the problem itself or, of a grid, the explicit graph of the same vertices and edges."""
    if not problem.is_grid:
        return problem
    u, v, q, stages = problem.edge_arrays()
    return MergeProblem.from_edges(
        problem.num_vertices,
        np.stack([u, v], axis=1),
        q,
        stages,
        problem.thresholds,
        linkage=problem.linkage,
    )


def without_isolated_vertices(problem: MergeProblem) -> MergeProblem | None:
    """Remove the vertices of a graph that have no edges, or crop a grid to its foreground.

    None if no vertex is left.
    """
    if problem.edges is not None:
        keep = np.zeros(problem.num_vertices, np.bool_)
        keep[problem.edges] = True
        return induced_subgraph(problem, keep)
    assert problem.mask is not None
    if not problem.mask.any():
        return None
    box = tuple(slice(axis.min(), axis.max() + 1) for axis in np.nonzero(problem.mask))
    return problem.replace(affinities=problem.affinities[:, *box], mask=problem.mask[box])


def with_contracted_pair(problem: MergeProblem, u: int, v: int) -> MergeProblem:
    """Contract the vertices u < v of a graph into one vertex u; the edges between u and v are removed."""
    assert problem.edges is not None
    ends = np.where(problem.edges == v, u, problem.edges)
    keep = ends[:, 0] != ends[:, 1]
    count = problem.num_vertices - 1
    kept = keep_channels(problem, keep)
    return replace_unchecked(
        kept, shape=(count,), num_vertices=count, edges=(ends - (ends > v))[keep]
    )


def keep_channels(problem: MergeProblem, keep: BoolArray | Int64Array) -> MergeProblem:
    """Keep the offsets of a grid, or the edges of a graph, for which ``keep``, (K,), is True.

    keep: may also be (N,) int64, the indices of the channels to keep.
    """
    names = ("affinities", "stages", "offsets", "edges", "counts", "totals")
    arrays = {name: getattr(problem, name) for name in names}
    return replace_unchecked(
        problem, **{name: array[keep] for name, array in arrays.items() if array is not None}
    )


def without_counts(problem: MergeProblem) -> MergeProblem | None:
    """Make every edge one pixel edge; None if the edges have no counts."""
    if problem.counts is None:
        return None
    return replace_unchecked(problem, counts=None, totals=None)


def without_stage(problem: MergeProblem, stage: int, new_stage: int | None) -> MergeProblem | None:
    """Remove a stage and its threshold; return None if it is the only stage.

    new_stage: the stage to which the edges move; None: the edges are removed.
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
    """Keep the rows, columns or planes of a grid for which ``keep`` is True; None if there are none.

    axis: 0 .. ndim - 1, the axis of the grid along which ``keep`` selects.
    """
    if problem.mask is None or not keep.any():
        return None
    return problem.replace(
        affinities=np.compress(keep, problem.affinities, axis=axis + 1),
        mask=np.compress(keep, problem.mask, axis=axis),
    )


def without_flat_axis(problem: MergeProblem) -> MergeProblem | None:
    """Convert a 3-D grid that is one pixel thick to a 2-D grid; None for any other problem."""
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
    """Replace the offset of a channel; None if the new offset is already there or not positive."""
    assert problem.offsets is not None
    negative = tuple(offset) <= (0,) * len(offset)
    if negative or offset in problem.offsets.tolist():
        return None
    offsets = problem.offsets.copy()
    offsets[channel] = offset
    return replace_unchecked(problem, offsets=offsets)


def with_mask(problem: MergeProblem, mask: BoolArray) -> MergeProblem:
    """Replace the mask of a grid; ``mask`` has the shape of the grid or is flat, (n,)."""
    return replace_unchecked(problem, mask=mask.reshape(problem.shape))


def used_affinity_mask(problem: MergeProblem) -> BoolArray:
    """Whether each affinity belongs to an edge; bool, of the shape of the affinities."""
    if problem.offsets is None or problem.mask is None:
        return np.ones(len(problem.affinities), np.bool_)
    used = np.zeros(problem.affinities.shape, np.bool_)
    for channel, row in enumerate(problem.offsets):
        first, second = pair_slices(problem.shape, row)
        used[channel][first] = problem.mask[first] & problem.mask[second]
    return used
