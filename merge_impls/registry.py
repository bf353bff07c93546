"""Find and list the installed backends. Listing imports declarations only, no merge functions.

A distribution adds a backend with an entry point in the group ``merge_impls.backends`` that names
a :class:`Backend`; the module that holds it should import nothing heavy, because listing imports
it. An entry point may also name the merge function itself; then listing imports its module.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType

from merge_impls.argument_checks import one_line_message
from merge_impls.backend import (
    Backend,
    LoadedBackend,
    backend_from_function,
    is_merge_function,
    unavailable_error,
)

ENTRY_POINT_GROUP = "merge_impls.backends"
OWN_DISTRIBUTION = "merge-impls"


@dataclass(frozen=True)
class BackendRecord:
    """One row of the listing; ``reason`` says how to make an unavailable backend available.

    linkages, dimensions, threads: what it declares, see :class:`Backend`; empty and 0 if its
    declaration could not be read.
    """

    name: str
    description: str
    version: str
    available: bool
    reason: str = ""
    linkages: tuple[str, ...] = ()
    dimensions: tuple[int, ...] = ()
    threads: int | None = 0


@dataclass(frozen=True)
class _RegisteredBackend:
    """What an entry point names: a backend, its imported function if it names that, or an error."""

    version: str
    loaded: LoadedBackend | None = None
    backend: Backend | None = None
    error: str = ""


def backends() -> Mapping[str, BackendRecord]:
    """Every backend, by name, available or not. A broken plug-in is listed with its error."""
    return MappingProxyType(
        {name: _listing_record(name, entry) for name, entry in _registered_backends().items()}
    )


def find_backend(name: str) -> LoadedBackend:
    """The backend of that name, its function imported.

    Raises ValueError for an unknown name, ``BackendUnavailable`` if it cannot run here.
    """
    check_backend_name(name)
    entry = _registered_backends()[name]
    if entry.backend is None:
        raise unavailable_error(name, entry.error)
    return entry.loaded or entry.backend.load()


def check_backend_name(name: str) -> None:
    """Raise ValueError, which lists the known names, for an unknown name; nothing is imported."""
    if name not in _registered_backends():
        known = ", ".join(_registered_backends()) or "none (is merge-impls installed?)"
        raise ValueError(f"backend {name!r} is unknown; known are {known}")


@cache
def _registered_backends() -> dict[str, _RegisteredBackend]:
    found: dict[str, _RegisteredBackend] = {}
    for point in sorted(entry_points(group=ENTRY_POINT_GROUP), key=_own_distribution_first):
        if point.name in found:
            other = f"{point.name} ({_distribution_name(point)})"
            taken = f"the name {point.name} is taken already"
            found[other] = _RegisteredBackend(_distribution_version(point), error=taken)
        else:
            found[point.name] = _read_entry_point(point)
    return found


def _own_distribution_first(point: EntryPoint) -> tuple[bool, str]:
    return _distribution_name(point) != OWN_DISTRIBUTION, _distribution_name(point)


def _distribution_name(point: EntryPoint) -> str:
    # An incomplete uninstall leaves entry points without METADATA, and so without a name.
    return (point.dist and point.dist.name) or "?"


def _distribution_version(point: EntryPoint) -> str:
    return (point.dist and point.dist.version) or "?"


def _read_entry_point(point: EntryPoint) -> _RegisteredBackend:
    version = _distribution_version(point)
    if ":" in point.name:
        return _RegisteredBackend(
            version, error="a name with a colon would be taken for module:object"
        )
    try:
        target = point.load()
    except (Exception, SystemExit) as error:
        why = f"{point.value} does not load ({type(error).__name__}: {one_line_message(error)})"
        return _RegisteredBackend(version, error=why)
    if isinstance(target, Backend):
        if target.name != point.name:
            why = f"it calls itself {target.name!r}; its entry point is {point.name!r}"
            return _RegisteredBackend(version, error=why)
        return _RegisteredBackend(target.version, backend=target)
    if is_merge_function(target):
        loaded = backend_from_function(target, point.name, version)
        return _RegisteredBackend(version, loaded=loaded, backend=loaded.backend)
    return _RegisteredBackend(version, error=f"{point.value} is neither a Backend nor a function")


def _listing_record(name: str, entry: _RegisteredBackend) -> BackendRecord:
    backend = entry.backend
    if backend is None:
        return BackendRecord(name, "", entry.version, False, entry.error)
    reason = backend.missing()
    return BackendRecord(
        name,
        backend.description,
        entry.version,
        not reason,
        reason,
        backend.linkages,
        backend.dimensions,
        backend.threads,
    )
