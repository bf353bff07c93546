"""Checks of what a caller hands in. An error is one line: argument, first offender, rule."""

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import ArrayLike

if TYPE_CHECKING:
    from merge_impls.problem import MergeProblem

LINKAGES = ("average", "weighted")

MAX_VERTICES = 2**31 - 1
"""Labels are int32, and every vertex may end as a segment of its own."""


def one_line(error: BaseException) -> str:
    """What an exception says, without line breaks."""
    return " ".join(str(error).split()) or type(error).__name__


def refuse_first(name: str, array: np.ndarray, bad: np.ndarray, rule: str) -> None:
    """Raise ValueError for the first entry where ``bad`` (same shape as ``array``) is True."""
    if not bad.any():
        return
    index = tuple(int(i) for i in np.unravel_index(np.argmax(bad), bad.shape))
    place = ", ".join(map(str, index))
    raise ValueError(f"{name}[{place}] is {array[index]}; {rule}")


def as_array(name: str, values: ArrayLike) -> np.ndarray:
    """``values`` as an array of any type and shape; raises unless they are one."""
    if isinstance(values, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array; fill it and pass the foreground as mask")
    try:
        return np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} is ragged: {one_line(error)}") from None


def as_integers(name: str, values: np.ndarray, shape: tuple[int, ...], dtype: type) -> np.ndarray:
    """``values`` as an array of ``dtype`` and ``shape``; raises TypeError unless they are integers.

    An empty list, which numpy takes for floats, counts as an empty array of integers.
    """
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} must have shape {shape}: {one_line(error)}") from None
    if array.size == 0 and shape[0] == 0 and array.shape in ((0,), shape):
        array = np.empty(shape, dtype)
    if array.shape != shape:
        raise ValueError(f"{name} must have shape {shape}; got {array.shape}")
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must be integers; got {array.dtype}")
    limits = np.iinfo(dtype)
    too_far = (array < limits.min) | (array > limits.max)
    refuse_first(name, array, too_far, f"does not fit {limits.dtype}")
    return array.astype(dtype, copy=False)


def check_linkage(linkage: str) -> str:
    """Raise ValueError unless ``linkage`` is one that the contract knows."""
    if linkage not in LINKAGES:
        raise ValueError(f"linkage is {linkage!r}; known are {' and '.join(map(repr, LINKAGES))}")
    return str(linkage)


def check_stages(stages: np.ndarray, length: int, num_stages: int) -> np.ndarray:
    """Stages as int32 of shape (length,), each in 0..num_stages - 1."""
    stages = as_integers("stages", stages, (length,), np.int32)
    rule = f"stages are 0..{num_stages - 1}, one for each threshold"
    refuse_first("stages", stages, (stages < 0) | (stages >= num_stages), rule)
    return stages


def check_grid_shape(shape: tuple[int, ...]) -> tuple[int, ...]:
    """The grid in the shape (K, *grid); raises ValueError unless it is 2-D or 3-D and has a pixel."""
    grid = shape[1:]
    if len(grid) not in (2, 3):
        raise ValueError(
            f"affinities must have shape (K, *grid) with a 2-D or 3-D grid; got {shape}"
        )
    if 0 in grid:
        raise ValueError(
            f"affinities has an empty grid {grid}; every axis needs at least one pixel"
        )
    return check_vertex_count("affinities", int(np.prod(grid, dtype=object))) and grid


def check_vertex_count(name: str, count: int) -> int:
    """Raise ValueError unless there is a vertex and int32 can label all of them."""
    if count < 1:
        raise ValueError(f"{name} gives {count} vertices; at least 1 is needed")
    if count > MAX_VERTICES:
        raise ValueError(
            f"{name} gives {count} vertices; labels are int32, so at most {MAX_VERTICES}"
        )
    return count


def check_offsets(offsets: np.ndarray, num_offsets: int, ndim: int) -> np.ndarray:
    """Offsets as int64 (num_offsets, ndim), lexicographically positive and all different."""
    offsets = as_integers("offsets", offsets, (num_offsets, ndim), np.int64)
    seen: dict[tuple[int, ...], int] = {}
    for index, row in enumerate(offsets.tolist()):
        offset = tuple(row)
        if offset <= (0,) * ndim:
            raise ValueError(
                f"offsets[{index}] is {offset}; its first component other than 0 must be positive"
            )
        if offset in seen:
            raise ValueError(f"offsets[{index}] is {offset}, the same as offsets[{seen[offset]}]")
        seen[offset] = index
    return offsets


def check_mask(mask: np.ndarray, shape: tuple[int, ...]) -> np.ndarray:
    """The foreground as a bool array of the grid's shape."""
    mask = np.asarray(mask)
    if mask.dtype != np.bool_:
        raise TypeError(f"mask must be bool; got {mask.dtype}")
    if mask.shape != shape:
        raise ValueError(f"mask must have the grid's shape {shape}; got {mask.shape}")
    return mask


def check_edges(edges: np.ndarray, num_edges: int, num_vertices: int) -> np.ndarray:
    """Edges as int64 of shape (num_edges, 2), ends in 0..num_vertices - 1, no self-loops."""
    edges = as_integers("edges", edges, (num_edges, 2), np.int64)
    rule = f"vertices are 0..{num_vertices - 1}"
    refuse_first("edges", edges, (edges < 0) | (edges >= num_vertices), rule)
    loops = edges[:, 0] == edges[:, 1]
    refuse_first("edges", edges, loops, "an edge from a vertex to itself is not allowed")
    return edges


def check_sizes(problem: "MergeProblem") -> None:
    """Raise ValueError unless the arrays of a problem have the dtypes and shapes that belong together."""
    count = len(problem.stages)
    expected = {
        "thresholds": (np.float32, problem.thresholds.shape),
        "stages": (np.int32, (count,)),
    }
    if problem.edges is None:
        expected["affinities"] = (np.uint16, (count, *problem.shape))
        expected["offsets"] = (np.int64, (count, len(problem.shape)))
        expected["mask"] = (np.bool_, problem.shape)
    else:
        expected["affinities"] = (np.uint16, (count,))
        expected["edges"] = (np.int64, (count, 2))
    for name, (dtype, shape) in expected.items():
        array = getattr(problem, name)
        found = (getattr(array, "dtype", None), getattr(array, "shape", None))
        if found != (dtype, shape):
            raise ValueError(f"{name} must be {np.dtype(dtype)} {shape}; got {found[0]} {found[1]}")
    if problem.num_vertices != int(np.prod(problem.shape, dtype=object)):
        raise ValueError(
            f"num_vertices is {problem.num_vertices}; shape {problem.shape} has others"
        )
