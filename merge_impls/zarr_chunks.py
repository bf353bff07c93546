"""Count the chunks of zarr arrays that are not stored: zarr reads them as the fill value."""

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
    chunks_per_part = prod(ceil(a / b) for a, b in zip(stored_shape, array.chunks, strict=True))
    total = prod(ceil(a / b) for a, b in zip(array.shape, stored_shape, strict=True))
    missing = total - array.nchunks_initialized // chunks_per_part
    if missing <= 0:
        return None
    parts, whose = "shards" if shards else "chunks", repr(name) if name else "the array"
    return (
        f"{missing:,} of {total:,} {parts} of {whose} are not stored and are "
        f"read as {array.fill_value}; if this is not intended, copy the folder again"
    )
