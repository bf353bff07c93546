"""Affinities as networks and other libraries give them, turned into those of the contract.

A channel with offset o speaks, at pixel p, of the pair p and p + o. The channels of o and of -o thus
speak of the same pairs, each at one end, and one that looks back (its offset is negative) says at
p + o what its opposite says at p.
"""

from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike

from merge_impls.argument_checks import (
    as_array,
    as_integers,
    check_grid_shape,
    check_stages,
    refuse_first,
)
from merge_impls.arrays import Slices
from merge_impls.fixed_point import ONE
from merge_impls.offsets import end_slices

LAYOUTS = ("auto", "channels_first", "channels_last")

FIRST, SECOND = 0, 1
"""The end of a pair at which a channel speaks: p, or p + offset where the channel looks back."""

Speakers = dict[tuple[int, ...], dict[int, int]]
"""By lexicographically positive offset the channel that speaks at each end; one may be missing."""


def canonical(
    affinities: ArrayLike, offsets: ArrayLike, *, layout: str = "auto", boundary: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """One affinity for each pair of pixels: the mean of what both say, or what the one says.

    affinities: (C, *grid), "channels_first", or (*grid, C), "channels_last", in 2-D or 3-D.
        float16, float32 or float64 in [0, 1]; uint8, where v stands for v / 255; or uint16, where v
        stands for v / 65535. Values whose pair leaves the grid are not looked at.
    offsets: (C, ndim) integers, all different, none zero; both directions, or one, or both of some
        and one of others. A negative one, too, stands at p for the pair p and p + offset.
    layout: "auto" goes by which axis is as long as there are offsets.
    boundary: 1 stands for a boundary between the two, so that v is read as 1 - v.

    Returns affinities (K, *grid) and offsets (K, ndim) int64 as ``MergeProblem.from_grid`` takes
    them: all lexicographically positive, value [k, p] of the pair p and p + offsets[k], 0 where that
    leaves the grid. They keep the order of their channels; of two opposites the positive one counts.
    Integers become uint16 fixed point, means rounded half to even. Floats keep their precision, and
    means are taken in it; float16 becomes float32 first. What is canonical comes back equal.

    Raises ValueError or TypeError, one line that names the argument and the first offender.
    """
    given = as_array("affinities", affinities)
    rows = _checked_offsets(offsets)
    axis = _channel_axis(given.shape, rows.shape, layout)
    directed = np.moveaxis(given, axis, 0)
    shape = check_grid_shape(directed.shape)
    read = _reader(given.dtype, boundary)
    speakers = _speakers(rows)
    undirected = np.zeros((len(speakers), *shape), read(directed[:0]).dtype)
    for values, (offset, channels) in zip(undirected, speakers.items(), strict=True):
        ends = end_slices(shape, np.array(offset))
        for end, channel in channels.items():
            _refuse_no_affinity(given, axis, channel, ends[end])
        values[ends[FIRST]] = _mean(
            [read(directed[channel][ends[end]]) for end, channel in channels.items()]
        )
    return undirected, _as_rows(speakers, rows)


def canonical_offsets(offsets: ArrayLike) -> np.ndarray:
    """The offsets (K, ndim) int64 that ``canonical`` gives for these (C, ndim)."""
    rows = _checked_offsets(offsets)
    return _as_rows(_speakers(rows), rows)


def canonical_stages(stages: ArrayLike, offsets: ArrayLike, num_stages: int) -> np.ndarray:
    """The stages (K,) int32 of the canonical offsets, from those (C,) of the given ones.

    Raises ValueError if opposite offsets are in different stages.
    """
    rows = _checked_offsets(offsets)
    stages = check_stages(stages, len(rows), num_stages)
    speakers = [list(channels.values()) for channels in _speakers(rows).values()]
    for channels in speakers:
        if len({*stages[channels].tolist()}) > 1:
            one, other = sorted(channels)
            raise ValueError(
                f"stages[{other}] is {stages[other]}, but its opposite, stages[{one}], is "
                f"{stages[one]}; both directions are one edge"
            )
    return stages[[channels[0] for channels in speakers]]


def _as_rows(speakers: Speakers, given: np.ndarray) -> np.ndarray:
    return np.array(list(speakers), np.int64).reshape(-1, given.shape[1])


def _checked_offsets(offsets: ArrayLike) -> np.ndarray:
    rows = as_array("offsets", offsets)
    if rows.ndim != 2 or rows.shape[1] not in (2, 3):
        raise ValueError(
            f"offsets must have shape (C, 2) or (C, 3), one row a channel; got {rows.shape}"
        )
    # int32, so that the opposite of every offset fits int64.
    return as_integers("offsets", rows, rows.shape, np.int32)


def _speakers(offsets: np.ndarray) -> Speakers:
    found: Speakers = {}
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


def _channel_axis(shape: tuple[int, ...], offsets: tuple[int, int], layout: str) -> int:
    """0 or -1, whichever axis of the affinities has the channels."""
    count, ndim = offsets
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


def _reader(dtype: np.dtype, boundary: bool) -> Callable[[np.ndarray], np.ndarray]:
    """What turns values of ``dtype`` into affinities: uint16 fixed point, float32 or float64."""
    if dtype.type not in (np.uint8, np.uint16, np.float16, np.float32, np.float64):
        raise TypeError(
            "affinities must be float16, float32 or float64 in [0, 1], uint8 (255 stands for 1) or "
            f"uint16 (65535 stands for 1); got {dtype}"
        )

    def read(values: np.ndarray) -> np.ndarray:
        if dtype.kind == "u":
            fixed = values.astype(np.uint16, copy=False) * np.uint16(ONE // np.iinfo(dtype).max)
            return ONE - fixed if boundary else fixed
        plain = values.astype(np.float64 if dtype.itemsize == 8 else np.float32, copy=False)
        return 1 - plain if boundary else plain

    return read


def _mean(sayings: list[np.ndarray]) -> np.ndarray:
    """Of one or two arrays, in their own precision; uint16 rounded half to even."""
    if len(sayings) == 1:
        return sayings[0]
    one, other = sayings
    if one.dtype.kind == "f":
        return (one + other) / 2
    total = one.astype(np.uint32) + other
    half = total >> 1
    return half + (total & half & 1)


def _refuse_no_affinity(given: np.ndarray, axis: int, channel: int, ends: Slices) -> None:
    """Raise ValueError if a channel says, at these ends, a float outside [0, 1] or NaN."""
    values = np.moveaxis(given, axis, 0)[channel]
    # Comparisons are False for NaN too. The whole channel is quicker to look at than a part of it.
    if given.dtype.kind == "u" or (values.min() >= 0 and values.max() <= 1):
        return
    bad = np.zeros(given.shape, np.bool_)
    at_ends = values[ends]
    np.moveaxis(bad, axis, 0)[channel][ends] = ~((at_ends >= 0) & (at_ends <= 1))
    refuse_first("affinities", given, bad, "must be in [0, 1] (of logits take the sigmoid)")
