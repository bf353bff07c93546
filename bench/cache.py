"""The affinity cache: a folder of the networks' logits, so that each is computed only once.

Logits are stored at the output stride of the networks, before they are upsampled.
"""

import hashlib
import json
import time
import warnings
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from safetensors import SafetensorError, safe_open
from safetensors.numpy import save_file

from bench.digests import json_digest
from merge_impls.arrays import AnyArray
from merge_impls.file_writing import atomic_write

Arrays = dict[str, AnyArray]


class DamagedEntryWarning(UserWarning):
    """Warns that the file of a cache entry is damaged, and that the entry is computed again."""


def _array_checksum(arrays: Mapping[str, AnyArray]) -> str:
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

    Each file also holds its key and a checksum, and is written in one atomic step. So several processes may
    share a folder. At worst, two of them compute the same entry.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def entry_path(self, key: Mapping[str, str]) -> Path:
        """The file of the entry with this key, whether it exists or not."""
        name = json_digest(dict(key))
        return self.folder / name[:2] / f"{name}.safetensors"

    def read_or_compute(self, key: Mapping[str, str], compute: Callable[[], Arrays]) -> Arrays:
        """Read the arrays of ``key`` from the cache, or call ``compute`` and store the arrays it returns.

        Warns with ``DamagedEntryWarning`` if the entry is damaged, then computes and replaces the entry.
        """
        path = self.entry_path(key)
        if path.exists():
            try:
                return self._read_entry(path, key)
            except (SafetensorError, OSError, ValueError) as error:
                warnings.warn(
                    f"{path}: {error}; computing it again", DamagedEntryWarning, stacklevel=2
                )
        arrays = compute()
        metadata = {"key": json.dumps(dict(key), sort_keys=True), "sha256": _array_checksum(arrays)}
        with atomic_write(path) as partial:
            save_file({k: np.ascontiguousarray(v) for k, v in arrays.items()}, partial, metadata)
        return arrays

    def entries(self) -> Iterator[CacheEntry]:
        """All entries of the cache, sorted by path. Only their keys are read, not their arrays."""
        for path in sorted(self.folder.glob("??/*.safetensors")):
            try:
                with safe_open(path, framework="numpy") as entry:
                    key = json.loads((entry.metadata() or {})["key"])
                size = path.stat().st_size
            except FileNotFoundError:  # another process has deleted the file since the glob
                continue
            except (SafetensorError, OSError, ValueError, KeyError):
                key, size = None, path.stat().st_size
            yield CacheEntry(path, size, key)

    def describe_damage(self, entry: CacheEntry) -> str:
        """What is wrong with an entry, or "" if the entry is good. Reads all arrays of the entry."""
        if entry.key is None:
            return "the file is not a cache entry"
        try:
            self._read_entry(entry.path, entry.key)
        except (SafetensorError, OSError, ValueError) as error:
            return str(error)
        right_name = entry.path == self.entry_path(entry.key)
        return "" if right_name else "the name of the file does not match the key in it"

    def unfinished_files(self, older_than: float = 3600) -> list[Path]:
        """Files that killed processes left half written.

        older_than: seconds since the last write, so that files which are still being written are left out.
        """
        hidden = self.folder.glob("??/.*.safetensors.*")
        return [path for path in hidden if time.time() - path.stat().st_mtime > older_than]

    @staticmethod
    def _read_entry(path: Path, key: Mapping[str, str]) -> Arrays:
        with safe_open(path, framework="numpy") as entry:
            metadata = entry.metadata() or {}
            arrays = {name: entry.get_tensor(name) for name in entry.keys()}  # noqa: SIM118
        if json.loads(metadata.get("key", "{}")) != dict(key):
            raise ValueError("the entry belongs to another key")
        if metadata.get("sha256") != _array_checksum(arrays):
            raise ValueError("the checksum does not match the arrays")
        return arrays
