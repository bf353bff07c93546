"""Read affinities, and the arrays stored with them, from npz, npy, HDF5 and zarr files."""

import warnings
from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any

import numpy as np

from merge_impls.argument_checks import one_line_error_message
from merge_impls.array_sizes import check_archive_fits_memory, check_fits_memory
from merge_impls.arrays import AnyArray
from merge_impls.hdf5_arrays import Hdf5Arrays
from merge_impls.regular_files import check_folder_of_regular_files, check_regular_file
from merge_impls.zarr_chunks import missing_chunks_line

COMPANION_ARRAYS = ("offsets", "stages", "thresholds", "mask")
"""``read_affinities`` also reads these arrays if they are in the same group as the affinities."""

UNNAMED_ARRAY = ""
"""The key under which the only array of a file without names, such as an npy, is found."""


class ReadingLibraryMissing(ImportError):
    """The library that reads a file format is not installed; the message says what to install."""


def read_affinities(
    path: Path,
    key: str | None = None,
    companions: Collection[str] = COMPANION_ARRAYS,
    external_links: bool = False,
    report: Callable[[str], None] = warnings.warn,
) -> dict[str, AnyArray]:
    """Read the affinities of a file, and those of ``companions`` that are in the same group.

    key: the full path of the affinities array inside the file, such as "volumes/affinities". None
        stands for "affinities" or, if the file has no array of that name, for its only array. Slashes at
        both ends, and empty names between slashes, do not count.
    companions: names of other arrays, some of ``COMPANION_ARRAYS``. Names that the file lacks are left out.
    external_links: whether links of HDF5 to other files are followed.
    report: called with a line for each zarr array that has chunks that are not stored.
    Returns the arrays by name; the affinities are always named "affinities".
    Raises ValueError with a one-line message if the file or the array cannot be read, and
    ``ReadingLibraryMissing`` if the library for the file's format is not installed.
    """
    with _open_arrays(path, external_links) as content:
        if key is None and "head" in content:
            raise ValueError("it is a saved merge problem, not affinities; use merge-impls replay")
        name, affinities = _find_array(content, key, "affinities")
        group = name.rpartition("/")[0]
        paths = {other: f"{group}/{other}" if group else other for other in companions}
        found = {
            other: _read_companion(content, place, report)
            for other, place in paths.items()
            if place in content
        }
        return {"affinities": _read_whole(name, affinities, report), **found}


def _read_companion(
    content: Mapping[str, Any], name: str, report: Callable[[str], None]
) -> AnyArray:
    companion = content[name]
    _refuse_other_members(name, companion)
    if not hasattr(companion, "shape"):
        last = name.rpartition("/")[2]
        remedy = "--offsets" if last == "offsets" else f"--{last} or --no-{last}"
        raise ValueError(
            f"{name!r} is a group, but an array of this name is read with the affinities; rename the "
            f"group, or give {remedy}"
        )
    return _read_whole(name, companion, report)


def _refuse_other_members(name: str, found: Any) -> None:
    """Raise ValueError for a member of an npz that is not an array: numpy returns its bytes."""
    if isinstance(found, bytes):
        raise ValueError(
            f"{name!r} is a file in the archive but not an array; save arrays with numpy.savez"
        )


def _read_whole(name: str, array: Any, report: Callable[[str], None]) -> AnyArray:
    """The values of an array of a file. Raises ValueError if they are larger than the memory.

    report: called with a line if chunks of a zarr array are not stored.
    """
    check_fits_memory(name, array.shape or (), array.dtype.itemsize)
    if line := missing_chunks_line(name, array):
        report(line)
    values: AnyArray = array[...]
    return values


def read_mask(
    path: Path,
    key: str | None = None,
    external_links: bool = False,
    report: Callable[[str], None] = warnings.warn,
) -> AnyArray:
    """Read the mask in a file: the array named "mask"; see ``read_array``."""
    return read_array(path, "mask", key, external_links, report)


def read_array(
    path: Path,
    default: str,
    key: str | None = None,
    external_links: bool = False,
    report: Callable[[str], None] = warnings.warn,
) -> AnyArray:
    """Read the array named ``key`` from a file.

    key: the full path of the array inside the file. None stands for ``default`` or, if the file has no
        array of that name, for its only array.
    external_links: whether links of HDF5 to other files are followed.
    report: called with a line if chunks of a zarr array are not stored.
    Raises the same exceptions as ``read_affinities``.
    """
    with _open_arrays(path, external_links) as content:
        return _read_whole(*_find_array(content, key, default), report)


def _find_array(content: Mapping[str, Any], key: str | None, default: str) -> tuple[str, Any]:
    """Return the name of an array, and the array, which is not read yet: ``array[...]`` reads it.

    Without a key this is the array named ``default`` or, if there is none, the only array.
    """
    names = list(content)
    only = names[0] if len(names) == 1 else None
    default = default if default in names or only is None else only
    name = _without_empty_names(key, names) if key else default
    if names == [UNNAMED_ARRAY] and key:
        raise ValueError(f"it holds one unnamed array, so it takes no key; got {key!r}")
    if not name and names != [UNNAMED_ARRAY]:
        raise ValueError(f"{key!r} names the whole file; {_available_names_text(names)}")
    if name not in content:
        raise ValueError(f"it has no array {name!r}; {_available_names_text(names)}")
    array = content[name]  # looked up only once, because an npz decompresses the array each time
    _refuse_other_members(name, array)
    if not hasattr(array, "shape"):
        inside = [f"{name}/{each}" for each in array]
        raise ValueError(f"{name!r} is a group; {_available_names_text(inside)}")
    return name, array


def _without_empty_names(key: str, names: list[str]) -> str:
    """The path without the empty names in it, such as "v/a" for "/v//a/"; a key in ``names`` as it is."""
    return key if key in names else "/".join(part for part in key.split("/") if part)


def _available_names_text(names: list[str]) -> str:
    """The end of an error message: the names that the user can choose from."""
    return f"name one of {', '.join(map(repr, names))}" if names else "it holds no arrays"


@contextmanager
def _open_arrays(path: Path, external_links: bool) -> Iterator[Mapping[str, Any]]:
    """Open a file and yield a mapping from names to arrays, which are not read yet.

    Raises ValueError, also when reading an array fails later within the ``with`` block.
    """
    opener = OPENERS.get(path.suffix.lower())
    if opener is None:
        raise ValueError(f"{path} has an unknown ending; known are {', '.join(OPENERS)}")
    if not path.exists():
        raise ValueError(f"{path} does not exist")
    _check_regular_files(path)
    try:
        with opener(path) as content:
            is_hdf5 = opener is _open_hdf5
            yield Hdf5Arrays(content, external_links) if is_hdf5 else content
    except (ReadingLibraryMissing, MemoryError):
        raise
    except Exception as error:  # a damaged file can raise any exception
        raise ValueError(f"{path} cannot be read: {one_line_error_message(error)}") from None


def _check_regular_files(path: Path) -> None:
    """Raise ValueError unless a path is a regular file, or a folder whose files are all regular."""
    try:
        (check_folder_of_regular_files if path.is_dir() else check_regular_file)(path)
    except OSError as error:
        raise ValueError(f"{path} cannot be read: {one_line_error_message(error)}") from None


@contextmanager
def _open_numpy(path: Path) -> Iterator[Mapping[str, Any]]:
    with path.open("rb") as file:
        start = file.read(6)
    if not start.startswith((b"PK", b"\x93NUMPY")):
        raise ValueError("it is not an npy or npz file")
    if start.startswith(b"PK"):
        check_archive_fits_memory(path)
    loaded = np.load(path, mmap_mode="r", allow_pickle=False)
    if isinstance(loaded, np.ndarray):
        yield {UNNAMED_ARRAY: loaded}
    else:
        with loaded:
            yield loaded


def _open_hdf5(path: Path) -> AbstractContextManager[Mapping[str, Any]]:
    file: AbstractContextManager[Mapping[str, Any]] = _import_library("h5py", path).File(path, "r")
    return file


@contextmanager
def _open_zarr(path: Path) -> Iterator[Mapping[str, Any]]:
    root = _import_library("zarr", path).open(path, mode="r")
    yield {UNNAMED_ARRAY: root} if hasattr(root, "dtype") else root


def _import_library(name: str, path: Path) -> ModuleType:
    try:
        return import_module(name)
    except ImportError:
        raise ReadingLibraryMissing(
            f"reading {path} needs {name}: pip install 'merge-impls[files]'"
        ) from None


OPENERS = {
    ".npz": _open_numpy,
    ".npy": _open_numpy,
    ".h5": _open_hdf5,
    ".hdf5": _open_hdf5,
    ".zarr": _open_zarr,
}
