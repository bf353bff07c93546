"""One merge problem: checked once, then read by every backend and never changed."""

from collections.abc import Iterator
from dataclasses import dataclass
from operator import index
from typing import Any, Self, SupportsIndex, TypeAlias

import numpy as np
from numpy.typing import ArrayLike, DTypeLike

from merge_impls import argument_checks
from merge_impls.arrays import (
    AnyArray,
    BoolArray,
    Float32Array,
    Int32Array,
    Int64Array,
    Slices,
    UInt16Array,
)
from merge_impls.fixed_point_affinities import affinities_to_fixed_point, thresholds_to_float32
from merge_impls.offsets import pair_slices

EdgeBlock: TypeAlias = tuple[Int64Array, Int64Array, UInt16Array]
"""The two vertices and the affinity of some pixel edges: (u, v, q), 1-D, of equal length."""

GRID_FIELDS = ("affinities", "offsets", "stages", "thresholds", "mask", "linkage")
EDGE_FIELDS = ("num_vertices", "edges", "affinities", "stages", "thresholds", "linkage")
"""What defines a problem of either form: the arguments of ``from_grid`` and of ``from_edges``."""


@dataclass(frozen=True, eq=False)
class MergeProblem:
    """A graph to merge, the input of every backend.

    Make one with :meth:`from_grid` or :meth:`from_edges`, which check all arguments.

    Vertices are 0..num_vertices - 1; in a grid a vertex is a pixel, named by its raster index in
    the full grid. Arrays are read-only and may view the caller's (so they need not be contiguous).
    A backend reads the arrays below as they are, or the pixel edges of either form from
    :meth:`edge_blocks` and :meth:`edge_arrays`.

    shape: of the labels; the grid, or (num_vertices,).
    linkage: what pixel edges weigh together, a name of the table in CONTRACT.md, such as "average"
        (the mean over all pixel edges) or "weighted" (Algorithm 1 as printed).
    thresholds: (S,) float32, R_s of each stage.
    stages: int32, of each offset (K,) or of each edge (M,).
    affinities: uint16 fixed point, 65535 stands for 1; (K, *shape) where [k, p] joins pixel p and
        p + offsets[k], or (M,).
    offsets: (K, ndim) int64, lexicographically positive; None for explicit edges.
    mask: bool of the grid's shape, the foreground (all True if none was given); None for explicit
        edges.
    edges: (M, 2) int64; None for a grid.
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

    def __post_init__(self) -> None:
        """The classmethods check values; this refuses arrays whose dtypes or shapes do not fit."""
        argument_checks.check_linkage(self.linkage)
        for name, (dtype, shape) in self._expected_dtypes_and_shapes().items():
            _check_dtype_and_shape(name, getattr(self, name), dtype, shape)
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
        """A 2-D or 3-D grid whose pixels are joined along K offsets (section 3.3, Eq. 1 and 2).

        affinities: (K, *shape), float16/32/64 in [0, 1] or uint16 fixed point. Values whose edge
            leaves the grid or the mask are ignored, but must be valid.
        offsets: (K, ndim) integers, lexicographically positive, all different.
        stages: (K,) integers in 0..S-1. thresholds: (S,) in [0, 1], in any order.
        mask: bool of the grid's shape, True in the foreground; None takes every pixel.
        Raises ValueError or TypeError, one line that names the argument and the first offender.
        """
        array = argument_checks.as_array("affinities", affinities)
        shape = argument_checks.check_grid_shape(array.shape)
        fixed = affinities_to_fixed_point(array)
        limits = thresholds_to_float32(thresholds)
        rows = argument_checks.check_offsets(offsets, len(fixed), len(shape))
        if mask is None:
            mask = np.ones(shape, np.bool_)
        return cls(
            shape=shape,
            num_vertices=int(np.prod(shape)),
            linkage=argument_checks.check_linkage(linkage),
            thresholds=_read_only_view(limits),
            stages=_read_only_view(argument_checks.check_stages(stages, len(fixed), len(limits))),
            affinities=_read_only_view(fixed),
            offsets=_read_only_view(rows),
            mask=_read_only_view(argument_checks.check_mask(mask, shape)),
        )

    @classmethod
    def from_edges(
        cls,
        num_vertices: SupportsIndex,
        edges: ArrayLike,
        affinities: ArrayLike,
        stages: ArrayLike,
        thresholds: ArrayLike,
        *,
        linkage: str = "average",
    ) -> Self:
        """An explicit graph; several edges, in either direction, may join the same two vertices.

        edges: (M, 2) integers in 0..num_vertices-1, no self-loops; M may be 0.
        affinities: (M,), float16/32/64 in [0, 1] or uint16 fixed point.
        stages: (M,) integers in 0..S-1. thresholds: (S,) in [0, 1], in any order.
        Raises ValueError or TypeError, one line that names the argument and the first offender.
        """
        try:
            count = index(num_vertices)
        except TypeError:
            raise TypeError(f"num_vertices must be an integer; got {num_vertices!r}") from None
        argument_checks.check_vertex_count("num_vertices", count)
        array = argument_checks.as_array("affinities", affinities)
        if array.ndim != 1:
            raise ValueError(
                f"affinities must have shape (M,), one for each edge; got {array.shape}"
            )
        fixed = affinities_to_fixed_point(array)
        limits = thresholds_to_float32(thresholds)
        return cls(
            shape=(count,),
            num_vertices=count,
            linkage=argument_checks.check_linkage(linkage),
            thresholds=_read_only_view(limits),
            stages=_read_only_view(argument_checks.check_stages(stages, len(fixed), len(limits))),
            affinities=_read_only_view(fixed),
            edges=_read_only_view(argument_checks.check_edges(edges, len(fixed), count)),
        )

    def replace(self, **changes: Any) -> Self:
        """The same problem with some fields changed, checked as a new one is.

        changes: what :meth:`from_grid` takes (affinities, offsets, stages, thresholds, mask,
            linkage), or for explicit edges what :meth:`from_edges` takes (num_vertices, edges,
            affinities, stages, thresholds, linkage).
        Raises TypeError for a field that this form of problem does not have; otherwise raises like
        those two.
        """
        fields = GRID_FIELDS if self.is_grid else EDGE_FIELDS
        for name in changes:
            if name not in fields:
                form = "a grid" if self.is_grid else "an explicit problem"
                raise TypeError(f"{form} has no {name} to replace, only {', '.join(fields)}")
        values = {name: getattr(self, name) for name in fields} | changes
        return self.from_grid(**values) if self.is_grid else self.from_edges(**values)

    def __setstate__(self, state: dict[str, Any]) -> None:
        """Restore a copied or unpickled problem with read-only arrays."""
        for name, value in state.items():
            self.__dict__[name] = _read_only_view(value) if isinstance(value, np.ndarray) else value

    @property
    def is_grid(self) -> bool:
        """Whether the problem has offsets and a mask rather than a list of edges."""
        return self.edges is None

    @property
    def foreground(self) -> BoolArray:
        """The vertices that are to be segmented, of ``shape``: the mask, or all of a graph."""
        return np.ones(self.shape, np.bool_) if self.mask is None else self.mask

    def edge_blocks(self, stage: int | None = None) -> Iterator[EdgeBlock]:
        """Blocks (u, v, q) of the pixel edges of one stage, or of all: int64, int64, uint16, 1-D.

        One block for each offset of a grid, so that the whole list is never in memory; a single
        block for explicit edges. Only edges with both ends inside the grid and the mask are given.
        """
        if self.edges is not None:
            chosen = slice(None) if stage is None else self.stages == stage
            ends = self.edges[chosen]
            yield ends[:, 0], ends[:, 1], self.affinities[chosen]
            return
        vertices = np.arange(self.num_vertices).reshape(self.shape)
        for k, of_stage in enumerate(self.stages):
            if stage is None or of_stage == stage:
                first, second, inside = self._pair_slices_and_mask(k)
                affinities = self.affinities[k][first][inside]
                yield vertices[first][inside], vertices[second][inside], affinities

    def edge_arrays(self) -> tuple[Int64Array, Int64Array, UInt16Array, Int32Array]:
        """All pixel edges at once: (u, v, q, stages), each (M,); int64, int64, uint16 and int32.

        Of a grid with K offsets and n pixels up to K * n edges of 22 bytes.
        """
        if self.edges is not None:
            return self.edges[:, 0], self.edges[:, 1], self.affinities, self.stages
        blocks = list(self.edge_blocks())
        nothing = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.uint16))
        u, v, q = (np.concatenate(parts) for parts in zip(nothing, *blocks, strict=True))
        return u, v, q, np.repeat(self.stages, [len(block[0]) for block in blocks])

    def count_edges(self) -> int:
        """How many pixel edges the problem has, of all stages, without listing them."""
        if self.edges is not None:
            return len(self.edges)
        return sum(
            int(np.count_nonzero(self._pair_slices_and_mask(k)[2])) for k in range(len(self.stages))
        )

    def _pair_slices_and_mask(self, channel: int) -> tuple[Slices, Slices, BoolArray]:
        """The two parts of the grid that an offset joins, and a bool array of their common shape:
        whether both ends of the pair are in the mask."""
        assert self.offsets is not None and self.mask is not None
        first, second = pair_slices(self.shape, self.offsets[channel])
        return first, second, self.mask[first] & self.mask[second]

    def _expected_dtypes_and_shapes(self) -> dict[str, tuple[DTypeLike, tuple[int, ...]]]:
        """The dtype and the shape that each array must have, by name."""
        count = len(self.stages)
        expected: dict[str, tuple[DTypeLike, tuple[int, ...]]] = {
            "thresholds": (np.float32, self.thresholds.shape),
            "stages": (np.int32, (count,)),
        }
        if self.edges is not None:
            return expected | {
                "affinities": (np.uint16, (count,)),
                "edges": (np.int64, (count, 2)),
            }
        return expected | {
            "affinities": (np.uint16, (count, *self.shape)),
            "offsets": (np.int64, (count, len(self.shape))),
            "mask": (np.bool_, self.shape),
        }


def _check_dtype_and_shape(name: str, array: Any, dtype: DTypeLike, shape: tuple[int, ...]) -> None:
    found = (getattr(array, "dtype", None), getattr(array, "shape", None))
    if found != (dtype, shape):
        raise ValueError(f"{name} must be {np.dtype(dtype)} {shape}; got {found[0]} {found[1]}")


def _read_only_view(array: AnyArray) -> AnyArray:
    view = array.view()
    view.flags.writeable = False
    return view
