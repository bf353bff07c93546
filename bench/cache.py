"""The affinity cache: a folder of the networks' logits, so that each is computed only once.

Logits are stored at the output stride of the networks, before they are upsampled.
"""

import hashlib
import json
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import safetensors.numpy

from bench.digests import json_digest
from merge_impls.arrays import AnyArray
from models.kept_files import (
    DamagedFileError,
    KeptFile,
    KeptFileWarning,
    damage_reported,
    has_checksum,
    parse_header,
    parse_kept_content,
    read_metadata,
    read_whole_file,
    write_kept_file,
)

Arrays = dict[str, AnyArray]

FOLDER_IN_PLACE_OF_ENTRY = "it is a folder in place of a file; move it away"
"""The damage of an entry that `bench cache prune` does not delete."""


class DamagedEntryWarning(KeptFileWarning):
    """Warns that the file of a cache entry is damaged, and that the entry is computed again."""


class UnwritableCacheWarning(KeptFileWarning):
    """Warns that the cache cannot be written, so that what is computed is not kept for later commands."""


def _checksum_of_old_entry(arrays: Mapping[str, AnyArray]) -> str:
    total = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        total.update(f"{name} {array.dtype.str} {array.shape}".encode() + array.tobytes())
    return total.hexdigest()


@dataclass(frozen=True)
class CacheEntry:
    """A file of the cache.

    bytes: the size of the file.
    key: the key that the file holds; None if the file cannot be read.
    """

    path: Path
    bytes: int
    key: dict[str, str] | None


class AffinityCache:
    """A folder of safetensors files, each named by a hash of everything that its arrays depend on.

    The key of an entry is a mapping of strings. ``bench.pipeline.cached_networks`` makes it from hashes of
    the image, the weights and the inference sources, and from the preprocessing, the region and the versions
    of libraries. The SHA-256 of the key is the name of the file. Every change of an inference source, even
    of a comment, changes the key: all entries are then computed again, and ``python -m bench cache prune``
    deletes the old ones.

    Each file also holds its key and a checksum, and is written in one atomic step (``models.kept_files``). So
    several processes may share a folder. At worst, two of them compute the same entry.

    is_writable: False after an entry could not be written, because the disk is full or the folder read-only.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.is_writable = True

    def entry_path(self, key: Mapping[str, str]) -> Path:
        """The file of the entry with this key, whether it exists or not."""
        name = json_digest(dict(key))
        return self.folder / name[:2] / f"{name}.safetensors"

    def read_or_compute(self, key: Mapping[str, str], compute: Callable[[], Arrays]) -> Arrays:
        """Read the arrays of ``key`` from the cache, or call ``compute`` and store the arrays it returns.

        Warns with ``DamagedEntryWarning`` if the entry is damaged, then computes and replaces the entry.
        Warns with ``UnwritableCacheWarning`` when an entry cannot be stored for the first time.
        """
        path = self.entry_path(key)
        try:
            return self._read_entry(path, key)
        except (FileNotFoundError, NotADirectoryError):
            pass
        except (DamagedFileError, OSError) as error:
            warnings.warn(f"{error}; computing it again", DamagedEntryWarning, stacklevel=2)
        arrays = compute()
        if self.is_writable:
            self._write_entry(path, key, arrays)
        return arrays

    def _write_entry(self, path: Path, key: Mapping[str, str], arrays: Arrays) -> None:
        content = safetensors.numpy.save({k: np.ascontiguousarray(v) for k, v in arrays.items()})
        try:
            write_kept_file(path, content, key)
        except OSError as error:
            self.is_writable = False
            warnings.warn(
                f"{self.folder}: the outputs of the networks are used but not kept: {error}, or name another "
                "folder with --cache",
                UnwritableCacheWarning,
                stacklevel=3,
            )

    def entries(self) -> Iterator[CacheEntry]:
        """All entries of the cache, sorted by path. Only their keys are read, not their arrays."""
        for path in sorted(self.folder.glob("??/*.safetensors")):
            try:
                key, size = _key_in_file(path), path.stat().st_size
            except FileNotFoundError:  # another process has deleted the file since the glob
                continue
            yield CacheEntry(path, size, key)

    def describe_damage(self, entry: CacheEntry) -> str:
        """What is wrong with an entry, or "" if the entry is good. Reads all arrays of the entry."""
        if entry.path.is_dir():
            return FOLDER_IN_PLACE_OF_ENTRY
        if entry.key is None:
            return "the file is not a cache entry"
        try:
            self._read_entry(entry.path, entry.key)
        except DamagedFileError as error:
            return error.reason
        except OSError as error:
            return str(error)
        right_name = entry.path == self.entry_path(entry.key)
        return "" if right_name else "the name of the file does not match the key in it"

    def unfinished_files(self, older_than: float = 3600) -> list[Path]:
        """Files that killed processes left half written.

        older_than: seconds since the last write, so that files which are still being written are left out.
        """
        found = []
        for path in self.folder.glob("??/.*.safetensors.*"):
            with suppress(FileNotFoundError):  # another process has renamed the file since the glob
                if time.time() - path.stat().st_mtime > older_than:
                    found.append(path)
        return found

    @staticmethod
    def _read_entry(path: Path, key: Mapping[str, str]) -> Arrays:
        """The arrays of an entry. Raises ``DamagedFileError`` if it is damaged or belongs to another key."""
        content = read_whole_file(path)
        read = parse_kept_content if has_checksum(content) else _parse_old_entry
        entry = read(path, content, safetensors.numpy.load)
        if entry.key != dict(key):
            raise DamagedFileError(path, "the entry belongs to another key")
        return entry.arrays


def _parse_old_entry(
    path: Path, content: bytes, load: Callable[[bytes], Arrays]
) -> KeptFile[Arrays]:
    """Interpret the bytes of an entry of an earlier version, whose checksum is that of its arrays alone."""
    with damage_reported(path):
        metadata, arrays = parse_header(content)["__metadata__"], load(content)
        if metadata["sha256"] != _checksum_of_old_entry(arrays):
            raise ValueError("the checksum does not match the arrays")
        return KeptFile(json.loads(metadata["key"]), arrays, {})


def _key_in_file(path: Path) -> dict[str, str] | None:
    """The key in a file of the cache; None if the file is damaged or of another kind."""
    try:
        key = json.loads(read_metadata(path)["key"])
    except FileNotFoundError:
        raise
    except (OSError, ValueError, KeyError):
        return None
    return key if isinstance(key, dict) else None
