"""Hashes of what a result depends on, which name that result in caches and records."""

import ast
import hashlib
import json
from collections.abc import Iterable, Iterator
from functools import cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from merge_impls.arrays import AnyArray

ROOT = Path(__file__).parent.parent
"""The folder that the packages lie in."""

PACKAGES = ("bench", "merge_impls", "models")
"""The packages whose sources are followed; of other libraries the version tells."""


def json_digest(content: Any) -> str:
    """SHA-256 (hex) of any JSON value, independent of the order of keys."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


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


def sources_digest(paths: Iterable[Path]) -> str:
    """SHA-256 (hex) of sources: of where each lies below ``ROOT``, and of its bytes."""
    return json_digest(
        {
            path.relative_to(ROOT).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
            for path in paths
        }
    )


def import_closure(*modules: str) -> list[Path]:
    """The files of ``modules`` and of all modules of ``PACKAGES`` that they import, directly or not, sorted.

    The files are read, not run. Imports within functions count, those for type checkers alone do not. A
    module that is named in a string counts, as a process or a worker may load it; a file that calls
    ``iter_modules`` imports all files beside it. With a module the packages above it are imported. A file
    that holds nothing but its docstring is left out.
    """
    found: dict[str, Path] = {}
    waiting = list(modules)
    while waiting:
        module = waiting.pop()
        path = _module_file(module)
        if module in found or path is None:
            continue
        found[module] = path
        file = _parse_python(path.read_bytes())
        waiting += [module.rpartition(".")[0], *file.imports]
        if file.imports_whole_folder:
            package = module if path.name == "__init__.py" else module.rpartition(".")[0]
            waiting += [f"{package}.{beside.stem}" for beside in path.parent.glob("[!_]*")]
    return sorted(path for path in found.values() if _parse_python(path.read_bytes()).has_code)


def _module_file(module: str) -> Path | None:
    """The file of a module; None if there is none in ``PACKAGES``, as for a name within a module."""
    if module.partition(".")[0] not in PACKAGES:
        return None
    place = ROOT.joinpath(*module.split("."))
    candidates = (place / "__init__.py", place.with_name(f"{place.name}.py"))
    return next((path for path in candidates if path.is_file()), None)


class _ParsedFile(NamedTuple):
    """What a Python file imports.

    imports: names of modules that the file may import; some are names within a module instead.
    imports_whole_folder: whether the file imports all files of its folder.
    has_code: whether the file holds more than its docstring.
    """

    imports: tuple[str, ...]
    imports_whole_folder: bool
    has_code: bool


@cache
def _parse_python(source: bytes) -> _ParsedFile:
    tree = ast.parse(source)
    nodes = list(_runtime_nodes(tree))
    calls = [node.func for node in nodes if isinstance(node, ast.Call)]
    return _ParsedFile(
        imports=tuple(name for node in nodes for name in _imported_names(node)),
        imports_whole_folder=any(
            getattr(function, "id", "") == "iter_modules" for function in calls
        ),
        has_code=not all(isinstance(node, ast.Expr) for node in tree.body),
    )


def _imported_names(node: ast.AST) -> Iterator[str]:
    """The names that a statement imports, or the module that a string names, as "module:name" too."""
    if isinstance(node, ast.Import):
        yield from (alias.name for alias in node.names)
    if isinstance(node, ast.ImportFrom) and node.module:
        yield node.module
        yield from (f"{node.module}.{alias.name}" for alias in node.names)
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        yield node.value.partition(":")[0]


def _runtime_nodes(tree: ast.AST) -> Iterator[ast.AST]:
    """All nodes of a tree but those that only type checkers see."""
    for node in ast.iter_child_nodes(tree):
        if isinstance(node, ast.If) and getattr(node.test, "id", "") == "TYPE_CHECKING":
            yield from (each for other in node.orelse for each in (other, *_runtime_nodes(other)))
            continue
        yield node
        yield from _runtime_nodes(node)
