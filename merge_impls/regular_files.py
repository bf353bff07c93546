"""Refuse what is not a regular file before it is opened: reading a FIFO or a device may never end."""

import os
import stat
from collections.abc import Iterator
from pathlib import Path

_KINDS = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a FIFO",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


def irregular_kind(path: Path) -> str | None:
    """What a path is if it is not a regular file, such as "a folder"; None for a regular file.

    Symbolic links are followed. Raises FileNotFoundError for a missing file, and OSError for links in a loop.
    """
    mode = Path(path).stat().st_mode
    return None if stat.S_ISREG(mode) else _KINDS.get(stat.S_IFMT(mode), "of an unknown kind")


def check_regular_file(path: Path) -> None:
    """Raise ValueError if a path is not a regular file. Raises OSError as ``irregular_kind`` does."""
    kind = irregular_kind(path)
    if kind is not None:
        raise ValueError(
            f"{path}: is {kind}, but only a regular file can be read; name a regular file"
        )


def check_folder_of_regular_files(folder: Path) -> None:
    """Raise ValueError for the first irregular file below a folder, also behind links to folders."""
    for place, _, names in walk_folders_once(folder):
        for name in names:
            check_regular_file(Path(place, name))


def walk_folders_once(folder: Path) -> Iterator[tuple[str, list[str], list[str]]]:
    """Walk a folder as ``os.walk`` does, also behind links, but visit no folder twice: links may form a loop.

    Yields the path of a folder, the names of the folders in it, and the names of the files in it. The caller
    may remove names of folders, which are then not visited.
    """
    visited = set()
    for place, folders, names in os.walk(folder, followlinks=True):
        real = os.path.realpath(place)
        if real in visited:
            folders.clear()
            continue
        visited.add(real)
        yield place, folders, names
