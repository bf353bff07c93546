"""Convert affinities from the conventions of networks and other libraries to the contract's.

A channel with offset o holds, at pixel p, the affinity of the pair p and p + o. The channels of o
and of -o therefore hold affinities of the same pairs: the channel of o stores each at the pair's first
pixel, the channel of -o at its second. Their mean is the affinity of the pair, as in section 3.4 of the
paper.
"""

from collections.abc import Callable
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import ArrayLike

from merge_impls.argument_checks import (
    as_array,
    as_integer_array,
    check_grid_shape,
    check_stages,
    refuse_first_bad_entry,
)
from merge_impls.arrays import AnyArray, Int32Array, Int64Array, Slices, UInt16Array
from merge_impls.fixed_point_affinities import ONE
from merge_impls.offsets import pair_slices

LAYOUTS = ("auto", "channels_first", "channels_last")

FIRST, SECOND = 0, 1
"""The pixel of a pair at which a channel stores its affinity: the first for a positive offset, the
second for a negative one."""

ChannelsByOffset: TypeAlias = dict[tuple[int, ...], dict[int, int]]
"""For each lexicographically positive offset the channels of its pairs: {FIRST: ..., SECOND: ...}, of
which one may be missing."""


def canonical(
    affinities: ArrayLike, offsets: ArrayLike, *, layout: str = "auto", boundary: bool = False
) -> tuple[AnyArray, Int64Array]:
    """One affinity for each pair of pixels: the mean of its two channels, or the value of its only one.

    affinities: (C, *grid), "channels_first", or (*grid, C), "channels_last", in 2-D or 3-D.
        float16, float32 or float64 in [0, 1]; uint8, where v stands for v / 255; or uint16, where v
        stands for v / 65535. Values whose pair leaves the grid are ignored.
    offsets: (C, ndim) integers, all different, none zero; an offset may come with or without its
        opposite. The value at p is that of the pair p and p + offset, for negative offsets too.
    layout: "auto" takes the axis that is as long as there are offsets.
    boundary: values are boundary probabilities, so that v is read as 1 - v.

    Returns affinities (K, *grid) and offsets (K, ndim) int64 as ``MergeProblem.from_grid`` takes
    them: all offsets are lexicographically positive; value [k, p] is that of the pair p and p +
    offsets[k], and 0 where the pair leaves the grid. Offsets keep the order of their channels; of
    two opposites, the channel of the positive one decides. Integers become uint16 fixed point,
    means rounded half to even. Floats keep their precision, and means are taken in it; float16
    becomes float32 first. Canonical affinities come back equal.

    Raises ValueError or TypeError, one line that names the argument and the first offender.
    """
    given = as_array("affinities", affinities)
    rows = _checked_offsets(offsets)
    axis = _channel_axis(given.shape, rows.shape, layout)
    directed = np.moveaxis(given, axis, 0)
    shape = check_grid_shape(directed.shape)
    read = _affinity_reader(given.dtype, boundary)
    by_offset = _channels_by_offset(rows)
    undirected = np.zeros((len(by_offset), *shape), read(directed[:0]).dtype)
    for values, (offset, channels) in zip(undirected, by_offset.items(), strict=True):
        ends = pair_slices(shape, np.array(offset))
        for end, channel in channels.items():
            _refuse_values_outside_0_to_1(given, axis, channel, ends[end])
        values[ends[FIRST]] = _mean_of_directions(
            [read(directed[channel][ends[end]]) for end, channel in channels.items()]
        )
    return undirected, _offset_array(by_offset, rows)


def canonical_offsets(offsets: ArrayLike) -> Int64Array:
    """The offsets (K, ndim) int64 that ``canonical`` gives for these (C, ndim)."""
    rows = _checked_offsets(offsets)
    return _offset_array(_channels_by_offset(rows), rows)


def canonical_stages(stages: ArrayLike, offsets: ArrayLike, num_stages: int) -> Int32Array:
    """The stages (K,) int32 of the canonical offsets, from those (C,) of the given ones.

    Raises ValueError if opposite offsets are in different stages.
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
    rows = as_array("offsets", offsets)
    if rows.ndim != 2 or rows.shape[1] not in (2, 3):
        raise ValueError(
            f"offsets must have shape (C, 2) or (C, 3), one row a channel; got {rows.shape}"
        )
    # int32, so that the opposite of every offset fits int64.
    return as_integer_array("offsets", rows, rows.shape, np.int32)


def _channels_by_offset(offsets: AnyArray) -> ChannelsByOffset:
    """The channels of each pair of opposite offsets, in the order of the canonical offsets."""
    found: ChannelsByOffset = {}
    for channel, row in enumerate(offsets.tolist()):
        offset, opposite = tuple(row), tuple(-step for step in row)
        if offset == opposite:
            raise ValueError(f"offsets[{channel}] is {offset}; a pixel is no neighbour of its own")
        end = FIRST if offset > opposite else SECOND
        channels = found.setdefault(max(offset, opposite), {})
        if end in channels:
            raise ValueError(
                f"offsets[{channel}] is {offset}, the same as offsets[{channels[end]}]"
            )
        channels[end] = channel
    return dict(sorted(found.items(), key=lambda item: item[1][min(item[1])]))


def _channel_axis(shape: tuple[int, ...], offsets_shape: tuple[int, ...], layout: str) -> int:
    """0 or -1: the axis of the affinities that holds the channels."""
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


def _affinity_reader(dtype: np.dtype[Any], boundary: bool) -> Callable[[AnyArray], AnyArray]:
    """A function that turns values of ``dtype`` into affinities: uint16 fixed point, float32 or float64."""
    if dtype.type not in (np.uint8, np.uint16, np.float16, np.float32, np.float64):
        raise TypeError(
            "affinities must be float16, float32 or float64 in [0, 1], uint8 (255 stands for 1) or "
            f"uint16 (65535 stands for 1); got {dtype}"
        )

    def read(values: AnyArray) -> AnyArray:
        if dtype.kind == "u":
            scale = np.uint16(ONE // np.iinfo(dtype).max)
            fixed: UInt16Array = values.astype(np.uint16, copy=False) * scale
            return ONE - fixed if boundary else fixed
        plain: AnyArray = values.astype(
            np.float64 if dtype.itemsize == 8 else np.float32, copy=False
        )
        return 1 - plain if boundary else plain

    return read


def _mean_of_directions(arrays: list[AnyArray]) -> AnyArray:
    """The mean of one or two arrays in their own precision; uint16 is rounded half to even."""
    if len(arrays) == 1:
        return arrays[0]
    one, other = arrays
    if one.dtype.kind == "f":
        return (one + other) / 2
    total = one.astype(np.uint32) + other
    half = total >> 1
    return half + (total & half & 1)


def _refuse_values_outside_0_to_1(given: AnyArray, axis: int, channel: int, ends: Slices) -> None:
    """Raise ValueError if a channel holds, at these ends, a float outside [0, 1] or NaN."""
    values = np.moveaxis(given, axis, 0)[channel]
    # Comparisons are False for NaN too. The whole channel is quicker to check than a part of it.
    if given.dtype.kind == "u" or (values.min() >= 0 and values.max() <= 1):
        return
    bad = np.zeros(given.shape, np.bool_)
    at_ends = values[ends]
    np.moveaxis(bad, axis, 0)[channel][ends] = ~((at_ends >= 0) & (at_ends <= 1))
    refuse_first_bad_entry(
        "affinities", given, bad, "must be in [0, 1] (of logits take the sigmoid)"
    )
