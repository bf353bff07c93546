"""The function ``merge``: merge a problem with a backend."""

from operator import index

from merge_impls.backend import (
    Backend,
    LoadedBackend,
    MergeFunction,
    backend_from_function,
    import_object,
    is_merge_function,
    unavailable_error,
)
from merge_impls.builtin import BUILT_IN
from merge_impls.problem import MergeProblem
from merge_impls.registry import find_backend
from merge_impls.result import CompleteResult
from merge_impls.result_checks import check_and_complete


def merge(
    problem: MergeProblem,
    backend: str | Backend | MergeFunction = "c",
    threads: int = 1,
    verify: bool | None = None,
) -> CompleteResult:
    """Merge the graph of a problem (Algorithm 1, stage by stage as in section 3.4).

    backend: a name from ``backends()``, "module:object", a ``Backend``, or a function that takes
        the problem and returns labels or a ``MergeResult``.
    threads: the most the backend may use; a serial one uses one.
    verify: recompute confidences and replay the history, and refuse a result that contradicts
        itself; this may take longer than the merge. None: for all backends but the built-in ones.
    Raises ValueError for an unknown backend or threads < 1, ``BackendUnavailable`` if the backend
    cannot run here and ``BackendUnsupported`` if it cannot merge this problem (no other
    backend takes its place), ``BackendError`` if it returns something that cannot be a result.
    """
    if not isinstance(problem, MergeProblem):
        raise TypeError(f"problem must be a MergeProblem; got {type(problem).__name__}")
    threads = _checked_threads(threads)
    loaded = load_backend(backend)
    loaded.check_support(problem)
    returned = loaded.finish_result(problem, loaded.call(loaded.prepare_argument(problem), threads))
    if verify is None:
        verify = loaded.backend not in BUILT_IN
    return check_and_complete(problem, returned, loaded.backend.name, verify)


def load_backend(backend: str | Backend | MergeFunction) -> LoadedBackend:
    """Load a backend, given in any form that ``merge`` accepts."""
    if isinstance(backend, str):
        return _load_from_import_path(backend) if ":" in backend else find_backend(backend)
    if isinstance(backend, Backend):
        return backend.load()
    if is_merge_function(backend):
        return backend_from_function(backend)
    raise TypeError(f"backend must be a name or a function; got {type(backend).__name__}")


def _load_from_import_path(target: str) -> LoadedBackend:
    found = import_object(target, target)
    if isinstance(found, Backend):
        return found.load()
    if is_merge_function(found):
        return backend_from_function(found, target)
    raise unavailable_error(target, "it is neither a Backend nor a function")


def _checked_threads(threads: int) -> int:
    try:
        threads = index(threads)
    except TypeError:
        raise TypeError(f"threads must be an integer; got {threads!r}") from None
    if threads < 1:
        raise ValueError(f"threads is {threads}; at least 1 is needed")
    return threads
