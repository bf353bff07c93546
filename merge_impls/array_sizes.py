"""Refuse arrays in files that are larger than the memory, before they are read.

A file of a few kilobytes can claim, or decompress to, any size.
"""

import contextlib
import math
import os
import sys
import zipfile
from collections.abc import Sequence
from pathlib import Path

_CONTROL_GROUP_LIMIT = Path("/sys/fs/cgroup/memory.max")


def memory_of_machine() -> int:
    """The memory in bytes that this process may use: that of the machine, or less in a container."""
    limits = [sys.maxsize]  # systems without sysconf do not say how much there is
    with contextlib.suppress(AttributeError, ValueError, OSError):
        limits.append(os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE"))
    with contextlib.suppress(ValueError, OSError):  # no control groups, or the limit is "max"
        limits.append(int(_CONTROL_GROUP_LIMIT.read_text()))
    return min(limits)


def check_fits_memory(name: str, shape: Sequence[int], item_size: int) -> None:
    """Raise ValueError for an array that is larger than the memory. item_size: in bytes."""
    _check_bytes(f"its array {name!r} of shape {tuple(shape)}", math.prod(shape) * item_size)


def check_archive_fits_memory(path: Path) -> None:
    """Raise ValueError for an .npz file whose arrays together are larger than the memory."""
    with zipfile.ZipFile(path) as archive:
        size = sum(member.file_size for member in archive.infolist())
    _check_bytes("its content", size)


def _check_bytes(what: str, size: int) -> None:
    memory = memory_of_machine()
    if size > memory:
        raise ValueError(
            f"{what} takes {size / 2**30:,.1f} GiB, but the memory is {memory / 2**30:,.1f} GiB"
        )
