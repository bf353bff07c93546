"""The class ``MergeProblem``, the input of every backend, which is checked once and never changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Self, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike

from merge_impls import argument_checks
from merge_impls.arrays import (
    BoolArray,
    Float32Array,
    Int32Array,
    Int64Array,
    UInt16Array,
)
from merge_impls.edge_counts import check_edge_affinities
from merge_impls.edge_lists import (
    CountedEdgeBlock,
    EdgeBlock,
    grid_edge_blocks,
    pairs_in_mask,
    refuse_counts,
    with_single_counts,
)
from merge_impls.problem_arrays import (
    DtypesAndShapes,
    check_changes,
    check_common_fields,
    check_dtype_and_shape,
    edge_dtypes_and_shapes,
    grid_dtypes_and_shapes,
    read_only_view,
)

GRID_FIELDS = ("affinities", "offsets", "stages", "thresholds", "mask", "linkage")
"""The arguments of ``MergeProblem.from_grid``."""

EDGE_FIELDS = (
    *("num_vertices", "edges", "affinities", "stages", "thresholds", "linkage"),
    *("counts", "totals"),
)
"""The arguments of ``MergeProblem.from_edges``."""


@dataclass(frozen=True, eq=False)
class MergeProblem:
    """A graph to merge, with the thresholds and the linkage: the input of every backend.

    Make a problem with ``from_grid`` or ``from_edges``, which check all arguments.

    Vertices are numbered 0..num_vertices - 1. The vertices of a grid are its pixels, numbered in
    raster order. All arrays are read-only. The affinities may be a view of the caller's array, so
    they need not be contiguous, and the caller must not change them while a backend merges the
    problem: CONTRACT.md says what happens otherwise. All other arrays are copies. A backend reads
    the attributes, or the pixel edges of both forms of problems from ``edge_blocks``,
    ``edge_arrays`` or, if it declares ``counts``, ``counted_edge_blocks``.

    Attributes:
        shape: the shape of the labels: that of the grid, or (num_vertices,) for explicit edges.
        num_vertices: the number of vertices, pixels outside the mask included.
        linkage: how weights of super-edges are computed, one of the names in CONTRACT.md:
            "average" for the mean of all pixel edges, "weighted" for Algorithm 1 as printed,
            "single" for the largest and "complete" for the smallest affinity.
        thresholds: float32 (S,), the threshold of each stage.
        stages: int32, the stage of each offset (K,) or of each explicit edge (M,).
        affinities: uint16 fixed point, where 65535 stands for 1. In a grid (K, *shape), where
            [k, p] is the affinity of the pair (p, p + offsets[k]); for explicit edges (M,).
        offsets: int64 (K, ndim), lexicographically positive, in pixels; None for explicit edges.
        mask: bool of the grid's shape, True in the foreground; None for explicit edges.
        edges: int64 (M, 2), the two vertices of each edge; None for a grid.
        counts: int64 (M,), the number of pixel edges that each edge stands for; None if every edge
            is one pixel edge.
        totals: int64 (M,), the sum of the fixed-point affinities of these pixel edges; None without
            counts.

    Raises:
        ValueError: if the dtypes or shapes of the arrays do not fit together.
    """

    shape: tuple[int, ...]
    num_vertices: int
    linkage: str
    thresholds: Float32Array
    stages: Int32Array
    affinities: UInt16Array
    offsets: Int64Array | None = None
    mask: BoolArray | None = None
    edges: Int64Array | None = None
    counts: Int64Array | None = None
    totals: Int64Array | None = None

    def __post_init__(self) -> None:
        """Raise ValueError for dtypes or shapes that do not fit. The classmethods check values."""
        argument_checks.check_linkage(self.linkage)
        for name, (dtype, shape) in self._expected_dtypes_and_shapes().items():
            check_dtype_and_shape(name, getattr(self, name), dtype, shape)
        if self.num_vertices != int(np.prod(self.shape, dtype=object)):
            raise ValueError(
                f"num_vertices is {self.num_vertices}; shape {self.shape} has another number"
            )

    @classmethod
    def from_grid(
        cls,
        affinities: ArrayLike,
        offsets: ArrayLike,
        stages: ArrayLike,
        thresholds: ArrayLike,
        *,
        mask: ArrayLike | None = None,
        linkage: str = "average",
    ) -> Self:
        """Make a problem of a 2-D or 3-D grid, joined along K offsets (section 3.3, Eq. 1 and 2).

        Args:
            affinities: (K, *shape), float16, float32 or float64 in [0, 1], or uint16, where 65535
                stands for 1. The value [k, p] is the affinity of the pair (p, p + offsets[k]). It
                is ignored if one of the two pixels lies outside the grid or the mask, but must be
                valid.
            offsets: (K, ndim) integers, lexicographically positive and all different, in pixels.
            stages: (K,) integers in 0..S-1, the stage of each offset.
            thresholds: (S,) in [0, 1], the threshold of each stage. Thresholds may fall or rise.
            mask: bool of the grid's shape, True in the foreground; None takes every pixel.
            linkage: how weights are computed, see the attribute.

        Raises:
            ValueError: if a value or a shape is invalid; the message names the first wrong entry.
            TypeError: if a dtype is invalid.
        """
        array = argument_checks.as_array("affinities", affinities)
        shape = argument_checks.grid_shape_of_affinities(array.shape)
        fields = check_common_fields(array, stages, thresholds, linkage)
        rows = argument_checks.check_offsets(offsets, len(array), len(shape))
        return cls(
            shape=shape,
            num_vertices=int(np.prod(shape)),
            offsets=read_only_view(rows),
            mask=read_only_view(argument_checks.check_mask(mask, shape)),
            **fields,
        )

    @classmethod
    def from_edges(
        cls,
        num_vertices: SupportsIndex,
        edges: ArrayLike,
        affinities: ArrayLike | None,
        stages: ArrayLike,
        thresholds: ArrayLike,
        *,
        linkage: str = "average",
        counts: ArrayLike | None = None,
        totals: ArrayLike | None = None,
    ) -> Self:
        """Make a problem of explicit edges, several of which may join the same two vertices.

        Args:
            num_vertices: the number of vertices, at least 1.
            edges: (M, 2) integers in 0..num_vertices-1, the two different vertices of each edge, in
                any order. M may be 0.
            affinities: (M,), float16, float32 or float64 in [0, 1], or uint16, where 65535 stands
                for 1. Of an edge with a count: the mean affinity, or the largest for "single" and
                the smallest for "complete". None with ``totals`` stands for the means.
            stages: (M,) integers in 0..S-1, the stage of each edge.
            thresholds: (S,) in [0, 1], the threshold of each stage. Thresholds may fall or rise.
            linkage: how weights are computed, see the attribute.
            counts: (M,) integers of at least 1, the number of pixel edges that each edge stands for,
                see ``region_graph``; in all at most 2 ** 53 / 65535. None: one pixel edge each.
            totals: (M,) integers in 0..65535 * count, the sum of the fixed-point affinities of these
                pixel edges. None stands for fixed-point affinity * count.

        Raises:
            ValueError: if a value or a shape is invalid; the message names the first wrong entry.
            TypeError: if a dtype is invalid.
        """
        count = argument_checks.as_vertex_count("num_vertices", num_vertices)
        array, sums = check_edge_affinities(affinities, linkage, counts, totals)
        fields = check_common_fields(array, stages, thresholds, linkage)
        fields |= {name: read_only_view(values) for name, values in sums.items()}
        ends = argument_checks.check_edges(edges, len(array), count)
        return cls(shape=(count,), num_vertices=count, edges=read_only_view(ends), **fields)

    def replace(self, **changes: Any) -> Self:
        """Return a copy of the problem with some arguments changed, which are all checked again.

        Args:
            **changes: arguments of ``from_grid`` (affinities, offsets, stages, thresholds, mask,
                linkage) for a grid, or of ``from_edges`` (num_vertices, edges, affinities, stages,
                thresholds, linkage, counts, totals) for explicit edges. If the edges have counts, a
                change of affinities or counts needs a change of totals too.

        Raises:
            TypeError: if this form of problem has no such argument, or if a dtype is invalid.
            ValueError: if a value or a shape is invalid.
        """
        fields = GRID_FIELDS if self.is_grid else EDGE_FIELDS
        check_changes(changes, fields, self.is_grid, self.counts is not None)
        values = {name: getattr(self, name) for name in fields} | changes
        return self.from_grid(**values) if self.is_grid else self.from_edges(**values)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Make the arrays of a copied or unpickled problem read-only again."""
        for name, value in state.items():
            self.__dict__[name] = read_only_view(value) if isinstance(value, np.ndarray) else value

    @property
    def is_grid(self) -> bool:
        """Whether the problem has offsets and a mask rather than a list of edges."""
        return self.edges is None

    @property
    def foreground(self) -> BoolArray:
        """The vertices that get a label, bool of ``shape``: the mask, or True for explicit edges."""
        return np.ones(self.shape, np.bool_) if self.mask is None else self.mask

    def edge_blocks(self, stage: int | None = None) -> Iterator[EdgeBlock]:
        """Yield the pixel edges of one stage, or of all stages, in blocks.

        There is one block for each offset of a grid, so that not all edges are in memory at once,
        and a single block for explicit edges. Edges that leave the grid or the mask are left out.

        Args:
            stage: a stage, or None for all stages.

        Yields:
            1-D arrays (u, v, q): the vertices of each edge, int64, and its affinity, uint16.

        Raises:
            ValueError: if the edges have counts, because the blocks would leave them out.
        """
        refuse_counts(self.counts, "edge_blocks")
        if self.offsets is not None and self.mask is not None:
            return grid_edge_blocks(self.affinities, self.offsets, self.stages, self.mask, stage)
        return (block[:3] for block in self.counted_edge_blocks(stage))

    def counted_edge_blocks(self, stage: int | None = None) -> Iterator[CountedEdgeBlock]:
        """Yield the edges in the same blocks as ``edge_blocks``, with their totals and counts.

        Args:
            stage: a stage, or None for all stages.

        Yields:
            1-D arrays (u, v, q, totals, counts): the vertices of each edge, int64, its affinity,
            uint16, and the sum and the number of the pixel edges that it stands for, int64. A single
            pixel edge has the total q and the count 1.
        """
        if self.edges is None:
            yield from map(with_single_counts, self.edge_blocks(stage))
            return
        chosen = slice(None) if stage is None else self.stages == stage
        (u, v), q = self.edges[chosen].T, self.affinities[chosen]
        if self.counts is None or self.totals is None:
            yield with_single_counts((u, v, q))
        else:
            yield u, v, q, self.totals[chosen], self.counts[chosen]

    def edge_arrays(self) -> tuple[Int64Array, Int64Array, UInt16Array, Int32Array]:
        """Return all pixel edges at once; a grid of n pixels and K offsets has up to n * K edges.

        Returns:
            1-D arrays (u, v, q, stages) of equal length: the vertices of each edge, int64, its
            affinity, uint16, and its stage, int32.

        Raises:
            ValueError: if the edges have counts, because the arrays would leave them out.
        """
        refuse_counts(self.counts, "edge_arrays")
        if self.edges is not None:
            return self.edges[:, 0], self.edges[:, 1], self.affinities, self.stages
        blocks = list(self.edge_blocks())
        nothing = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.uint16))
        u, v, q = (np.concatenate(parts) for parts in zip(nothing, *blocks, strict=True))
        return u, v, q, np.repeat(self.stages, [len(block[0]) for block in blocks])

    def count_edges(self) -> int:
        """Count the edges of all stages, without listing them; an edge with a count is one edge."""
        if self.edges is not None:
            return len(self.edges)
        assert self.offsets is not None and self.mask is not None
        inside = [pairs_in_mask(self.mask, offset)[2] for offset in self.offsets]
        return sum(map(int, map(np.count_nonzero, inside)))

    def _expected_dtypes_and_shapes(self) -> DtypesAndShapes:
        """The dtype and the shape that each array must have, by the name of its attribute."""
        of_all: DtypesAndShapes = {"thresholds": (np.float32, self.thresholds.shape)}
        if self.edges is None:
            return of_all | grid_dtypes_and_shapes(self.shape, len(self.stages))
        has_counts = self.counts is not None or self.totals is not None
        return of_all | edge_dtypes_and_shapes(len(self.stages), has_counts)
