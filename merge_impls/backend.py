"""What a backend says about itself, and what it imports to."""

import inspect
from collections.abc import Callable
from dataclasses import dataclass
from importlib import import_module
from importlib.util import find_spec
from typing import Any

import numpy as np

from merge_impls.problem import MergeProblem
from merge_impls.result import MergeResult
from merge_impls.validation import LINKAGES, one_line

MergeFunction = Callable[..., MergeResult | np.ndarray]
"""Takes a problem, returns labels or a whole result; its keyword ``threads``, if it has one, is the
most it may use."""


class BackendUnavailable(RuntimeError):
    """The backend exists but cannot run here; the message says what to do."""


class BackendUnsupported(BackendUnavailable):
    """The backend runs here but does not do this problem; the message says what it does."""


def unavailable(name: str, reason: str) -> BackendUnavailable:
    """The error for a backend that cannot run here."""
    return BackendUnavailable(f"backend {name} is not available: {reason}")


@dataclass(frozen=True)
class Backend:
    """What a backend says about itself before anything of it is imported.

    function: "package.module:name" of its ``MergeFunction``, imported when first used.
    requires: modules without which it cannot run; install: what to do if one is missing.
    linkages: those it computes.
    dimensions: the axes of the labels it gives: 1 for explicit edges, 2 and 3 for grids.
    threads: the most it can use, None for any number. One of 1 is not told how many it may use.
    prepare: "package.module:name" of a function that turns a problem into what ``function`` takes
        in its place, if the two are to be timed apart.
    """

    name: str
    description: str
    version: str
    function: str
    requires: tuple[str, ...] = ()
    install: str = ""
    linkages: tuple[str, ...] = LINKAGES
    dimensions: tuple[int, ...] = (1, 2, 3)
    threads: int | None = 1
    prepare: str = ""

    def missing(self) -> str:
        """Why it cannot run here, "" if it can. Looks modules up without importing them."""
        for module in self.requires:
            if not _is_installed(module):
                return f"{module} is not installed" + (f": {self.install}" if self.install else "")
        return ""

    def unsupported(self, linkage: str, dimensions: int) -> str:
        """Why it does not do problems of this kind, "" if it does."""
        if linkage not in self.linkages:
            known = " and ".join(map(repr, self.linkages))
            return f"backend {self.name} does not do linkage {linkage!r}, only {known}"
        if dimensions not in self.dimensions:
            known = " and ".join(DIMENSION_NAMES[number] for number in self.dimensions)
            return f"backend {self.name} does not do {DIMENSION_NAMES[dimensions]}, only {known}"
        return ""

    def load(self) -> "Loaded":
        """Import what it names. Raises ``BackendUnavailable`` if that fails."""
        reason = self.missing()
        if reason:
            raise unavailable(self.name, reason)
        prepare = import_object(self.prepare, self.name) if self.prepare else None
        return Loaded(self, import_object(self.function, self.name), prepare)


DIMENSION_NAMES = {1: "edges", 2: "2-D grids", 3: "3-D grids"}
"""What a number of dimensions stands for in a declaration."""


@dataclass(frozen=True)
class Loaded:
    """A backend ready to merge."""

    backend: Backend
    function: MergeFunction
    prepare: Callable[[MergeProblem], Any] | None = None

    def check(self, problem: MergeProblem) -> None:
        """Raise ``BackendUnsupported`` for a problem that it does not do."""
        reason = self.backend.unsupported(problem.linkage, len(problem.shape))
        if reason:
            raise BackendUnsupported(reason)

    def run(self, prepared: Any, threads: int = 1) -> MergeResult | np.ndarray:
        """Call the function, with ``threads`` or as many as it can use, if it can use several."""
        if self.backend.threads == 1:
            return self.function(prepared)
        return self.function(prepared, threads=min(threads, self.backend.threads or threads))


def declared(function: MergeFunction, name: str, version: str = "") -> Loaded:
    """A bare function as a backend: of all linkages and dimensions, described by its docstring."""
    doc = (inspect.getdoc(function) or "").partition("\n")[0]
    threads = None if _takes_threads(function) else 1
    return Loaded(Backend(name, doc, version, function="", threads=threads), function)


def import_object(target: str, name: str) -> Any:
    """What "package.module:name" names. Raises ``BackendUnavailable`` for backend ``name``."""
    module, _, attribute = target.partition(":")
    try:
        return getattr(import_module(module), attribute)
    except (Exception, SystemExit) as error:
        why = f"{target} does not load ({type(error).__name__}: {one_line(error)})"
        raise unavailable(name, why) from None


def _takes_threads(function: MergeFunction) -> bool:
    try:
        return "threads" in inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False


def _is_installed(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except (ImportError, ValueError):
        return False
