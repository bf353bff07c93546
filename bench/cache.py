"""The affinity cache: the networks' logits, computed once and kept at output stride."""

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
from merge_impls.files import atomic_write

Arrays = dict[str, AnyArray]


class DamagedEntryWarning(UserWarning):
    """A cache entry was not read back as written; it is computed again."""


def _checksum(arrays: Mapping[str, AnyArray]) -> str:
    total = hashlib.sha256()
    for name in sorted(arrays):
        array = np.ascontiguousarray(arrays[name])
        total.update(f"{name} {array.dtype.str} {array.shape}".encode() + array.tobytes())
    return total.hexdigest()


@dataclass(frozen=True)
class CacheEntry:
    """A file of the cache: its path, its size, and its key, None if it cannot be read."""

    path: Path
    bytes: int
    key: dict[str, str] | None


class AffinityCache:
    """A folder of safetensors files, each named by a hash of all that its arrays depend on.

    The key is a mapping of strings (image bytes, weights, preprocessing, region, inference sources), and its
    SHA-256 is the file's name. What reads the sources is in ``bench.pipeline.cached_networks``: the import
    closure of the module that answers, and the versions of the libraries. A change of any of these, be it
    of a comment, costs a user the entries made before: they are computed again once, and ``bench cache
    prune`` deletes the old ones. So did the step from a list of sources written by hand to this closure.

    Entries hold key and checksum and are written in one step, so that several
    processes may share a folder. At worst two of them compute the same entry.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    def entry_path(self, key: Mapping[str, str]) -> Path:
        name = json_digest(dict(key))
        return self.folder / name[:2] / f"{name}.safetensors"

    def read_or_compute(self, key: Mapping[str, str], compute: Callable[[], Arrays]) -> Arrays:
        """The arrays of ``key``: read if there is a good entry, else computed and written.

        A damaged entry is reported as a ``DamagedEntryWarning`` warning, computed again and replaced.
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
        metadata = {"key": json.dumps(dict(key), sort_keys=True), "sha256": _checksum(arrays)}
        with atomic_write(path) as partial:
            save_file({k: np.ascontiguousarray(v) for k, v in arrays.items()}, partial, metadata)
        return arrays

    def entries(self) -> Iterator[CacheEntry]:
        """All files of the cache by name; their arrays are not read."""
        for path in sorted(self.folder.glob("??/*.safetensors")):
            try:
                with safe_open(path, framework="numpy") as entry:
                    key = json.loads((entry.metadata() or {})["key"])
                size = path.stat().st_size
            except FileNotFoundError:  # another process has pruned it
                continue
            except (SafetensorError, OSError, ValueError, KeyError):
                key, size = None, path.stat().st_size
            yield CacheEntry(path, size, key)

    def find_damage(self, entry: CacheEntry) -> str:
        """What is wrong with an entry; empty if nothing is. Reads all of its arrays."""
        if entry.key is None:
            return "it is no cache entry"
        try:
            self._read_entry(entry.path, entry.key)
        except (SafetensorError, OSError, ValueError) as error:
            return str(error)
        return "" if entry.path == self.entry_path(entry.key) else "its name is not that of its key"

    def unfinished_files(self, older_than: float = 3600) -> list[Path]:
        """Unfinished files of killed processes: those not written to for ``older_than`` seconds."""
        hidden = self.folder.glob("??/.*.safetensors.*")
        return [path for path in hidden if time.time() - path.stat().st_mtime > older_than]

    @staticmethod
    def _read_entry(path: Path, key: Mapping[str, str]) -> Arrays:
        with safe_open(path, framework="numpy") as entry:
            metadata = entry.metadata() or {}
            arrays = {name: entry.get_tensor(name) for name in entry.keys()}  # noqa: SIM118
        if json.loads(metadata.get("key", "{}")) != dict(key):
            raise ValueError("the entry belongs to another key")
        if metadata.get("sha256") != _checksum(arrays):
            raise ValueError("checksum does not match")
        return arrays
