"""Declare a backend by names of its functions, and import these functions."""

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, TypeAlias

from merge_impls.argument_checks import LINKAGES, PAPERS_LINKAGES, join_quoted, one_line_message
from merge_impls.arrays import AnyArray
from merge_impls.problem import MergeProblem
from merge_impls.result import MergeResult

MergeFunction: TypeAlias = Callable[..., MergeResult | AnyArray]
"""Takes a problem, returns labels or a whole result; its keyword ``threads``, if it has one, is the
largest number of threads it may use."""


class BackendUnavailable(RuntimeError):
    """The backend exists but cannot run here; the message says what to do."""


class BackendUnsupported(BackendUnavailable):
    """The backend runs here but cannot merge this problem; the message says which it can."""


class BackendError(RuntimeError):
    """A backend returned something that cannot be a result of the problem."""


def unavailable_error(name: str, reason: str) -> BackendUnavailable:
    """The error for a backend that cannot run here."""
    return BackendUnavailable(f"backend {name} is not available: {reason}")


@dataclass(frozen=True)
class Backend:
    """The declaration of a backend: all that can be known before its functions are imported.

    function: "package.module:name" of its ``MergeFunction``, imported when first used.
    requires: modules without which it cannot run; install: what to do if one is missing.
    linkages: those it computes; the paper's two unless it says more.
    dimensions: the axes of the labels it gives: 1 for explicit edges, 2 and 3 for grids.
    threads: the most it can use, None for any number. If 1, ``function`` gets no ``threads``.
    prepare: "package.module:name" of a function that turns a problem into the argument of
        ``function``, so that the two are timed separately; "" if ``function`` takes the problem.
    finish: "package.module:name" of a function that turns a problem and what ``function`` returned
        into labels or a result; "" if ``function`` returns them.
    """

    name: str
    description: str
    version: str
    function: str
    requires: tuple[str, ...] = ()
    install: str = ""
    linkages: tuple[str, ...] = PAPERS_LINKAGES
    dimensions: tuple[int, ...] = (1, 2, 3)
    threads: int | None = 1
    prepare: str = ""
    finish: str = ""

    def __post_init__(self) -> None:
        """Raise ValueError, which names the field, for an invalid declaration."""
        for field in ("name", "description", "version", "install"):
            self._require(field, _is_one_line_text(getattr(self, field)), "text in one line")
        self._require("name", self.name, "a name")
        self._require("function", _is_import_path(self.function), "'package.module:name'")
        for field in ("prepare", "finish"):
            given = getattr(self, field)
            is_hook = given == "" or _is_import_path(given)
            self._require(field, is_hook, "'package.module:name' or ''")
        modules = isinstance(self.requires, tuple) and all(
            _is_one_line_text(module) and module for module in self.requires
        )
        self._require("requires", modules, "a tuple of names of modules")
        for field, known in (("linkages", LINKAGES), ("dimensions", tuple(DIMENSION_NAMES))):
            some = _is_nonempty_part_of(getattr(self, field), known)
            self._require(field, some, f"a tuple of one or more of {known}")
        counts = self.threads is None or (isinstance(self.threads, int) and self.threads >= 1)
        self._require("threads", counts, "a number from 1 up, or None for any")

    def _require(self, field: str, right: Any, rule: str) -> None:
        if not right:
            value = getattr(self, field)
            raise ValueError(f"{field} of backend {self.name!r} is {value!r}; it must be {rule}")

    def missing(self) -> str:
        """The reason why the backend cannot run here, "" if it can. No module is imported."""
        for module in self.requires:
            if not _is_installed(module):
                return f"{module} is not installed" + (f": {self.install}" if self.install else "")
        return ""

    def unsupported(self, linkage: str, dimensions: int) -> str:
        """The reason why the backend cannot merge such problems, "" if it can."""
        if linkage not in self.linkages:
            known = join_quoted(self.linkages)
            return f"backend {self.name} does not support linkage {linkage!r}, only {known}"
        if dimensions not in self.dimensions:
            known = " and ".join(DIMENSION_NAMES[number] for number in self.dimensions)
            return (
                f"backend {self.name} does not support {DIMENSION_NAMES[dimensions]}, only {known}"
            )
        return ""

    def load(self) -> "LoadedBackend":
        """Import the functions that it names. Raises ``BackendUnavailable`` if that fails."""
        reason = self.missing()
        if reason:
            raise unavailable_error(self.name, reason)
        function = import_object(self.function, self.name)
        prepare, finish = (
            import_object(target, self.name) if target else None
            for target in (self.prepare, self.finish)
        )
        return LoadedBackend(self, function, prepare, finish)


DIMENSION_NAMES = {1: "edges", 2: "2-D grids", 3: "3-D grids"}
"""Words for the numbers of dimensions that ``Backend.dimensions`` may list."""


@dataclass(frozen=True)
class LoadedBackend:
    """A backend with its functions imported; :class:`Backend` says what they do."""

    backend: Backend
    function: MergeFunction
    prepare: Callable[[MergeProblem], Any] | None = None
    finish: Callable[[MergeProblem, Any], MergeResult | AnyArray] | None = None

    def check_support(self, problem: MergeProblem) -> None:
        """Raise ``BackendUnsupported`` for a problem that it cannot merge."""
        reason = self.backend.unsupported(problem.linkage, len(problem.shape))
        if reason:
            raise BackendUnsupported(reason)

    def prepare_argument(self, problem: MergeProblem) -> Any:
        """Turn a problem into the argument of ``function``."""
        return self.prepare(problem) if self.prepare else problem

    def finish_result(self, problem: MergeProblem, returned: Any) -> MergeResult | AnyArray:
        """Turn what ``function`` returned into labels or a result."""
        return self.finish(problem, returned) if self.finish else returned

    def call(self, prepared: Any, threads: int = 1) -> Any:
        """Call ``function``; one that uses several threads gets ``threads``, at most what it declares."""
        if self.backend.threads == 1:
            return self.function(prepared)
        return self.function(prepared, threads=min(threads, self.backend.threads or threads))


def is_merge_function(found: Any) -> bool:
    """Whether an object can be a merge function: a callable that is not a class."""
    return callable(found) and not isinstance(found, type)


def backend_from_function(
    function: MergeFunction, name: str = "", version: str = ""
) -> LoadedBackend:
    """A backend made of a function alone, with the defaults of ``Backend`` as its declaration.

    Its description is the first line of the function's docstring. Without ``name`` it is named by the
    function's module and qualified name.
    """
    doc = (inspect.getdoc(function) or "").partition("\n")[0]
    threads = None if _takes_threads(function) else 1
    qualname = getattr(function, "__qualname__", type(function).__qualname__)
    place = f"{getattr(function, '__module__', '?')}:{qualname}"
    return LoadedBackend(Backend(name or place, doc, version, place, threads=threads), function)


def import_object(target: str, name: str) -> Any:
    """Import the object that "package.module:name" names.

    Raises ``BackendUnavailable``, with the backend's ``name``, if that fails.
    """
    module, _, attribute = target.partition(":")
    try:
        return getattr(import_module(module), attribute)
    except (Exception, SystemExit) as error:
        why = f"{target} does not load ({type(error).__name__}: {one_line_message(error)})"
        raise unavailable_error(name, why) from None


def _takes_threads(function: MergeFunction) -> bool:
    try:
        return "threads" in inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False


def _is_installed(module: str) -> bool:
    """Whether a module can be found. Of a package not yet imported only the package is looked up,
    because looking inside would import it."""
    package = module.rpartition(".")[0]
    try:
        return find_spec(module if package in sys.modules else module.partition(".")[0]) is not None
    except Exception:
        return False


def _is_one_line_text(value: Any) -> bool:
    return isinstance(value, str) and "\n" not in value


def _is_import_path(value: Any) -> bool:
    """Whether it reads "package.module:name"."""
    return _is_one_line_text(value) and all(value.partition(":"))


def _is_nonempty_part_of(values: Any, known: tuple[Any, ...]) -> bool:
    return isinstance(values, tuple) and values != () and all(value in known for value in values)
