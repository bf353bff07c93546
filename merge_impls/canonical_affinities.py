"""Convert affinities from the conventions of other libraries to that of CONTRACT.md.

Networks often give two affinities for a pair of pixels, one for each direction. The channel of an
offset o holds, at pixel p, the affinity of the pair (p, p + o). So the channels of o and of -o hold
affinities of the same pairs: one stores them at the first pixel of the pair, the other one at the
second pixel. The affinity of the pair is the mean of the two, as in section 3.4 of the paper.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from merge_impls.argument_checks import (
    as_array,
    as_integer_array,
    check_stages,
    grid_shape_of_affinities,
    refuse_first_bad_entry,
)
from merge_impls.arrays import AnyArray, Int32Array, Int64Array, Slices, UInt16Array
from merge_impls.fixed_point_affinities import ONE
from merge_impls.offsets import pair_slices

LAYOUTS = ("auto", "channels_first", "channels_last")

FIRST, SECOND = 0, 1
"""The pixel of a pair at which a channel stores the affinity of the pair.

This is FIRST for a lexicographically positive offset, and SECOND for a negative one.
"""

ChannelsByOffset: TypeAlias = dict[tuple[int, ...], dict[int, int]]
"""For each lexicographically positive offset, the numbers of its channels: {FIRST: i, SECOND: j}.

One of the two keys may be missing.
"""


def canonical(
    affinities: ArrayLike, offsets: ArrayLike, *, layout: str = "auto", boundary: bool = False
) -> tuple[AnyArray, Int64Array]:
    """Convert affinities to one value for each pair of pixels, for ``MergeProblem.from_grid``.

    Args:
        affinities: (C, *grid) or (*grid, C) with a 2-D or 3-D grid. float16, float32 or float64 in
            [0, 1]; uint8, where 255 stands for 1; or uint16, where 65535 does. Channel c holds at
            pixel p the affinity of (p, p + offsets[c]), which is ignored outside the grid.
        offsets: (C, ndim) integers, all different and not zero, positive or negative.
        layout: "channels_first", "channels_last", or "auto" for the axis that is C long.
        boundary: whether the values are boundary probabilities v, which stand for affinities 1 - v.

    Returns:
        Affinities (K, *grid) and lexicographically positive offsets (K, ndim), int64. An offset o
        has the place of the channel of o, or of -o if o is not given. The value [k, p] is the
        affinity of (p, p + offsets[k]), and 0 if that pair leaves the grid. Integers become uint16
        fixed point and float16 becomes float32. If both o and -o are given, the value is the mean
        of the two given ones; uint16 means are rounded half to even.

    Raises:
        ValueError: if a value, a shape or an offset is invalid, or if "auto" fits both axes.
        TypeError: if the dtype is another one.
    """
    given = as_array("affinities", affinities)
    rows = _checked_offsets(offsets)
    axis = _channel_axis(given.shape, rows.shape, layout)
    directed = np.moveaxis(given, axis, 0)
    shape = grid_shape_of_affinities(directed.shape)
    read = _make_affinity_converter(given.dtype, boundary)
    by_offset = _channels_by_offset(rows)
    undirected = np.zeros((len(by_offset), *shape), read(directed[:0]).dtype)
    for values, (offset, channels) in zip(undirected, by_offset.items(), strict=True):
        ends = pair_slices(shape, np.array(offset))
        for end, channel in channels.items():
            _refuse_values_outside_0_to_1(given, axis, channel, ends[end])
        directions = [read(directed[channel][ends[end]]) for end, channel in channels.items()]
        values[ends[FIRST]] = _mean_of_directions(directions)
    return undirected, _offset_array(by_offset, rows)


def canonical_offsets(offsets: ArrayLike) -> Int64Array:
    """The offsets (K, ndim) int64 that ``canonical`` returns for the given offsets (C, ndim)."""
    rows = _checked_offsets(offsets)
    return _offset_array(_channels_by_offset(rows), rows)


def canonical_stages(stages: ArrayLike, offsets: ArrayLike, num_stages: int) -> Int32Array:
    """The stage of each offset that ``canonical_offsets`` returns, int32 (K,).

    stages: (C,) integers in 0..num_stages - 1, the stage of each of the given ``offsets``.
    Raises ValueError if opposite offsets have different stages.
    """
    rows = _checked_offsets(offsets)
    given = check_stages(stages, len(rows), num_stages)
    pairs = [list(channels.values()) for channels in _channels_by_offset(rows).values()]
    for channels in pairs:
        if len({*given[channels].tolist()}) > 1:
            one, other = sorted(channels)
            raise ValueError(
                f"stages[{other}] is {given[other]}, but its opposite, stages[{one}], is "
                f"{given[one]}; both directions are one edge"
            )
    return given[[channels[0] for channels in pairs]]


def _offset_array(by_offset: ChannelsByOffset, given: AnyArray) -> Int64Array:
    """The offsets as int64 (K, ndim), also for K = 0."""
    return np.array(list(by_offset), np.int64).reshape(-1, given.shape[1])


def _checked_offsets(offsets: ArrayLike) -> AnyArray:
    """Return the offsets as int32 (C, 2) or (C, 3); raises ValueError or TypeError."""
    rows = as_array("offsets", offsets)
    if rows.ndim != 2 or rows.shape[1] not in (2, 3):
        raise ValueError(
            f"offsets must have shape (C, 2) or (C, 3), one row a channel; got {rows.shape}"
        )
    # The opposite of every int32 fits into int64.
    return as_integer_array("offsets", rows, rows.shape, np.int32)


def _channels_by_offset(offsets: AnyArray) -> ChannelsByOffset:
    """The channels of each offset and its opposite, in the order of the canonical offsets."""
    found: ChannelsByOffset = {}
    for channel, row in enumerate(offsets.tolist()):
        offset, opposite = tuple(row), tuple(-step for step in row)
        if offset == opposite:
            raise ValueError(f"offsets[{channel}] is {offset}; an offset must not be zero")
        end = FIRST if offset > opposite else SECOND
        channels = found.setdefault(max(offset, opposite), {})
        if end in channels:
            raise ValueError(
                f"offsets[{channel}] is {offset}, the same as offsets[{channels[end]}]"
            )
        channels[end] = channel
    return dict(sorted(found.items(), key=lambda item: item[1][min(item[1])]))


def _channel_axis(shape: tuple[int, ...], offsets_shape: tuple[int, ...], layout: str) -> int:
    """The axis of the affinities that holds the channels: 0 for the first or -1 for the last.

    Raises ValueError unless the layout and the shapes leave exactly one of the two.
    """
    count, ndim = offsets_shape
    if layout not in LAYOUTS:
        raise ValueError(f"layout is {layout!r}; known are {', '.join(map(repr, LAYOUTS))}")
    if len(shape) != ndim + 1:
        raise ValueError(
            f"affinities must have {ndim + 1} axes, channels and {ndim} for offsets of {ndim} "
            f"components; got shape {shape}"
        )
    wanted = {"channels_first": [0], "channels_last": [-1], "auto": [0, -1]}[layout]
    fitting = [axis for axis in wanted if shape[axis] == count]
    if not fitting:
        raise ValueError(
            f"affinities of shape {shape} have no axis of {count} channels, one for each offset "
            f"(layout {layout!r})"
        )
    if len(fitting) > 1:
        raise ValueError(
            f"affinities of shape {shape} may have their {count} channels first or last; pass "
            "layout 'channels_first' or 'channels_last'"
        )
    return fitting[0]


def _make_affinity_converter(
    dtype: np.dtype[Any], boundary: bool
) -> Callable[[AnyArray], AnyArray]:
    """Return a function that converts an array of ``dtype`` to uint16 fixed point, float32 or float64."""
    if dtype.type not in (np.uint8, np.uint16, np.float16, np.float32, np.float64):
        raise TypeError(
            "affinities must be float16, float32 or float64 in [0, 1], uint8 (255 stands for 1) or "
            f"uint16 (65535 stands for 1); got {dtype}"
        )

    def to_affinities(values: AnyArray) -> AnyArray:
        if dtype.kind == "u":
            scale = np.uint16(ONE // np.iinfo(dtype).max)
            fixed: UInt16Array = values.astype(np.uint16, copy=False) * scale
            return ONE - fixed if boundary else fixed
        float_dtype = np.float64 if dtype.itemsize == 8 else np.float32
        plain: AnyArray = values.astype(float_dtype, copy=False)
        return 1 - plain if boundary else plain

    return to_affinities


def _mean_of_directions(arrays: list[AnyArray]) -> AnyArray:
    """The mean of one or two arrays, in their dtype; a mean of uint16 is rounded half to even."""
    if len(arrays) == 1:
        return arrays[0]
    one, other = arrays
    if one.dtype.kind == "f":
        return (one + other) / 2
    total = one.astype(np.uint32) + other
    half = total >> 1
    return half + (total & half & 1)


def _refuse_values_outside_0_to_1(given: AnyArray, axis: int, channel: int, ends: Slices) -> None:
    """Raise ValueError if a channel holds NaN or a float outside [0, 1] at the pixels of ``ends``."""
    values = np.moveaxis(given, axis, 0)[channel]
    # The minimum and the maximum of the whole channel are found faster than those of a part, and mostly
    # they are enough. If there is a NaN, both are NaN, and the comparisons are False.
    if given.dtype.kind == "u" or (values.min() >= 0 and values.max() <= 1):
        return
    bad = np.zeros(given.shape, np.bool_)
    at_ends = values[ends]
    np.moveaxis(bad, axis, 0)[channel][ends] = ~((at_ends >= 0) & (at_ends <= 1))
    refuse_first_bad_entry(
        "affinities",
        given,
        bad,
        "must be in [0, 1] (divide values up to 255 by 255; of logits take the sigmoid)",
    )
