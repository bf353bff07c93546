"""Forcing local merge (section 4.4): each block of m x m pixels becomes one vertex before the graph merge."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from bench.pipeline.config import PipelineConfig
from bench.types import Size
from merge_impls.argument_checks import (
    as_array,
    check_mask,
    check_offsets,
    check_stages,
    grid_shape_of_affinities,
)
from merge_impls.arrays import (
    AnyArray,
    BoolArray,
    Float32Array,
    Float64Array,
    Int32Array,
    Int64Array,
    Slices,
    UInt16Array,
)
from merge_impls.fixed_point_affinities import affinities_to_fixed_point
from merge_impls.offsets import pair_slices
from merge_impls.result import mean_affinities_from_sums

BlockStep = tuple[int, int]
"""(rows, columns) from one block to another, counted in blocks."""


@dataclass(frozen=True, eq=False)
class BlockGraph:
    """A graph whose vertices are the blocks of an image, in the form of ``MergeProblem.from_edges``.

    The vertex of a block is its raster index. Blocks outside the mask are vertices without edges. Two blocks
    without a pixel edge between them have no edge; with linkage "average" this is not the same as an edge
    with affinity 0.

    shape: (rows, columns), the number of blocks.
    edges: (M, 2) int64, the two vertices of each edge, the smaller first. Each pair occurs once, sorted.
    affinities: (M,) float64, the mean affinity of the pixel edges between the two blocks.
    stages: (M,) int32, the stage of the longest of these pixel edges.
    counts: (M,) int64, the number of these pixel edges.
    mask: (rows, columns) bool, whether at least one pixel of the block is in the mask.
    """

    shape: Size
    edges: Int64Array
    affinities: Float64Array
    stages: Int32Array
    counts: Int64Array
    mask: BoolArray


@dataclass(frozen=True)
class _EdgeGroup:
    """All pixel edges of one channel that join a block with the block one ``step`` away.

    first: the rows and columns of the first pixels of the edges, relative to their block.
    second: the rows and columns of the second pixels, relative to the block that is a step away.
    """

    channel: int
    step: BlockStep
    first: tuple[slice, slice]
    second: tuple[slice, slice]


def force_local_merge(
    affinity: Float32Array, mask: BoolArray, config: PipelineConfig
) -> BlockGraph | None:
    """The graph of the blocks of a region (see ``contract_blocks``), or None if ``flm`` is off.

    affinity: (K, H, W) float32, refined affinities of ``config.graph_offsets``.
    mask: (H, W) bool, the pixels that the graph holds.
    """
    if config.flm == 1:
        return None
    return contract_blocks(affinity, config.graph_offsets, config.graph_stages, mask, config.flm)


def contract_blocks(
    affinities: AnyArray,
    offsets: Sequence[tuple[int, int]] | AnyArray,
    stages: Sequence[int] | AnyArray,
    mask: BoolArray,
    block_size: int,
) -> BlockGraph:
    """Merge all pixels of each block of ``block_size`` x ``block_size`` pixels, without regard to affinities.

    All pixel edges between two blocks become one edge. Its affinity is the mean affinity of these pixel
    edges, and its stage is the stage of the longest pixel edge. With distances 1, 2, 4, ... and blocks of
    2 x 2 pixels, edges between adjacent blocks come from pixel distances 1 and 2, edges at block distance 2
    from pixel distance 4, and so on (Fig. 5). Means are computed from integer sums, so that they have the
    same bits on every machine. If a side of the image is not a multiple of ``block_size``, the blocks in the
    last row or column are smaller.

    affinities: (K, H, W) float in [0, 1] or uint16 fixed point, value [k, p] of the pair (p, p + offsets[k]).
    offsets: (K, 2) integers, lexicographically positive, all different. The distance of an offset is the
        larger absolute value of its two components, in pixels.
    stages: (K,) integers from 0, the stage of each offset. If offsets of the same distance have different
        stages, the latest stage counts.
    mask: (H, W) bool. Pixels outside the mask have no edges, even if their block has other pixels inside.
    Raises ValueError or TypeError for a ``block_size`` below 1, and for arguments that
    ``MergeProblem.from_grid`` would refuse.
    """
    if block_size < 1:
        raise ValueError(f"block_size is {block_size}; a block has at least 1 pixel a side")
    fixed = affinities_to_fixed_point(as_array("affinities", affinities))
    if fixed.ndim != 3:
        raise ValueError(f"affinities must have shape (K, H, W); got {fixed.shape}")
    size = grid_shape_of_affinities(fixed.shape)
    checked_offsets = check_offsets(offsets, len(fixed), 2)
    checked_stages = check_stages(stages, len(fixed), int(np.max(stages, initial=0)) + 1)
    inside = np.ascontiguousarray(_split_into_blocks(check_mask(mask, size), block_size))
    groups_by_step = _groups_by_step(checked_offsets, checked_stages, block_size)
    return _build_block_graph(fixed, checked_stages, inside, groups_by_step)


def _split_into_blocks(values: npt.NDArray[np.generic], block_size: int) -> AnyArray:
    """Reorder (H, W) to (m, m, rows, columns), where m is ``block_size``.

    result[i, j, r, c] == values[m * r + i, m * c + j], or 0 beyond the border of the image.
    """
    missing = [(0, -side % block_size) for side in values.shape]
    if any(map(any, missing)):
        values = np.pad(values, missing)
    rows, columns = (side // block_size for side in values.shape)
    return values.reshape(rows, block_size, columns, block_size).transpose(1, 3, 0, 2)


def _groups_by_step(
    offsets: Int64Array, stages: Int32Array, block_size: int
) -> dict[BlockStep, list[_EdgeGroup]]:
    """All edge groups, by the step between their two blocks. In each list the longest distance comes last.

    The keys are lexicographically positive steps. A group whose own step leads backwards is listed under the
    opposite step.
    """
    groups = defaultdict(list)
    distances = np.abs(offsets).max(axis=1, initial=0)
    for channel in np.lexsort((stages, distances)).tolist():
        down, right = (list(_block_steps(part, block_size)) for part in offsets[channel].tolist())
        for rows, first_rows, second_rows in down:
            for columns, first_columns, second_columns in right:
                if (rows, columns) == (0, 0):
                    continue  # both pixels are in the same block
                first, second = (first_rows, first_columns), (second_rows, second_columns)
                group = _EdgeGroup(channel, (rows, columns), first, second)
                groups[max(group.step, (-rows, -columns))].append(group)
    return groups


def _block_steps(length: int, block_size: int) -> Iterator[tuple[int, slice, slice]]:
    """Along one axis: how far pixel edges of this ``length`` lead, counted in blocks.

    Yields (step in blocks, positions of the first pixels, positions of the second pixels), positions relative
    to the block of each pixel.
    """
    blocks, rest = divmod(length, block_size)
    yield blocks, slice(0, block_size - rest), slice(rest, block_size)
    if rest:
        yield blocks + 1, slice(block_size - rest, block_size), slice(0, rest)


def _build_block_graph(
    fixed: UInt16Array,
    stages: Int32Array,
    inside: BoolArray,
    groups_by_step: Mapping[BlockStep, Sequence[_EdgeGroup]],
) -> BlockGraph:
    """Build the graph of the blocks.

    inside: (m, m, rows, columns) bool, the mask from ``_split_into_blocks``.

    Steps are visited in ascending order, so that the edges of each block are written in sorted order. The
    edges are first counted and then written to their final places. Concatenating and sorting lists of edges
    would need several times the memory of the graph.
    """
    blocks: BoolArray = np.asarray(inside.any(axis=(0, 1)))
    steps = sorted(groups_by_step.items())
    degrees = np.zeros(blocks.shape, np.int64)
    for _, groups in steps:
        degrees += _has_edge_to_later_block(inside, groups)
    ends = degrees.cumsum()
    edges, affinities = np.empty((ends[-1], 2), np.int64), np.empty(ends[-1], np.float64)
    latest, counts = np.empty(ends[-1], np.int32), np.empty(ends[-1], np.int64)
    following = ends - degrees.ravel()
    for (rows, columns), groups in steps:
        totals, numbers, of_stages = (a.ravel() for a in _pool_edges(fixed, stages, inside, groups))
        names = np.flatnonzero(numbers)
        at = following[names]
        following[names] += 1
        edges[at, 0] = names
        edges[at, 1] = names + (rows * blocks.shape[1] + columns)
        affinities[at] = mean_affinities_from_sums(totals[names], numbers[names])
        latest[at] = of_stages[names]
        counts[at] = numbers[names]
    return BlockGraph(blocks.shape, edges, affinities, latest, counts, blocks)


def _has_edge_to_later_block(inside: BoolArray, groups: Sequence[_EdgeGroup]) -> BoolArray:
    """(rows, columns) bool: whether a pixel edge of ``groups`` joins the block to the block a step later."""
    reached = np.zeros(inside.shape[2:], np.bool_)
    for group in groups:
        joined, _, block = _edges_inside_mask(inside, group)
        reached[block] |= joined.any(axis=(0, 1))
    return reached


def _pool_edges(
    fixed: UInt16Array, stages: Int32Array, inside: BoolArray, groups: Sequence[_EdgeGroup]
) -> tuple[Int64Array, Int64Array, Int32Array]:
    """Pool the pixel edges of ``groups`` between each block and the block one step later.

    Returns, each (rows, columns): the sum of the affinities, the number of pixel edges, the latest stage.
    """
    shape = inside.shape[2:]
    totals, numbers = np.zeros(shape, np.int64), np.zeros(shape, np.int64)
    latest = np.zeros(shape, np.int32)
    for group in groups:
        joined, first, block = _edges_inside_mask(inside, group)
        number = joined.sum(axis=(0, 1), dtype=np.int64)
        known = _split_into_blocks(fixed[group.channel], len(inside))[first] * joined
        totals[block] += known.sum(axis=(0, 1), dtype=np.int64)
        numbers[block] += number
        latest[block][number > 0] = stages[group.channel]  # the longest distance is the last group
    return totals, numbers, latest


def _edges_inside_mask(inside: BoolArray, group: _EdgeGroup) -> tuple[BoolArray, Slices, Slices]:
    """Which pixel edges of a group have both pixels in the mask.

    Returns three values: a bool array, indexed by the position within the block and then by the block; the
    index that selects the first pixels of the edges from an array of ``_split_into_blocks``; the index (rows,
    columns) that selects the earlier one of the two blocks.
    """
    here, there = pair_slices(inside.shape[2:], np.array(group.step))
    first = (*group.first, *here)
    joined = inside[first] & inside[*group.second, *there]
    return joined, first, here if group.step > (0, 0) else there
