"""One merge problem: checked once, read by every backend, changed by none."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from operator import index
from typing import Any, Self

import numpy as np
from numpy.typing import ArrayLike

from merge_impls import validation
from merge_impls.arrays import BoolArray
from merge_impls.fixed_point import affinities_to_fixed_point, thresholds_to_float32
from merge_impls.pixel_edges import pixel_edges

GRID_FIELDS = ("affinities", "offsets", "stages", "thresholds", "mask", "linkage")
EDGE_FIELDS = ("num_vertices", "edges", "affinities", "stages", "thresholds", "linkage")
"""What defines a problem of either form: the arguments of ``from_grid`` and of ``from_edges``."""


def _read_only(array: np.ndarray) -> np.ndarray:
    view = array.view()
    view.flags.writeable = False
    return view


@dataclass(frozen=True, eq=False)
class MergeProblem:
    """What a backend gets. Make one with :meth:`from_grid` or :meth:`from_edges`, which check
    everything.

    Vertices are 0..num_vertices - 1; in a grid a vertex is a pixel, named by its raster index in
    the full grid. Arrays are read-only and may view the caller's (so they need not be contiguous).
    A backend reads the arrays below as they are, or the pixel edges of either form one by one from
    :meth:`edge_blocks` and :meth:`edge_arrays`.

    shape: of the labels; the grid, or (num_vertices,).
    linkage: "average" (mean over all pixel edges) or "weighted" (Algorithm 1 as printed).
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
    thresholds: np.ndarray
    stages: np.ndarray
    affinities: np.ndarray
    offsets: np.ndarray | None = None
    mask: np.ndarray | None = None
    edges: np.ndarray | None = None

    def __post_init__(self) -> None:
        """The classmethods check values; this keeps arrays of other sizes from ever reaching a backend."""
        validation.check_linkage(self.linkage)
        validation.check_sizes(self)

    @classmethod
    def from_grid(
        cls,
        affinities: ArrayLike,
        offsets: ArrayLike,
        stages: ArrayLike,
        thresholds: Sequence[float] | np.ndarray,
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
        array = validation.as_array("affinities", affinities)
        shape = validation.check_grid_shape(array.shape)
        fixed = affinities_to_fixed_point(array)
        limits = thresholds_to_float32(thresholds)
        offsets = validation.check_offsets(offsets, len(fixed), len(shape))
        if mask is None:
            mask = np.ones(shape, np.bool_)
        mask = validation.check_mask(validation.as_array("mask", mask), shape)
        return cls(
            shape=shape,
            num_vertices=int(np.prod(shape)),
            linkage=validation.check_linkage(linkage),
            thresholds=_read_only(limits),
            stages=_read_only(validation.check_stages(stages, len(fixed), len(limits))),
            affinities=_read_only(fixed),
            offsets=_read_only(offsets),
            mask=_read_only(mask),
        )

    @classmethod
    def from_edges(
        cls,
        num_vertices: int,
        edges: ArrayLike,
        affinities: ArrayLike,
        stages: ArrayLike,
        thresholds: Sequence[float] | np.ndarray,
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
            num_vertices = index(num_vertices)
        except TypeError:
            raise TypeError(f"num_vertices must be an integer; got {num_vertices!r}") from None
        validation.check_vertex_count("num_vertices", num_vertices)
        array = validation.as_array("affinities", affinities)
        if array.ndim != 1:
            raise ValueError(
                f"affinities must have shape (M,), one for each edge; got {array.shape}"
            )
        fixed = affinities_to_fixed_point(array)
        limits = thresholds_to_float32(thresholds)
        return cls(
            shape=(num_vertices,),
            num_vertices=num_vertices,
            linkage=validation.check_linkage(linkage),
            thresholds=_read_only(limits),
            stages=_read_only(validation.check_stages(stages, len(fixed), len(limits))),
            affinities=_read_only(fixed),
            edges=_read_only(validation.check_edges(edges, len(fixed), num_vertices)),
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
        """Arrays stay read-only in a copy, too, and in another process."""
        for name, value in state.items():
            self.__dict__[name] = _read_only(value) if isinstance(value, np.ndarray) else value

    @property
    def is_grid(self) -> bool:
        """Whether the problem has offsets and a mask rather than a list of edges."""
        return self.edges is None

    @property
    def foreground(self) -> BoolArray:
        """The vertices that are to be segmented, of ``shape``: the mask, or all of a graph."""
        return np.ones(self.shape, np.bool_) if self.mask is None else self.mask

    def edge_blocks(
        self, stage: int | None = None
    ) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray]]:
        """Blocks (u, v, q) of the pixel edges of one stage, or of all: int64, int64, uint16, 1-D.

        One block for each offset of a grid, so that never the whole list is in memory; one in all
        for explicit edges. Only edges with both ends inside the grid and the mask are given.
        """
        yield from pixel_edges(self, stage)

    def edge_arrays(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """All pixel edges at once: (u, v, q, stages), each (M,); int64, int64, uint16 and int32.

        Of a grid with K offsets and n pixels up to K * n edges of 22 bytes.
        """
        if not self.is_grid:
            return self.edges[:, 0], self.edges[:, 1], self.affinities, self.stages
        blocks = list(pixel_edges(self))
        nothing = (np.empty(0, np.int64), np.empty(0, np.int64), np.empty(0, np.uint16))
        u, v, q = (np.concatenate(parts) for parts in zip(nothing, *blocks, strict=True))
        return u, v, q, np.repeat(self.stages, [len(block[0]) for block in blocks])
