"""Hashes of everything that a result depends on. Caches and records name a result by these hashes."""

import ast
import hashlib
import json
import os
import sys
from collections.abc import Iterable, Iterator
from contextlib import suppress
from functools import cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from merge_impls.arrays import AnyArray

ROOT = Path(__file__).parent.parent
"""The folder that holds the packages."""

PACKAGES = ("bench", "merge_impls", "models")
"""The packages whose sources are hashed. Other libraries are identified by their versions instead."""


def json_digest(content: Any) -> str:
    """SHA-256 (hex) of any JSON value. The order of keys does not matter."""
    return hashlib.sha256(_json_text(content)).hexdigest()


def json_digest_of_entries(entries: Iterable[tuple[str, Any]]) -> str:
    """``json_digest`` of the dict of ``entries``, of which only one is in memory at a time.

    entries: keys with values, in the order of the sorted keys; no key twice.
    """
    total, before = hashlib.sha256(b"{"), b""
    for key, value in entries:
        total.update(before + _json_text(key) + b":" + _json_text(value))
        before = b","
    total.update(b"}")
    return total.hexdigest()


def _json_text(content: Any) -> bytes:
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return text.encode()


def array_digest(array: AnyArray) -> str:
    """SHA-256 (hex) of an array's dtype, shape and values."""
    head = f"{array.dtype.str}{array.shape}".encode()
    return hashlib.sha256(head + np.ascontiguousarray(array).tobytes()).hexdigest()


def files_digest(paths: Iterable[Path]) -> str:
    """SHA-256 (hex) of the names and bytes of files; their order does not matter."""
    total = hashlib.sha256()
    for path in sorted(paths):
        total.update(path.name.encode() + b"\0" + hashlib.sha256(path.read_bytes()).digest())
    return total.hexdigest()


def source_files_digest(paths: Iterable[Path]) -> str:
    """SHA-256 (hex) of source files: of the path of each below ``ROOT``, and of its bytes."""
    return json_digest(
        {
            path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in paths
        }
    )


def imported_source_files(*modules: str) -> list[Path]:
    """The source files of ``modules`` and of all modules that these import, directly or indirectly, sorted.

    The files are parsed, not executed. Only modules of ``PACKAGES`` are returned. These rules decide what
    a file imports:

    - Imports inside functions count. Imports below ``if TYPE_CHECKING`` do not.
    - A string that is the name of a module counts as an import, because a worker process may load it.
    - A file that calls ``iter_modules`` imports all files of its folder.
    - An imported module also imports the packages that contain it.

    A file that holds only a docstring is left out.
    """
    found: set[Path] = set()
    seen: set[str] = set()
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        if module in seen:
            continue
        seen.add(module)
        path = _module_file(module)
        if path is None:
            continue
        file = _parse_imports(path.read_bytes())
        if file.has_code:
            found.add(path)
        waiting += [module.rpartition(".")[0], *file.imports]
        if file.imports_whole_folder:
            package = module if path.name == "__init__.py" else module.rpartition(".")[0]
            waiting += [f"{package}.{beside.stem}" for beside in path.parent.glob("[!_]*")]
    return sorted(found)


def own_source_files(module: str) -> list[Path]:
    """The source files of a module that is in no installed library, such as one in the current folder.

    These are its file and, by the rules of ``imported_source_files``, the files of all modules that it
    imports, except those of ``PACKAGES``, of the standard library and of installed libraries. An editable
    installation counts as one's own. Of a package, all files count.
    Raises ValueError if the module has no source file.
    """
    outermost = _file_of_outermost(module)
    if outermost is None:
        raise ValueError(
            f"{module}: has no source file; write it to a file whose name ends with .py"
        )
    found: set[Path] = set()
    waiting = [outermost]
    while waiting:
        path = waiting.pop()
        if path in found:
            continue
        found.add(path)
        if path.name == "__init__.py":
            waiting += path.parent.rglob("*.py")
        names = {
            name
            for name in _imports_of_own_file(path)
            if name.partition(".")[0] not in (*PACKAGES, *sys.stdlib_module_names)
        }
        imported = map(_file_of_outermost, sorted(names))
        waiting += [each for each in imported if each and not _is_installed(each)]
    return sorted(found)


def _file_of_outermost(module: str) -> Path | None:
    """The source file of the outermost package around a module that has one, or of the module; else None.

    No code is imported: only packages without a file are entered.
    """
    parts = module.split(".")
    for count in range(len(parts)):
        spec = None
        if parts[count].isidentifier():
            with suppress(ValueError):  # "__main__" has no spec
                spec = find_spec(".".join(parts[: count + 1]))
        if spec is None:
            return None
        if spec.origin is not None:
            return Path(spec.origin) if spec.origin.endswith(".py") else None
    return None


def _is_installed(path: Path) -> bool:
    """Whether a file is in a folder of installed libraries, of this environment or another."""
    return not {"site-packages", "dist-packages"}.isdisjoint(path.parts)


def _imports_of_own_file(path: Path) -> tuple[str, ...]:
    """What a file imports; nothing if it is not Python, such as a template in a package."""
    try:
        return _parse_imports(path.read_bytes()).imports
    except (SyntaxError, ValueError):
        return ()


def _module_file(module: str) -> Path | None:
    """The file of a module, or None if ``module`` does not name a module of ``PACKAGES``."""
    if module.partition(".")[0] not in PACKAGES:
        return None
    place = os.path.join(ROOT, *module.split("."))
    as_package, as_file = os.path.join(place, "__init__.py"), f"{place}.py"
    found = next((path for path in (as_package, as_file) if os.path.isfile(path)), None)
    return Path(found) if found else None


class _FileImports(NamedTuple):
    """What a Python file imports.

    imports: names of modules that the file may import; some are names within a module instead.
    imports_whole_folder: whether the file imports all files of its folder.
    has_code: whether the file holds more than its docstring.
    """

    imports: tuple[str, ...]
    imports_whole_folder: bool
    has_code: bool


@cache
def _parse_imports(source: bytes) -> _FileImports:
    tree = ast.parse(source)
    nodes = list(_runtime_nodes(tree))
    calls = [node.func for node in nodes if isinstance(node, ast.Call)]
    return _FileImports(
        imports=tuple(name for node in nodes for name in _imported_names(node)),
        imports_whole_folder=any(
            getattr(function, "id", "") == "iter_modules" for function in calls
        ),
        has_code=not all(isinstance(node, ast.Expr) for node in tree.body),
    )


def _imported_names(node: ast.AST) -> Iterator[str]:
    """The names that a node imports. A string "module" or "module:name" counts as an import of "module"."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    if isinstance(node, ast.ImportFrom) and node.module:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value.partition(":")[0]


def _runtime_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes of a tree, except those below ``if TYPE_CHECKING``, which are never executed."""
    waiting = [*ast.iter_child_nodes(tree)]
    while waiting:
        node = waiting.pop()
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            waiting += node.orelse
            continue
        yield node
        waiting += ast.iter_child_nodes(node)
