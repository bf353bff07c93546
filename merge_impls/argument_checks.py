"""Check arguments. An error is one line that names the argument, its first bad entry and the rule."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from numpy.typing import ArrayLike

from merge_impls.arrays import AnyArray, BoolArray, Int32Array, Int64Array

PAPERS_LINKAGES = ("average", "weighted")
"""The paper's two: its authors' program computes the first, its Algorithm 1 prints the second."""

LINKAGES = (*PAPERS_LINKAGES, "single", "complete")
"""All that CONTRACT.md defines, and the only list of them: every other place reads this one."""

MAX_VERTICES = 2**31 - 1
"""Labels are int32, and every vertex may remain a segment of its own."""


def one_line_message(error: BaseException) -> str:
    """The message of an exception without line breaks; its type if there is none."""
    return " ".join(str(error).split()) or type(error).__name__


def join_quoted(values: Iterable[object], last: str = "and") -> str:
    """The values as they are written in code: "'a', 'b' and 'c'"."""
    *first, end = map(repr, values)
    return f"{', '.join(first)} {last} {end}" if first else end


def refuse_first_bad_entry(name: str, array: AnyArray, bad: BoolArray, rule: str) -> None:
    """Raise ValueError for the first entry where ``bad`` (same shape as ``array``) is True."""
    if not bad.any():
        return
    index = tuple(int(i) for i in np.unravel_index(np.argmax(bad), bad.shape))
    place = ", ".join(map(str, index))
    raise ValueError(f"{name}[{place}] is {array[index]}; {rule}")


def as_array(name: str, values: ArrayLike) -> AnyArray:
    """``values`` as an array of any dtype and shape; raises for ragged ones and masked arrays."""
    if isinstance(values, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array; fill it and pass the foreground as mask")
    try:
        return np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} is ragged: {one_line_message(error)}") from None


def as_integer_array(
    name: str, values: ArrayLike, shape: tuple[int, ...], dtype: type[np.signedinteger[Any]]
) -> AnyArray:
    """``values`` as an array of ``dtype`` and ``shape``; raises TypeError unless they are integers.

    An empty list, which numpy takes for floats, counts as an empty array of integers.
    """
    try:
        array = np.asarray(values)
    except ValueError as error:
        raise ValueError(f"{name} must have shape {shape}: {one_line_message(error)}") from None
    if array.size == 0 and shape[0] == 0 and array.shape in ((0,), shape):
        array = np.empty(shape, dtype)
    if array.shape != shape:
        raise ValueError(f"{name} must have shape {shape}; got {array.shape}")
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must be integers; got {array.dtype}")
    limits = np.iinfo(dtype)
    too_far = (array < limits.min) | (array > limits.max)
    refuse_first_bad_entry(name, array, too_far, f"does not fit {limits.dtype}")
    return array.astype(dtype, copy=False)


def check_linkage(linkage: str) -> str:
    """Raise ValueError unless the contract defines ``linkage``."""
    if linkage not in LINKAGES:
        raise ValueError(f"linkage is {linkage!r}; known are {join_quoted(LINKAGES)}")
    return str(linkage)


def check_stages(stages: ArrayLike, length: int, num_stages: int) -> Int32Array:
    """Stages as int32 of shape (length,), each in 0..num_stages - 1."""
    array: Int32Array = as_integer_array("stages", stages, (length,), np.int32)
    rule = f"stages are 0..{num_stages - 1}, one for each threshold"
    refuse_first_bad_entry("stages", array, (array < 0) | (array >= num_stages), rule)
    return array


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
    check_vertex_count("affinities", int(np.prod(grid, dtype=object)))
    return grid


def check_vertex_count(name: str, count: int) -> None:
    """Raise ValueError unless there is a vertex and int32 can label all of them."""
    if count < 1:
        raise ValueError(f"{name} gives {count} vertices; at least 1 is needed")
    if count > MAX_VERTICES:
        raise ValueError(
            f"{name} gives {count} vertices; labels are int32, so at most {MAX_VERTICES}"
        )


def check_offsets(offsets: ArrayLike, num_offsets: int, ndim: int) -> Int64Array:
    """Offsets as int64 (num_offsets, ndim), lexicographically positive and all different."""
    array: Int64Array = as_integer_array("offsets", offsets, (num_offsets, ndim), np.int64)
    seen: dict[tuple[int, ...], int] = {}
    for index, row in enumerate(array.tolist()):
        offset = tuple(row)
        if offset <= (0,) * ndim:
            raise ValueError(
                f"offsets[{index}] is {offset}; its first component other than 0 must be positive"
            )
        if offset in seen:
            raise ValueError(f"offsets[{index}] is {offset}, the same as offsets[{seen[offset]}]")
        seen[offset] = index
    return array


def check_mask(mask: ArrayLike, shape: tuple[int, ...]) -> BoolArray:
    """The foreground as a bool array of the grid's shape."""
    array = as_array("mask", mask)
    if array.dtype != np.bool_:
        raise TypeError(f"mask must be bool; got {array.dtype}")
    if array.shape != shape:
        raise ValueError(f"mask must have the grid's shape {shape}; got {array.shape}")
    return array


def check_edges(edges: ArrayLike, num_edges: int, num_vertices: int) -> Int64Array:
    """Edges as int64 of shape (num_edges, 2), ends in 0..num_vertices - 1, no self-loops."""
    array: Int64Array = as_integer_array("edges", edges, (num_edges, 2), np.int64)
    rule = f"vertices are 0..{num_vertices - 1}"
    refuse_first_bad_entry("edges", array, (array < 0) | (array >= num_vertices), rule)
    loops = array[:, 0] == array[:, 1]
    refuse_first_bad_entry("edges", array, loops, "an edge from a vertex to itself is not allowed")
    return array
