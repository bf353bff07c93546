"""The one way in: a problem, a backend, a result."""

import inspect
from operator import index

from merge_impls.problem import MergeProblem
from merge_impls.registry import MergeFunction, find
from merge_impls.result import MergeResult, complete


def merge(
    problem: MergeProblem, backend: str | MergeFunction = "c", threads: int = 1
) -> MergeResult:
    """Merge the graph of a problem (Algorithm 1, stage by stage as in section 3.4).

    backend: a name from ``backends()``, or a function that takes the problem and returns labels or
        a ``MergeResult``.
    threads: the most the backend may use; one that is serial uses one.
    Raises ValueError for an unknown backend or threads < 1, ``BackendUnavailable`` if the backend
    cannot run here (nothing falls back to another), ``BackendError`` if it returns what cannot be a
    result.
    """
    if not isinstance(problem, MergeProblem):
        raise TypeError(f"problem must be a MergeProblem; got {type(problem).__name__}")
    threads = _checked_threads(threads)
    if isinstance(backend, str):
        name, function = backend, find(backend)
    elif callable(backend):
        name, function = _name_of(backend), backend
    else:
        raise TypeError(f"backend must be a name or a function; got {type(backend).__name__}")
    options = {"threads": threads} if _takes_threads(function) else {}
    return complete(problem, function(problem, **options), name)


def _checked_threads(threads: int) -> int:
    try:
        threads = index(threads)
    except TypeError:
        raise TypeError(f"threads must be an integer; got {threads!r}") from None
    if threads < 1:
        raise ValueError(f"threads is {threads}; at least 1 is needed")
    return threads


def _name_of(function: MergeFunction) -> str:
    name = getattr(function, "__qualname__", type(function).__qualname__)
    return f"{getattr(function, '__module__', '?')}:{name}"


def _takes_threads(function: MergeFunction) -> bool:
    try:
        return "threads" in inspect.signature(function).parameters
    except (TypeError, ValueError):
        return False
