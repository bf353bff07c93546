"""Instances that stay in files, so that a study of 5,000 images needs no more memory than one of eight."""

import pickle
import shutil
import tempfile
import weakref
from collections.abc import Callable, Sequence
from functools import lru_cache
from itertools import count
from pathlib import Path
from typing import overload

from bench.types import Instance

SPOOL_PREFIX = "instances-"
"""The beginning of the names of temporary folders of instances."""

ReadInstances = Callable[[Path], list[Instance]]
"""A function that reads the instances in a file."""


class SavedInstances(Sequence[Instance]):
    """The instances of one image, which are read from a file whenever they are used.

    Raises OSError when they are used, if the file cannot be read any more.
    """

    def __init__(self, path: Path, read: ReadInstances) -> None:
        self._path, self._read = path, read

    def _load(self) -> list[Instance]:
        return _read_lately_used(self._path, self._path.stat().st_mtime_ns, self._read)

    @overload
    def __getitem__(self, place: int) -> Instance: ...
    @overload
    def __getitem__(self, place: slice) -> Sequence[Instance]: ...
    def __getitem__(self, place: int | slice) -> Instance | Sequence[Instance]:
        return self._load()[place]

    def __len__(self) -> int:
        return len(self._load())


@lru_cache(maxsize=2)
def _read_lately_used(path: Path, changed: int, read: ReadInstances) -> list[Instance]:
    """The instances in a file. changed: the time of its last change, in nanoseconds."""
    return read(path)


class InstanceSpool:
    """A temporary folder of instances. It is deleted with this object, or at the end of the process.

    place: the folder above it, for workers on other machines; None: the system's temporary folder.
    """

    def __init__(self, place: Path | None = None) -> None:
        self._folder = Path(tempfile.mkdtemp(prefix=SPOOL_PREFIX, dir=place))
        self._numbers = count()
        weakref.finalize(self, shutil.rmtree, self._folder, ignore_errors=True)

    def save(self, instances: Sequence[Instance]) -> SavedInstances:
        """Write the instances of an image to a file of the folder, and return them as that file."""
        path = self._folder / f"{next(self._numbers)}.pickle"
        path.write_bytes(pickle.dumps(list(instances), pickle.HIGHEST_PROTOCOL))
        return SavedInstances(path, _read_pickle)


def remove_abandoned_spools(place: Path) -> None:
    """Remove the temporary folders that killed processes have left in a folder that no process uses."""
    for folder in place.glob(f"{SPOOL_PREFIX}*"):
        shutil.rmtree(folder, ignore_errors=True)


def _read_pickle(path: Path) -> list[Instance]:
    instances: list[Instance] = pickle.loads(path.read_bytes())
    return instances
