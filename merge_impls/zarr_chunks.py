"""Count the chunks of zarr arrays that are not stored: zarr reads them as the fill value."""

from collections.abc import Sequence
from math import ceil, prod
from typing import Any


def missing_chunks_line(name: str, array: Any) -> str | None:
    """A line that counts the chunks, or shards, of an array that are not stored; None if all are stored.

    zarr leaves out chunks that hold only the fill value, so a missing chunk may be right or lost.

    array: an array of any library; only a ``zarr.Array`` can have missing chunks.
    """
    if not hasattr(array, "nchunks_initialized"):
        return None
    shards = getattr(array, "shards", None)
    stored_shape = shards or array.chunks
    total = _count_parts(array.shape, stored_shape)
    missing = total - array.nchunks_initialized // _count_parts(stored_shape, array.chunks)
    if missing <= 0:
        return None
    parts, whose = "shards" if shards else "chunks", repr(name) if name else "the array"
    return (
        f"{missing:,} of {total:,} {parts} of {whose} are not stored and are "
        f"read as {array.fill_value}; if this is not intended, copy the folder again"
    )


def _count_parts(shape: Sequence[int], part: Sequence[int]) -> int:
    """The number of parts of a shape that cover an array; the last part of an axis may be cut off."""
    return prod(ceil(length / step) for length, step in zip(shape, part, strict=True))
