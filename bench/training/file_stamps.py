"""Hashes of the files of a data set, which are kept: a file is read again only after a change."""

import hashlib
import json
from collections.abc import Iterable, Mapping
from pathlib import Path

from tqdm.contrib.concurrent import thread_map

from merge_impls.file_writing import atomic_write

FileStamp = tuple[int, int, str]
"""The size of a file in bytes, its time of change in nanoseconds, and the SHA-256 (hex) of its content."""


def stamp_files(
    root: Path, paths: Iterable[str], old: Mapping[str, FileStamp]
) -> dict[str, FileStamp]:
    """The stamps of files by path. A file whose size and time are those in ``old`` is not read.

    paths: below the folder ``root``.
    """

    def stamp(path: str) -> FileStamp:
        status = (root / path).stat()
        size, changed = status.st_size, status.st_mtime_ns
        if path in old and old[path][:2] == (size, changed):
            return old[path]
        with (root / path).open("rb") as file:
            return size, changed, hashlib.file_digest(file, "sha256").hexdigest()

    ordered = sorted({*paths})
    stamps = thread_map(stamp, ordered, desc="hashing files", unit="file")
    return dict(zip(ordered, stamps, strict=True))


def read_or_make_stamps(
    root: Path, paths: Iterable[str], index: Path, writes_index: bool = True
) -> dict[str, FileStamp]:
    """The stamps of files, with those that a JSON file keeps.

    index: the JSON file. writes_index: whether it is written again.
    """
    stamps = stamp_files(root, paths, _read_stamps(index))
    if writes_index:
        with atomic_write(index) as partial:
            partial.write_text(json.dumps({"files": stamps}, indent=0) + "\n")
    return stamps


def stamps_of_json(files: Mapping[str, tuple[int, int, str]]) -> dict[str, FileStamp]:
    """The stamps in the JSON of an index. Another value raises an error."""
    return {name: (size, time, sha) for name, (size, time, sha) in files.items()}


def _read_stamps(index: Path) -> dict[str, FileStamp]:
    """The stamps in a JSON file; none if there is no such file, or if it is damaged."""
    try:
        return stamps_of_json(json.loads(index.read_text())["files"])
    except (FileNotFoundError, ValueError, KeyError, TypeError, AttributeError):
        return {}
