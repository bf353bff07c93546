"""Forcing local merge: blocks of m x m pixels become one vertex each before the graph merge (section 4.4)."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from merge_impls.argument_checks import (
    as_array,
    check_grid_shape,
    check_mask,
    check_offsets,
    check_stages,
)
from merge_impls.fixed_point import affinities_to_fixed_point
from merge_impls.offsets import end_slices
from merge_impls.result import mean_affinities

Step = tuple[int, int]
"""Rows and columns from one block to another, in blocks."""


@dataclass(frozen=True, eq=False)
class BlockGraph:
    """What is left of an image's pixel edges between its blocks, for ``MergeProblem.from_edges``.

    The edges are listed: two blocks that no pixel edge joins have none, which under linkage "average" is not
    the same as one of affinity 0. Blocks outside the mask are vertices without edges.

    shape: (rows, columns) of the blocks; a block is named by its raster index.
    edges: (M, 2) int64, the smaller name first, each pair once, in ascending order.
    affinities: (M,) float64, the mean over the pixel edges between the two blocks.
    stages: (M,) int32, that of the longest distance among these.
    counts: (M,) int64, how many they are.
    mask: (rows, columns) bool, the blocks that have a pixel in the mask.
    """

    shape: tuple[int, int]
    edges: np.ndarray
    affinities: np.ndarray
    stages: np.ndarray
    counts: np.ndarray
    mask: np.ndarray


@dataclass(frozen=True)
class _Part:
    """The pixel edges of a channel that go one step in blocks.

    first, second: the places within a block, rows and columns, at which they begin and end.
    """

    channel: int
    step: Step
    first: tuple[slice, slice]
    second: tuple[slice, slice]


def contract(
    affinities: np.ndarray,
    offsets: Sequence[tuple[int, int]] | np.ndarray,
    stages: Sequence[int] | np.ndarray,
    mask: np.ndarray,
    window: int,
) -> BlockGraph:
    """Merge all pixels of each ``window`` x ``window`` block, whatever their affinities (section 4.4).

    All pixel edges between two blocks become one edge, their mean, which enters the merge in the stage of
    the longest distance among them and counts there as one. Of distances 1, 2, 4, ... and window 2, the
    blocks' distance 1 is made of 1 and 2, their distance 2 of 4, and so on (Fig. 5). Sums are of integers,
    so the means have the same bits everywhere. Where a side of the image is no multiple of ``window``, the
    last row or column of blocks is smaller.

    affinities: (K, H, W) float in [0, 1] or uint16 fixed point, value [k, p] of the pair (p, p + offsets[k]).
    offsets: (K, 2) integers, lexicographically positive, all different; the longer component of one is its
        distance in pixels. stages: (K,) integers from 0; of equal distances the latest stage counts.
    mask: (H, W) bool. A pixel outside has no edges, even if others of its block have.
    Raises ValueError or TypeError, one line, for a window below 1 and for what a grid problem refuses.
    """
    if window < 1:
        raise ValueError(f"window is {window}; a block has at least 1 pixel a side")
    fixed = affinities_to_fixed_point(as_array("affinities", affinities))
    if fixed.ndim != 3:
        raise ValueError(f"affinities must have shape (K, H, W); got {fixed.shape}")
    size = check_grid_shape(fixed.shape)
    offsets = check_offsets(offsets, len(fixed), 2)
    stages = check_stages(stages, len(fixed), int(np.max(stages, initial=0)) + 1)
    inside = np.ascontiguousarray(_by_place(check_mask(mask, size), window))
    plan = sorted(_plan(offsets, stages, window).items())
    return _listed(fixed, stages, inside, plan)


def induced(graph: BlockGraph, window: tuple[slice, slice]) -> BlockGraph:
    """The graph of the blocks in a window (rows, columns, of step 1) of the block grid alone."""
    mask = graph.mask[window]
    names = np.full(graph.shape, -1, np.int64)
    names[window] = np.arange(mask.size).reshape(mask.shape)
    edges = names.ravel()[graph.edges]
    kept = (edges >= 0).all(axis=1)
    return BlockGraph(
        mask.shape,
        edges[kept],
        graph.affinities[kept],
        graph.stages[kept],
        graph.counts[kept],
        mask,
    )


def spread(labels: np.ndarray, window: int, mask: np.ndarray) -> np.ndarray:
    """The labels of blocks on their pixels: (H, W) int32, 0 outside the mask (H, W) bool.

    labels: (rows * columns,) or (rows, columns) int32, as a merge of the ``BlockGraph`` gives them. It
    numbers blocks outside the mask as well; their numbers do not occur in what is returned.
    """
    rows, columns = (-(-side // window) for side in mask.shape)
    if labels.size != rows * columns:
        raise ValueError(
            f"labels has {labels.size} values; a mask {mask.shape} has {rows} x {columns} blocks of "
            f"{window} x {window} pixels"
        )
    whole = labels.reshape(rows, columns).repeat(window, axis=0).repeat(window, axis=1)
    return np.where(mask, whole[: mask.shape[0], : mask.shape[1]], 0).astype(np.int32, copy=False)


def _by_place(values: np.ndarray, window: int) -> np.ndarray:
    """(m, m, rows, columns) of (H, W): [i, j, r, c] is pixel (m r + i, m c + j), or 0 beyond the image."""
    missing = [(0, -side % window) for side in values.shape]
    if any(map(any, missing)):
        values = np.pad(values, missing)
    rows, columns = (side // window for side in values.shape)
    return values.reshape(rows, window, columns, window).transpose(1, 3, 0, 2)


def _plan(offsets: np.ndarray, stages: np.ndarray, window: int) -> dict[Step, list[_Part]]:
    """The parts that join blocks, by the positive step from block to block, longest distances last."""
    plan = defaultdict(list)
    distances = np.abs(offsets).max(axis=1, initial=0)
    for channel in np.lexsort((stages, distances)).tolist():
        down, right = (list(_crossings(length, window)) for length in offsets[channel].tolist())
        for rows, first_rows, second_rows in down:
            for columns, first_columns, second_columns in right:
                if (rows, columns) == (0, 0):
                    continue  # both ends in one block
                first, second = (first_rows, first_columns), (second_rows, second_columns)
                part = _Part(channel, (rows, columns), first, second)
                plan[max(part.step, (-rows, -columns))].append(part)
    return plan


def _crossings(length: int, window: int) -> Iterator[tuple[int, slice, slice]]:
    """Along one axis: each step in blocks of pixel edges of a length, with the places of their two ends."""
    blocks, rest = divmod(length, window)
    yield blocks, slice(0, window - rest), slice(rest, window)
    if rest:
        yield blocks + 1, slice(window - rest, window), slice(0, rest)


def _listed(
    fixed: np.ndarray,
    stages: np.ndarray,
    inside: np.ndarray,
    plan: Sequence[tuple[Step, Sequence[_Part]]],
) -> BlockGraph:
    """The graph of a plan in ascending order: that of the steps is that of a block's neighbours.

    Edges are counted, then written where they belong: to join and sort lists of them would take several
    times the room of the graph.
    """
    blocks = inside.any(axis=(0, 1))
    degrees = np.zeros(blocks.shape, np.int64)
    for _, parts in plan:
        degrees += _reached(inside, parts)
    ends = degrees.cumsum()
    edges, affinities = np.empty((ends[-1], 2), np.int64), np.empty(ends[-1], np.float64)
    latest, counts = np.empty(ends[-1], np.int32), np.empty(ends[-1], np.int64)
    following = ends - degrees.ravel()
    for (rows, columns), parts in plan:
        totals, numbers, of_stages = (a.ravel() for a in _pooled(fixed, stages, inside, parts))
        names = np.flatnonzero(numbers)
        at = following[names]
        following[names] += 1
        edges[at, 0] = names
        edges[at, 1] = names + (rows * blocks.shape[1] + columns)
        affinities[at] = mean_affinities(totals[names], numbers[names])
        latest[at] = of_stages[names]
        counts[at] = numbers[names]
    return BlockGraph(blocks.shape, edges, affinities, latest, counts, blocks)


def _reached(inside: np.ndarray, parts: Sequence[_Part]) -> np.ndarray:
    """(rows, columns) bool: whether a pixel edge of the parts joins a block with its later neighbour."""
    reached = np.zeros(inside.shape[2:], np.bool_)
    for part in parts:
        joined, _, block = _joined(inside, part)
        reached[block] |= joined.any(axis=(0, 1))
    return reached


def _pooled(
    fixed: np.ndarray, stages: np.ndarray, inside: np.ndarray, parts: Sequence[_Part]
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Sum, number and stage of the parts' pixel edges between each block and its later neighbour: int64,
    int64 and int32, (rows, columns)."""
    shape = inside.shape[2:]
    totals, numbers = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    latest = np.zeros(shape, np.int32)
    for part in parts:
        joined, first, block = _joined(inside, part)
        number = joined.sum(axis=(0, 1), dtype=np.int64)
        known = _by_place(fixed[part.channel], len(inside))[first] * joined
        totals[block] += known.sum(axis=(0, 1), dtype=np.int64)
        numbers[block] += number
        latest[block][number > 0] = stages[part.channel]  # the parts' distances rise
    return totals, numbers, latest


def _joined(
    inside: np.ndarray, part: _Part
) -> tuple[np.ndarray, tuple[slice, ...], tuple[slice, ...]]:
    """Which pixel edges of a part have both ends in the mask (places, then blocks), where their first ends
    lie in a ``_by_place`` array, and where the earlier of the two blocks lies among the blocks."""
    here, there = end_slices(inside.shape[2:], np.array(part.step))
    first = (*part.first, *here)
    joined = inside[first] & inside[*part.second, *there]
    return joined, first, here if part.step > (0, 0) else there
