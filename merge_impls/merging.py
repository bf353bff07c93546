"""The function ``merge``, which merges a problem with a backend."""

from operator import index

from merge_impls.argument_checks import one_line_error_message
from merge_impls.backend import (
    Backend,
    BackendUnavailable,
    LoadedBackend,
    MergeFunction,
    backend_from_function,
    import_object,
    is_merge_function,
    unavailable_error,
)
from merge_impls.builtin import BUILT_IN
from merge_impls.check_and_complete_result import check_and_complete_result
from merge_impls.problem import MergeProblem
from merge_impls.registry import BackendRecord, listing_record, load_registered_backend
from merge_impls.result import CompleteResult


def merge(
    problem: MergeProblem,
    backend: str | Backend | MergeFunction = "c",
    threads: int = 1,
    verify: bool | None = None,
) -> CompleteResult:
    """Merge the graph of a problem into segments: Algorithm 1, stage by stage as in section 3.4.

    Args:
        problem: the graph to merge.
        backend: a name from ``backends()``; text "module:object" that names a ``Backend`` or a merge
            function; or the ``Backend`` or the merge function itself.
        threads: the most threads that the backend may use.
        verify: whether to compute the confidences again and to replay the history, which may take
            longer than the merge. None stands for False for a built-in backend, and for True for
            any other backend.

    Returns:
        Labels, sizes, confidences and, if the backend records one, the history.

    Raises:
        ValueError: if the backend is unknown or ``threads`` is below 1.
        TypeError: if an argument has another type.
        BackendUnavailable: if the backend cannot run on this machine. No other backend is tried.
        BackendUnsupported: if the backend cannot merge this problem.
        BackendError: if the backend returns something that cannot be the result of the problem.
    """
    if not isinstance(problem, MergeProblem):
        raise TypeError(f"problem must be a MergeProblem; got {type(problem).__name__}")
    threads = _checked_threads(threads)
    loaded = load_backend(backend)
    loaded.check_support(problem)
    returned = loaded.convert_returned_value(
        problem, loaded.call(loaded.prepare_argument(problem), threads)
    )
    if verify is None:
        verify = not any(known is loaded.backend for known in BUILT_IN)
    return check_and_complete_result(problem, returned, loaded.backend.name, verify)


def load_backend(backend: str | Backend | MergeFunction) -> LoadedBackend:
    """Import the functions of a backend, which is given in any of the forms that ``merge`` accepts."""
    if isinstance(backend, str):
        return (
            _load_from_import_path(backend) if ":" in backend else load_registered_backend(backend)
        )
    if isinstance(backend, Backend):
        return backend.load()
    if is_merge_function(backend):
        return backend_from_function(backend)
    raise TypeError(f"backend must be a name or a function; got {type(backend).__name__}")


def record_of_import_path(target: str) -> BackendRecord:
    """What ``backends()`` would say about the backend at "module:object". The module is imported."""
    try:
        found = _import_backend(target)
    except BackendUnavailable as error:
        return BackendRecord(target, "", "", False, one_line_error_message(error))
    return listing_record(target, found.backend if isinstance(found, LoadedBackend) else found)


def _load_from_import_path(target: str) -> LoadedBackend:
    found = _import_backend(target)
    return found.load() if isinstance(found, Backend) else found


def _import_backend(target: str) -> Backend | LoadedBackend:
    found = import_object(target, target)
    if isinstance(found, Backend):
        return found
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
