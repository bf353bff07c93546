"""A digest of the code that a backend runs: the files of its modules and the libraries that it maps.

The digest is the same on two machines, and for a copied or an editable installation, if the files are
the same. It changes with the code even if the version of the backend stays.
"""

import hashlib
import json
import os
import sys
import sysconfig
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import cache, partial
from pathlib import Path
from types import ModuleType
from typing import Any

from merge_impls.backend import LoadedBackend
from merge_impls.regular_files import walk_folders_once

OWN_PACKAGE = "merge_impls"
NUMBA_CACHE_SUFFIXES = (".nbi", ".nbc")
INSTALLED_PACKAGES = ("site-packages", "dist-packages")
"""The names of folders in the standard library's folder that hold other packages."""

MAPPED_FILES = Path("/proc/self/maps")
"""The file in which Linux lists what a process has mapped into its memory."""


@dataclass(frozen=True)
class CodeDigest:
    """What identifies the code of a backend.

    sha256: hexadecimal; "" if a part of the backend has no file, so that no digest can identify it.
    reason: what has no file, in one line; "" if there is a digest.
    """

    sha256: str
    reason: str = ""


class CodeObserver:
    """Observes which modules and libraries are added to this process after the observer was made."""

    def __init__(self) -> None:
        self._modules = set(sys.modules)
        self._libraries = _mapped_libraries()
        self._added: set[str] = set()
        self._own: set[str] = set()
        self._apart: tuple[str, ...] = ()
        self._names_at_digest: tuple[set[str], set[str]] = set(), set()
        self._files_at_digest: set[Path] = set()

    def leave_out(self, load_others: Callable[[], object]) -> None:
        """Call a function, and leave out what it adds. What was added before the call stays added."""
        self._added |= sys.modules.keys() - self._modules
        load_others()
        self._modules |= sys.modules.keys()

    def digest(self, loaded: LoadedBackend, apart: tuple[str, ...] = ()) -> CodeDigest:
        """The digest of the backend's own modules, and of all modules and libraries that were added.

        A package counts with all files in its folder, except hidden files, ``__pycache__`` and the
        caches of numba. A module outside packages counts alone. The standard library never counts,
        and merge_impls counts only for its own backends.

        apart: the names of further packages that do not count.
        """
        own = _modules_of_backend(loaded)
        if reason := next(filter(None, map(_missing_file, own.items())), ""):
            return CodeDigest("", reason)
        if all(name.partition(".")[0] != OWN_PACKAGE for name in own):
            apart = (*apart, OWN_PACKAGE)
        self._own, self._apart = set(own), apart
        self._names_at_digest = self._added_modules_and_libraries()
        files = _files_that_count(*self._names_at_digest, apart)
        self._files_at_digest = set(files)
        return _digest_of_files(files)

    def file_loaded_since_digest(self) -> str:
        """The path of a file that counts but was loaded after the last digest; "" if there is none.

        Nothing is hashed, and files are listed only if modules or libraries were added.
        """
        names = self._added_modules_and_libraries()
        if names == self._names_at_digest:
            return ""
        new = _files_that_count(*names, self._apart).keys() - self._files_at_digest
        return min(map(str, new), default="")

    def _added_modules_and_libraries(self) -> tuple[set[str], set[str]]:
        modules = {*self._own, *self._added, *(sys.modules.keys() - self._modules)}
        return modules, _mapped_libraries() - self._libraries


def _files_that_count(
    modules: set[str], libraries: set[str], apart: tuple[str, ...]
) -> dict[Path, str]:
    """The files of modules and libraries, each with a name independent of its folder."""
    left_out = {*sys.stdlib_module_names, "__main__", "__mp_main__", *apart}
    counted = (name for name in modules if name.partition(".")[0] not in left_out)
    files = _files_of_modules({_outermost_with_file(name) for name in counted} - {""})
    apart_folders = [_folder_of_package(name) for name in {OWN_PACKAGE, *apart}]
    for library in map(Path, libraries):
        if not any(folder and library.is_relative_to(folder) for folder in apart_folders):
            files.setdefault(library, library.name)
    return {path: name for path, name in files.items() if not _is_of_standard_library(path)}


def _digest_of_files(files: dict[Path, str]) -> CodeDigest:
    """The digest of files and of their names, which do not depend on the folders of installation."""
    entries = []
    for path, name in files.items():
        try:
            with path.open("rb") as file:
                entries.append((name, hashlib.file_digest(file, "sha256").hexdigest()))
        except OSError as error:
            return CodeDigest("", f"{path} cannot be read: {error.strerror}")
    return CodeDigest(hashlib.sha256(json.dumps(sorted(entries)).encode()).hexdigest())


def _modules_of_backend(loaded: LoadedBackend) -> dict[str, str]:
    """The modules of the backend's functions. For each, what has no file in it, or ""."""
    declared = loaded.backend
    found: dict[str, str] = {}
    functions = (loaded.function, loaded.prepare, loaded.finish)
    targets = (declared.function, declared.prepare, declared.finish)
    for function, target in zip(functions, targets, strict=True):
        if function is None:
            continue
        bare = _unwrapped(function)
        file = getattr(getattr(bare, "__code__", None), "co_filename", "")
        without = f"the function {target} is defined in no file" if file.startswith("<") else ""
        for name in {target.partition(":")[0], getattr(bare, "__module__", "") or ""} - {"", "?"}:
            found[name] = found.get(name) or without
    return found


def _unwrapped(function: Any) -> Any:
    """The function that a partial, a decorator or a compiler such as numba has wrapped."""
    while True:
        inner = function.func if isinstance(function, partial) else None
        inner = (
            inner or getattr(function, "__wrapped__", None) or getattr(function, "py_func", None)
        )
        if inner is None:
            return function
        function = inner


def _missing_file(module: tuple[str, str]) -> str:
    """Why a module of the backend cannot be identified by its file, in one line; "" if it can."""
    name, reason = module
    if reason:
        return reason
    if name in ("__main__", "__mp_main__"):
        return f"a function of the backend is defined in {name}, which is no module with a file"
    root = _outermost_with_file(name)
    return "" if root and _file_of(sys.modules[root]) else f"the module {name} has no file"


def _outermost_with_file(name: str) -> str:
    """The outermost package around a module that has a file, or the module; "" if none has a file.

    Namespace packages have no file, so they do not count.
    """
    parts = name.split(".")
    outer = [".".join(parts[: count + 1]) for count in range(len(parts))]
    return next((each for each in outer if _file_of(sys.modules.get(each))), "")


def _file_of(module: ModuleType | None) -> Path | None:
    """The file of a module; None for a module without one, such as those that C code makes."""
    file = getattr(module, "__file__", None)
    return Path(file) if isinstance(file, str) and os.path.isfile(file) else None


def _files_of_modules(names: Iterable[str]) -> dict[Path, str]:
    """The files of packages and of single modules, each with a name independent of its folder."""
    modules = {name: sys.modules[name] for name in names}
    packages = {name: module for name, module in modules.items() if hasattr(module, "__path__")}
    files = {path: label for each in packages.items() for path, label in _files_of_package(*each)}
    for name, module in modules.items():
        file = _file_of(module)
        if (
            file is not None
        ):  # an extension in a package may be registered as a module beside it, too
            files.setdefault(file.resolve(), f"{name}{file.suffix}")
    return files


def _files_of_package(name: str, package: ModuleType) -> Iterator[tuple[Path, str]]:
    file = _file_of(package)
    assert file is not None
    for folder, folders, names in walk_folders_once(file.parent):
        folders[:] = sorted(each for each in folders if not _never_counts(each))
        for each in names:
            path = Path(folder, each)
            if path.is_file() and not _never_counts(each):
                inner = path.relative_to(file.parent).as_posix()
                yield path.resolve(), f"{name}/{inner}"


def _never_counts(name: str) -> bool:
    """Whether a file or folder of this name is hidden, such as .git, or a cache of Python or numba."""
    return name.startswith(".") or name == "__pycache__" or name.endswith(NUMBA_CACHE_SUFFIXES)


def _mapped_libraries() -> set[str]:
    """The files with machine code that this process has mapped; none where the system lists none."""
    try:
        lines = MAPPED_FILES.read_text(errors="replace").splitlines()
    except OSError:
        return set()
    mapped = (line.split(maxsplit=5) for line in lines)
    paths = {fields[5] for fields in mapped if len(fields) == 6 and "x" in fields[1]}
    return {
        path for path in paths if path.startswith("/") and not path.startswith(("/memfd:", "/dev/"))
    }


@cache
def _standard_library_folders() -> set[Path]:
    return {Path(sysconfig.get_path(name)).resolve() for name in ("stdlib", "platstdlib")}


def _is_of_standard_library(path: Path) -> bool:
    return any(
        path.is_relative_to(folder) and path.relative_to(folder).parts[0] not in INSTALLED_PACKAGES
        for folder in _standard_library_folders()
    )


def _folder_of_package(name: str) -> Path | None:
    file = _file_of(sys.modules.get(name))
    return file.parent.resolve() if file else None
