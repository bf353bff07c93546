"""List the pixel edges of a grid or of explicit edges as arrays, with or without counts."""

from collections.abc import Iterator
from typing import TypeAlias

import numpy as np

from merge_impls.arrays import BoolArray, Int32Array, Int64Array, Slices, UInt16Array
from merge_impls.offsets import pair_slices

EdgeBlock: TypeAlias = tuple[Int64Array, Int64Array, UInt16Array]
"""Some pixel edges as three 1-D arrays (u, v, q) of equal length: two vertices and the affinity."""

CountedEdgeBlock: TypeAlias = tuple[Int64Array, Int64Array, UInt16Array, Int64Array, Int64Array]
"""Some edges as five 1-D arrays (u, v, q, totals, counts) of equal length.

The first three are those of ``EdgeBlock``. Each edge stands for ``counts`` pixel edges, and the
affinities of these pixel edges add up to ``totals``, in fixed point.
"""


def refuse_counts(counts: Int64Array | None, method: str) -> None:
    """Raise ValueError if there are counts. method: the method that would leave them out."""
    if counts is not None:
        raise ValueError(
            f"{method} leaves out counts, which the edges of this problem have; read counted_edge_blocks"
        )


def pairs_in_mask(mask: BoolArray, offset: Int64Array) -> tuple[Slices, Slices, BoolArray]:
    """Return the slices of the pairs that an offset joins, and which of the pairs are in the mask.

    The last value is a bool array of the shape that both slices select.
    """
    first, second = pair_slices(mask.shape, offset)
    return first, second, mask[first] & mask[second]


def grid_edge_blocks(
    affinities: UInt16Array,
    offsets: Int64Array,
    stages: Int32Array,
    mask: BoolArray,
    stage: int | None,
) -> Iterator[EdgeBlock]:
    """Yield the pixel edges of a grid, one block for each offset of the stage (None: all stages)."""
    vertices = np.arange(mask.size).reshape(mask.shape)
    for k, of_stage in enumerate(stages):
        if stage is None or of_stage == stage:
            first, second, inside = pairs_in_mask(mask, offsets[k])
            yield vertices[first][inside], vertices[second][inside], affinities[k][first][inside]


def with_single_counts(block: EdgeBlock) -> CountedEdgeBlock:
    """Return the block with the total and the count of single pixel edges: q and 1."""
    u, v, q = block
    return u, v, q, q.astype(np.int64), np.ones(len(q), np.int64)
