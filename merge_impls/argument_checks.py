"""Check arguments.

Every error message is one line: the name of the argument, its first wrong entry, and the rule that
the entry breaks.
"""

import operator
from collections.abc import Iterable
from typing import Any, SupportsIndex

import numpy as np
from numpy.typing import ArrayLike

from merge_impls.arrays import AnyArray, BoolArray, Int32Array, Int64Array

PAPERS_LINKAGES = ("average", "weighted")
"""The linkages of the paper: its authors' program computes "average", and Algorithm 1 "weighted"."""

LINKAGES = (*PAPERS_LINKAGES, "single", "complete")
"""All linkages that CONTRACT.md defines."""

MAX_VERTICES = 2**31 - 1
"""The most vertices of a problem: labels are int32, and every vertex may become a segment."""


def one_line_error_message(error: BaseException) -> str:
    """The message of an exception without line breaks; the name of its type if it has no message.

    Blanks within a line are kept, because they may belong to a quoted name.
    """
    return " ".join(filter(None, map(str.strip, str(error).splitlines()))) or type(error).__name__


def join_quoted(values: Iterable[object], last: str = "and") -> str:
    """The ``repr`` of one or more values as an enumeration, such as "'a', 'b' and 'c'".

    last: the word before the last value.
    """
    *first, end = map(repr, values)
    return f"{', '.join(first)} {last} {end}" if first else end


def refuse_first_bad_entry(name: str, array: AnyArray, bad: BoolArray, rule: str) -> None:
    """Raise ValueError for the first entry of ``array`` at which ``bad`` is True, if there is one.

    name: of the argument. bad: of the array's shape. rule: what the message says after the entry.
    """
    if not bad.any():
        return
    index = tuple(int(i) for i in np.unravel_index(np.argmax(bad), bad.shape))
    place = ", ".join(map(str, index))
    raise ValueError(f"{name}[{place}] is {array[index]}; {rule}")


def as_array(name: str, values: ArrayLike) -> AnyArray:
    """Return ``values`` as an array of any dtype and shape.

    A tensor of PyTorch may require gradients and be on any device. bfloat16 becomes float32, which is exact.
    Raises TypeError for a masked array, and ValueError for nested lists of different lengths.
    """
    if isinstance(values, np.ma.MaskedArray):
        raise TypeError(f"{name} is a masked array; fill it and pass the foreground as mask")
    try:
        array = np.asarray(_tensor_on_cpu(values) if hasattr(values, "detach") else values)
    except ValueError as error:
        raise ValueError(f"{name} is ragged: {one_line_error_message(error)}") from None
    return array.astype(np.float32) if array.dtype.name == "bfloat16" else array


def _tensor_on_cpu(tensor: Any) -> Any:
    """A tensor of PyTorch without gradients, on the CPU and of a dtype that numpy has."""
    plain = tensor.detach().cpu()
    return plain.float() if str(plain.dtype) == "torch.bfloat16" else plain


def as_integer_array(
    name: str, values: ArrayLike, shape: tuple[int, ...], dtype: type[np.signedinteger[Any]]
) -> AnyArray:
    """Return a copy of ``values`` as an array of ``dtype`` and ``shape``.

    An empty list, which numpy turns into floats, counts as an empty array of integers.
    Raises TypeError unless the values are integers, and ValueError if their shape is another one or
    if a value does not fit ``dtype``.
    """
    try:
        array = np.array(values)
    except ValueError as error:
        raise ValueError(
            f"{name} must have shape {shape}: {one_line_error_message(error)}"
        ) from None
    if array.size == 0 and shape[0] == 0 and array.shape in ((0,), shape):
        array = np.empty(shape, dtype)
    if array.shape != shape:
        raise ValueError(f"{name} must have shape {shape}; got {array.shape}")
    if array.dtype == object and all(isinstance(value, int) for value in array.flat):
        too_long = next(value for value in array.flat if not -(2**63) <= value < 2**64)
        raise ValueError(f"{name} holds {too_long}, which does not fit {np.dtype(dtype)}")
    if array.dtype.kind not in "iu":
        raise TypeError(f"{name} must be integers; got {array.dtype}")
    limits = np.iinfo(dtype)
    too_far = (array < limits.min) | (array > limits.max)
    refuse_first_bad_entry(name, array, too_far, f"does not fit {limits.dtype}")
    return array.astype(dtype, copy=False)


def check_linkage(linkage: str) -> str:
    """Return ``linkage``. Raises ValueError if it is not one of ``LINKAGES``."""
    if linkage not in LINKAGES:
        raise ValueError(f"linkage is {linkage!r}; known are {join_quoted(LINKAGES)}")
    return str(linkage)


def check_stages(stages: ArrayLike, length: int, num_stages: int) -> Int32Array:
    """Return stages as int32 of shape (length,).

    Raises ValueError unless every stage is in 0..num_stages - 1, and TypeError unless they are
    integers.
    """
    array: Int32Array = as_integer_array("stages", stages, (length,), np.int32)
    rule = f"stages are 0..{num_stages - 1}, one for each threshold"
    refuse_first_bad_entry("stages", array, (array < 0) | (array >= num_stages), rule)
    return array


def grid_shape_of_affinities(shape: tuple[int, ...]) -> tuple[int, ...]:
    """Return ``shape`` of affinities (K, *grid) without its first axis.

    Raises ValueError unless the grid has 2 or 3 axes, at least one pixel, and at most
    ``MAX_VERTICES`` pixels.
    """
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
    """Raise ValueError unless ``count`` is in 1..MAX_VERTICES. name: what gives the count."""
    if count < 1:
        raise ValueError(f"{name} gives {count} vertices; at least 1 is needed")
    if count > MAX_VERTICES:
        raise ValueError(
            f"{name} gives {count} vertices; labels are int32, so at most {MAX_VERTICES}"
        )


def as_vertex_count(name: str, count: SupportsIndex) -> int:
    """Return ``count`` as an int.

    Raises TypeError unless it is an integer, and ValueError unless it is in 1..MAX_VERTICES.
    """
    try:
        number = operator.index(count)
    except TypeError:
        raise TypeError(f"{name} must be an integer; got {count!r}") from None
    check_vertex_count(name, number)
    return number


def check_offsets(offsets: ArrayLike, num_offsets: int, ndim: int) -> Int64Array:
    """Return offsets as int64 of shape (num_offsets, ndim).

    Raises ValueError unless they are lexicographically positive and all different, and TypeError
    unless they are integers.
    """
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


def check_mask(mask: ArrayLike | None, shape: tuple[int, ...]) -> BoolArray:
    """Return a copy of the mask, or True for each pixel of ``shape`` if it is None.

    Raises TypeError unless the mask is bool, and ValueError for another shape.
    """
    if mask is None:
        return np.ones(shape, np.bool_)
    array = as_array("mask", mask)
    if array.dtype != np.bool_:
        raise TypeError(f"mask must be bool; got {array.dtype}")
    if array.shape != shape:
        raise ValueError(f"mask must have the grid's shape {shape}; got {array.shape}")
    return array.copy()


def check_edges(edges: ArrayLike, num_edges: int, num_vertices: int) -> Int64Array:
    """Return edges as int64 of shape (num_edges, 2).

    Raises ValueError unless every edge joins two different vertices in 0..num_vertices - 1, and
    TypeError unless the vertices are integers.
    """
    array: Int64Array = as_integer_array("edges", edges, (num_edges, 2), np.int64)
    rule = f"vertices are 0..{num_vertices - 1}"
    refuse_first_bad_entry("edges", array, (array < 0) | (array >= num_vertices), rule)
    loops = array[:, 0] == array[:, 1]
    refuse_first_bad_entry("edges", array, loops, "an edge from a vertex to itself is not allowed")
    return array


def refuse_repeated_keys(pairs: list[tuple[str, object]]) -> dict[str, object]:
    """The object of JSON with these keys and values, as ``object_pairs_hook`` of ``json.loads``.

    Raises ValueError if a key is there twice, because ``json`` would keep only the last value.
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        keys = [key for key, _ in pairs]
        twice = next(key for key in keys if keys.count(key) > 1)
        raise ValueError(f"the key {twice!r} is there twice; keep one of them")
    return found
