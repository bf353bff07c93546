"""Declare a backend, which names its functions in text, and import the functions later."""

import inspect
import sys
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any, NamedTuple, TypeAlias

from merge_impls.argument_checks import (
    LINKAGES,
    PAPERS_LINKAGES,
    join_quoted,
    one_line_error_message,
)
from merge_impls.arrays import AnyArray
from merge_impls.problem import MergeProblem
from merge_impls.result import MergeResult

MergeFunction: TypeAlias = Callable[..., MergeResult | AnyArray]
"""A function that merges: it takes a ``MergeProblem`` and returns labels or a ``MergeResult``.

The labels are an integer array of the problem's shape, numbered as in ``MergeResult``. A function
with a keyword ``threads`` is called with the largest number of threads that it may use.
"""


class BackendUnavailable(RuntimeError):
    """The backend is known but cannot run on this machine; the message says how to change that."""


class BackendUnsupported(BackendUnavailable):
    """The backend can run but cannot merge this problem; the message says what it can merge."""


class BackendError(RuntimeError):
    """A backend returned something that cannot be the result of the problem."""


def unavailable_error(name: str, reason: str) -> BackendUnavailable:
    """The exception for a backend that cannot run on this machine."""
    return BackendUnavailable(f"backend {name} is not available: {reason}")


@dataclass(frozen=True)
class Backend:
    """The declaration of a backend: what is known before its functions are imported.

    Attributes:
        name: the name that ``merge`` and the commands accept.
        description: one line for ``merge-impls list``.
        version: the version of the backend, as text.
        function: the backend's ``MergeFunction`` as "package.module:name".
        requires: names of modules without which the backend cannot run.
        install: what to do if one of these modules is missing, in one line.
        linkages: the linkages that the backend computes.
        dimensions: the numbers of axes of the labels that the backend can compute: 1 for explicit
            edges, 2 and 3 for grids.
        threads: the most threads that the backend can use, or None for any number. If this is 1,
            ``function`` is called without the keyword ``threads``.
        prepare: "package.module:name" of a function that converts a problem into the argument of
            ``function``, or "" if ``function`` takes the problem itself. It is timed separately.
        finish: "package.module:name" of a function that takes the problem and what ``function``
            returned, and returns labels or a ``MergeResult``; "" if ``function`` returns these.
        counts: whether the backend merges edges with counts (``MergeProblem.counts``), which it reads
            from ``counted_edge_blocks`` or from the arrays. If False, it is never given such edges.
        approximate: those of ``linkages`` whose results may differ from CONTRACT.md. With any other
            linkage, a result that differs is wrong. An approximate linkage is not validated; its time
            is reported together with its agreement with the exact result.

    Raises:
        ValueError: if a field is invalid; the message names the field.
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
    counts: bool = False
    approximate: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        """Check all fields. Raises ValueError, which names the first invalid field."""
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
        threads = self.threads is None or (isinstance(self.threads, int) and self.threads >= 1)
        self._require("threads", threads, "a number from 1 up, or None for any")
        self._require("counts", isinstance(self.counts, bool), "True or False")
        approximate = self.approximate == () or _is_nonempty_part_of(
            self.approximate, self.linkages
        )
        self._require(
            "approximate", approximate, f"a tuple of some of its linkages {self.linkages}"
        )

    @property
    def exact_linkages(self) -> tuple[str, ...]:
        """The linkages with which every result must equal the reference's, bit for bit."""
        return tuple(each for each in self.linkages if each not in self.approximate)

    def _require(self, field: str, right: Any, rule: str) -> None:
        """Raise ValueError, which says what the field must be, unless ``right`` is true."""
        if not right:
            value = getattr(self, field)
            raise ValueError(f"{field} of backend {self.name!r} is {value!r}; it must be {rule}")

    def missing(self) -> str:
        """Why the backend cannot run on this machine: the first missing module, and ``install``.

        Returns "" if all modules of ``requires`` are installed. No module is imported.
        """
        for module in self.requires:
            if not _is_installed(module):
                return f"{module} is not installed" + (f": {self.install}" if self.install else "")
        return ""

    def unsupported(self, linkage: str, dimensions: int, counts: bool = False) -> str:
        """Why the backend cannot merge problems of this linkage and number of dimensions.

        Args:
            linkage: the linkage of a problem.
            dimensions: the number of axes of its labels: 1 for explicit edges.
            counts: whether its edges have counts.

        Returns:
            One line, or "" if the backend can merge such problems.
        """
        if linkage not in self.linkages:
            known = join_quoted(self.linkages)
            return f"backend {self.name} does not support linkage {linkage!r}, only {known}"
        if dimensions not in self.dimensions:
            known = " and ".join(DIMENSION_NAMES[number] for number in self.dimensions)
            return (
                f"backend {self.name} does not support {DIMENSION_NAMES[dimensions]}, only {known}"
            )
        if counts and not self.counts:
            return (
                f"backend {self.name} does not support edges with counts; it declares counts=False"
            )
        return ""

    def unsupported_problem(self, problem: MergeProblem) -> str:
        """Why the backend cannot merge this problem: one line, or "" if it can."""
        has_counts = problem.counts is not None
        return self.unsupported(problem.linkage, len(problem.shape), has_counts)

    def load(self) -> "LoadedBackend":
        """Import the functions that the declaration names.

        Raises:
            BackendUnavailable: if a required module is missing or a function cannot be imported.
        """
        reason = self.missing()
        if reason:
            raise unavailable_error(self.name, reason)
        function = import_object(self.function, self.name)
        prepare = import_object(self.prepare, self.name) if self.prepare else None
        finish = import_object(self.finish, self.name) if self.finish else None
        return LoadedBackend(self, function, prepare, finish)


DIMENSION_NAMES = {1: "edges", 2: "2-D grids", 3: "3-D grids"}
"""What each number in ``Backend.dimensions`` is called in messages."""


class LoadedBackend(NamedTuple):
    """A backend and its imported functions, which ``Backend`` describes; None for no function."""

    backend: Backend
    function: MergeFunction
    prepare: Callable[[MergeProblem], Any] | None = None
    finish: Callable[[MergeProblem, Any], MergeResult | AnyArray] | None = None

    def check_support(self, problem: MergeProblem) -> None:
        """Raise ``BackendUnsupported`` if the backend cannot merge ``problem``."""
        reason = self.backend.unsupported_problem(problem)
        if reason:
            raise BackendUnsupported(reason)

    def prepare_argument(self, problem: MergeProblem) -> Any:
        """Convert a problem into the argument of ``function``."""
        return self.prepare(problem) if self.prepare else problem

    def convert_returned_value(
        self, problem: MergeProblem, returned: Any
    ) -> MergeResult | AnyArray:
        """Convert what ``function`` returned into labels or a result."""
        return self.finish(problem, returned) if self.finish else returned

    def call(self, prepared: Any, threads: int = 1) -> Any:
        """Call ``function`` with an argument that ``prepare_argument`` returned.

        threads: passed on if the backend can use several threads, at most the number it declares.
        """
        if self.backend.threads == 1:
            return self.function(prepared)
        return self.function(prepared, threads=min(threads, self.backend.threads or threads))


def is_merge_function(found: Any) -> bool:
    """Whether an object can be used as a merge function, because it is callable and not a class."""
    return callable(found) and not isinstance(found, type)


def backend_from_function(
    function: MergeFunction, name: str = "", version: str = ""
) -> LoadedBackend:
    """Make a backend from a merge function that has no declaration.

    The declaration takes the defaults of ``Backend``, the first line of the function's docstring as
    its description, and any number of threads if the function has a keyword ``threads``.

    name: of the backend; "" stands for the function's "module:name".
    """
    doc = (inspect.getdoc(function) or "").partition("\n")[0]
    threads = None if _has_threads_parameter(function) else 1
    qualname = getattr(function, "__qualname__", type(function).__qualname__)
    place = f"{getattr(function, '__module__', '?')}:{qualname}"
    return LoadedBackend(Backend(name or place, doc, version, place, threads=threads), function)


def import_object(target: str, name: str) -> Any:
    """Import and return the object at ``target``, a text "package.module:name".

    Raises ``BackendUnavailable`` with the backend's ``name`` if the import fails.
    """
    module, _, attribute = target.partition(":")
    try:
        return getattr(import_module(module), attribute)
    except (Exception, SystemExit) as error:
        why = f"{target} does not load ({type(error).__name__}: {one_line_error_message(error)})"
        if module.endswith(".py"):
            why += f"; name the module without .py: {module.removesuffix('.py')}:{attribute}"
        raise unavailable_error(name, why) from None


def _has_threads_parameter(function: MergeFunction) -> bool:
    try:
        return "threads" in inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False


def _is_installed(module: str) -> bool:
    """Whether a module can be found, without importing anything.

    To look for a submodule, Python would import the package above it. So if that package is not
    imported yet, only the outermost package is looked for.
    """
    if sys.modules.get(module) is not None:
        return True
    package = module.rpartition(".")[0]
    try:
        return find_spec(module if package in sys.modules else module.partition(".")[0]) is not None
    except Exception:
        return False


def _is_one_line_text(value: Any) -> bool:
    return isinstance(value, str) and "\n" not in value


def _is_import_path(value: Any) -> bool:
    """Whether ``value`` is text of the form "package.module:name"."""
    return _is_one_line_text(value) and all(value.partition(":"))


def _is_nonempty_part_of(values: Any, known: tuple[Any, ...]) -> bool:
    """Whether ``values`` is a tuple of one or more of the ``known`` values."""
    return isinstance(values, tuple) and values != () and all(value in known for value in values)
