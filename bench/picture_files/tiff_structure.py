"""Follows the chain of pages in a TIFF file, because decoders stop silently where it is damaged."""

import math
import os
import re
import struct
from typing import BinaryIO

_TIFF, _BIG_TIFF = 42, 43
_BYTE_ORDERS = {b"II": "<", b"MM": ">"}

MOST_PLANES = 1_000_000
"""The most planes of a file that is read."""


def is_tiff(head: bytes) -> bool:
    """Whether a file with these first bytes is a TIFF or BigTIFF."""
    order = _BYTE_ORDERS.get(head[:2])
    return order is not None and head[2:4] in (
        struct.pack(f"{order}H", _TIFF),
        struct.pack(f"{order}H", _BIG_TIFF),
    )


def check_page_chain(file: BinaryIO) -> None:
    """Raise ValueError if the chain of pages ends beyond the end of the file or in a loop."""
    file.seek(0)
    head = file.read(16)
    order = _BYTE_ORDERS[head[:2]]
    big = head[2:4] == struct.pack(f"{order}H", _BIG_TIFF)
    offset_format, count_format, entry = ("Q", "Q", 20) if big else ("I", "H", 12)
    (offset,) = struct.unpack_from(order + offset_format, head, 8 if big else 4)
    end, found = os.fstat(file.fileno()).st_size, set[int]()
    while offset:
        if offset in found:
            raise ValueError(f"page {len(found)} is followed by an earlier page")
        found.add(offset)
        (count,) = _unpack(file, order + count_format, offset, end, len(found))
        after = offset + struct.calcsize(order + count_format) + count * entry
        (offset,) = _unpack(file, order + offset_format, after, end, len(found))


def check_claimed_planes(description: str) -> None:
    """Raise ValueError if the metadata of OME in a TIFF claim more than ``MOST_PLANES`` planes.

    tifffile makes a list of all planes, also of those that are not in the file.
    """
    for pixels in re.findall(r"<[^<>]*\bPixels\b[^<>]*>", description):
        sizes = re.findall(r"\bSize[CTZ]\s*=\s*[\"'](\d{1,18})[\"']", pixels)
        claimed = math.prod(map(int, sizes))
        if claimed > MOST_PLANES:
            raise ValueError(
                f"it claims {claimed:,} planes, but at most {MOST_PLANES:,} can be read"
            )


def _unpack(file: BinaryIO, format: str, offset: int, end: int, page: int) -> tuple[int, ...]:
    size = struct.calcsize(format)
    if offset + size > end:
        raise ValueError(f"it ends before the tags of page {page}")
    file.seek(offset)
    return struct.unpack(format, file.read(size))
