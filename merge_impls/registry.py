"""Which backends there are; listing them imports none, because each declares itself first.

A distribution adds a backend with an entry point in the group ``merge_impls.backends`` that names
either a :class:`Backend` (the module that holds it should import nothing heavy) or the merge
function itself.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cache
from importlib import import_module
from importlib.metadata import EntryPoint, entry_points
from importlib.util import find_spec
from types import MappingProxyType

import numpy as np

from merge_impls.problem import MergeProblem
from merge_impls.result import MergeResult
from merge_impls.validation import one_line

GROUP = "merge_impls.backends"
OWN_DISTRIBUTION = "merge-impls"

MergeFunction = Callable[[MergeProblem], MergeResult | np.ndarray]
"""Returns labels or a whole result; its keyword ``threads``, if any, is the most it may use."""


class BackendUnavailable(RuntimeError):
    """The backend exists but cannot run here; the message says what to do."""


@dataclass(frozen=True)
class Backend:
    """What a backend says about itself before anything of it is imported.

    function: "package.module:name" of its ``MergeFunction``, imported when first used.
    requires: modules without which it cannot run; install: what to do if one is missing.
    """

    name: str
    description: str
    version: str
    function: str
    requires: tuple[str, ...] = ()
    install: str = ""

    def missing(self) -> str:
        """Why it cannot run here, "" if it can. Looks modules up without importing them."""
        for module in self.requires:
            if not _is_installed(module):
                return f"{module} is not installed" + (f": {self.install}" if self.install else "")
        return ""

    def load(self) -> MergeFunction:
        """Import the function. Raises ``BackendUnavailable`` if that fails."""
        module, _, name = self.function.partition(":")
        reason = self.missing()
        if not reason:
            try:
                return getattr(import_module(module), name)
            except (Exception, SystemExit) as error:
                reason = (
                    f"{self.function} does not load ({type(error).__name__}: {one_line(error)})"
                )
        raise BackendUnavailable(f"backend {self.name} is not available: {reason}")


@dataclass(frozen=True)
class BackendRecord:
    """One row of the listing; ``reason`` says how to make an unavailable backend available."""

    name: str
    description: str
    version: str
    available: bool
    reason: str = ""


@dataclass(frozen=True)
class _Listed:
    """What an entry point gave: a declaration, a function, or the error of loading it."""

    backend: Backend | None = None
    function: MergeFunction | None = None
    error: str = ""
    version: str = ""


def backends() -> Mapping[str, BackendRecord]:
    """Every backend, by name, available or not. A broken plug-in is listed with its error."""
    return MappingProxyType({name: _record(name, listed) for name, listed in _listed().items()})


def find(name: str) -> MergeFunction:
    """The function of a backend.

    Raises ValueError for an unknown name, ``BackendUnavailable`` if it cannot run here.
    """
    listed = _listed().get(name)
    if listed is None:
        known = ", ".join(_listed()) or "none (is merge-impls installed?)"
        raise ValueError(f"backend {name!r} is unknown; known are {known}")
    if listed.error:
        raise BackendUnavailable(f"backend {name} is not available: {listed.error}")
    return listed.function or listed.backend.load()


def forget() -> None:
    """Read the entry points anew at the next call, after an install in the running process."""
    _listed.cache_clear()


@cache
def _listed() -> dict[str, _Listed]:
    found: dict[str, _Listed] = {}
    for point in sorted(entry_points(group=GROUP), key=_own_first):
        if point.name in found:
            other = f"{point.name} ({point.dist.name})"
            found[other] = _Listed(
                error=f"the name {point.name} is taken already", version=point.dist.version
            )
        else:
            found[point.name] = _load(point)
    return found


def _own_first(point: EntryPoint) -> tuple[bool, str]:
    return point.dist.name != OWN_DISTRIBUTION, point.dist.name


def _load(point: EntryPoint) -> _Listed:
    version = point.dist.version
    try:
        target = point.load()
    except (Exception, SystemExit) as error:
        return _Listed(
            error=f"{point.value} does not load ({type(error).__name__}: {one_line(error)})",
            version=version,
        )
    if isinstance(target, Backend):
        return _Listed(backend=target, version=target.version)
    if callable(target):
        return _Listed(function=target, version=version)
    return _Listed(error=f"{point.value} is neither a Backend nor a function", version=version)


def _record(name: str, listed: _Listed) -> BackendRecord:
    if listed.backend:
        reason = listed.backend.missing()
        return BackendRecord(name, listed.backend.description, listed.version, not reason, reason)
    doc = (listed.function and listed.function.__doc__ or "").strip()
    return BackendRecord(
        name, doc.partition("\n")[0], listed.version, not listed.error, listed.error
    )


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False
