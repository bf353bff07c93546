"""Find and list the installed backends.

An installed package adds a backend with an entry point in the group ``merge_impls.backends``. The
entry point names a ``Backend`` or a merge function. Listing the backends imports the module that
holds this object, so that module should import no large library. A ``Backend`` names its functions
in text, so that listing does not import them.
"""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from types import MappingProxyType

from merge_impls.argument_checks import one_line_error_message
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
    """What ``backends()`` says about one backend.

    Attributes:
        name: the name that ``merge`` and the commands accept.
        description: the backend in one line.
        version: the version of the backend.
        available: whether the backend can run on this machine.
        reason: why an unavailable backend cannot run, and what to do about it; "" if it can.
        linkages: the linkages that the backend computes; empty if its declaration cannot be read.
        dimensions: see ``Backend``; empty if the declaration cannot be read.
        threads: the most threads that the backend can use; None for any number, and 0 if the
            declaration cannot be read.
        counts: whether the backend merges edges with counts.
        approximate: those of ``linkages`` whose results may differ from CONTRACT.md.
    """

    name: str
    description: str
    version: str
    available: bool
    reason: str = ""
    linkages: tuple[str, ...] = ()
    dimensions: tuple[int, ...] = ()
    threads: int | None = 0
    counts: bool = False
    approximate: tuple[str, ...] = ()


@dataclass(frozen=True)
class _RegisteredBackend:
    """A backend as its entry point gives it.

    backend: its declaration.
    loaded: the backend with its function, only if the entry point names a merge function.
    error: why the declaration cannot be read; ``backend`` and ``loaded`` are then None.
    """

    version: str
    loaded: LoadedBackend | None = None
    backend: Backend | None = None
    error: str = ""


def backends() -> Mapping[str, BackendRecord]:
    """List the installed backends.

    Returns:
        A read-only mapping from the name of each backend to its record. Backends that cannot run on
        this machine are included, with the reason; so are backends whose declaration raises an
        error when it is imported.
    """
    return MappingProxyType(
        {name: _record_of_entry(name, entry) for name, entry in _registered_backends().items()}
    )


def import_entry_points(name: str) -> None:
    """Import what the entry points of this name refer to; an error is left to ``load_registered_backend``."""
    for point in entry_points(group=ENTRY_POINT_GROUP, name=name):
        with suppress(Exception, SystemExit):
            point.load()


def load_registered_backend(name: str) -> LoadedBackend:
    """Return the backend of a name, with its functions imported.

    Raises ValueError for an unknown name, and ``BackendUnavailable`` if the backend cannot run on
    this machine.
    """
    check_backend_name(name)
    entry = _registered_backends()[name]
    if entry.backend is None:
        raise unavailable_error(name, entry.error)
    return entry.loaded or entry.backend.load()


def check_backend_name(name: str) -> None:
    """Raise ValueError, which lists the known names, for an unknown name. Imports no backend."""
    if name not in _registered_backends():
        known = ", ".join(_registered_backends()) or "none (is merge-impls installed?)"
        raise ValueError(f"backend {name!r} is unknown; known are {known}")


@cache
def _registered_backends() -> dict[str, _RegisteredBackend]:
    """All backends by name. If two have the same name, the second one is listed with an error."""
    found: dict[str, _RegisteredBackend] = {}
    for point in sorted(entry_points(group=ENTRY_POINT_GROUP), key=_own_package_first):
        if point.name in found:
            other = f"{point.name} ({_distribution_name(point)})"
            taken = f"the name {point.name} is taken already"
            found[other] = _RegisteredBackend(_distribution_version(point), error=taken)
        else:
            found[point.name] = _read_entry_point(point)
    return found


def _own_package_first(point: EntryPoint) -> tuple[bool, str]:
    """The sort key that puts the entry points of merge_impls before those of other packages."""
    return _distribution_name(point) != OWN_DISTRIBUTION, _distribution_name(point)


def _distribution_name(point: EntryPoint) -> str:
    # An incomplete uninstall may leave entry points without METADATA, which holds the name.
    return (point.dist and point.dist.name) or "?"


def _distribution_version(point: EntryPoint) -> str:
    return (point.dist and point.dist.version) or "?"


def _read_entry_point(point: EntryPoint) -> _RegisteredBackend:
    """Import the object that an entry point names. If this fails, the result holds the error."""
    version = _distribution_version(point)
    if ":" in point.name:
        return _RegisteredBackend(
            version, error="its name contains a colon; merge would read it as module:object"
        )
    try:
        target = point.load()
    except (Exception, SystemExit) as error:
        why = (
            f"{point.value} does not load ({type(error).__name__}: {one_line_error_message(error)})"
        )
        return _RegisteredBackend(version, error=why)
    if isinstance(target, Backend):
        if target.name != point.name:
            why = f"its declaration has the name {target.name!r}, its entry point {point.name!r}"
            return _RegisteredBackend(version, error=why)
        return _RegisteredBackend(target.version, backend=target)
    if is_merge_function(target):
        loaded = backend_from_function(target, point.name, version)
        return _RegisteredBackend(version, loaded=loaded, backend=loaded.backend)
    return _RegisteredBackend(version, error=f"{point.value} is neither a Backend nor a function")


def _record_of_entry(name: str, entry: _RegisteredBackend) -> BackendRecord:
    if entry.backend is None:
        return BackendRecord(name, "", entry.version, False, entry.error)
    return listing_record(name, entry.backend, entry.version)


def listing_record(name: str, backend: Backend, version: str | None = None) -> BackendRecord:
    """What ``backends()`` says about a declared backend. version: None for the declared version."""
    reason = backend.missing()
    return BackendRecord(
        name,
        backend.description,
        backend.version if version is None else version,
        not reason,
        reason,
        backend.linkages,
        backend.dimensions,
        backend.threads,
        backend.counts,
        backend.approximate,
    )
