"""The operations that a child process carries out: it merges, and measures time and memory."""

import os
import sys
import traceback
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from threading import Barrier
from time import perf_counter, process_time
from typing import Any

import numpy as np
import numpy.typing as npt

from merge_impls.argument_checks import one_line_error_message
from merge_impls.backend import BackendError, BackendUnsupported, LoadedBackend
from merge_impls.check_and_complete_result import check_and_complete_result
from merge_impls.isolation.loaded_code import CodeDigest, CodeObserver
from merge_impls.isolation.memory import PeakMemory, return_freed_memory
from merge_impls.isolation.protocol import MeasuredMerge, Reply
from merge_impls.problem import MergeProblem
from merge_impls.result import CompleteResult

SWITCH_SECONDS = 1e-6
"""The interval in seconds at which Python switches threads while several merges run at the same time.

It is 5,000 times shorter than usual. If threads share state by mistake, results then mostly change.
"""

ARRAYS = ("thresholds", "stages", "affinities", "offsets", "mask", "edges", "counts", "totals")
"""The names of the attributes of a problem that are arrays or None."""


def perform_operation(
    loaded: LoadedBackend, name: str, operation: str, arguments: dict[str, Any]
) -> Reply:
    """Carry out one of ``OPERATIONS`` and return the reply. An exception becomes a reply too.

    name: the name of the backend in error messages.
    """
    try:
        return None, OPERATIONS[operation](loaded, **arguments)
    except (Exception, SystemExit) as error:
        return _failure_kind(error), _failure_message(name, error)


def _failure_kind(error: BaseException) -> str:
    """The kind of a failure, one of ``protocol.FAILURE_KINDS``."""
    if isinstance(error, BackendError):
        return "invalid"
    return "unsupported" if isinstance(error, BackendUnsupported) else "raised"


def _failure_message(name: str, error: BaseException) -> str:
    """One line about an exception; for one that the backend raised, with the place in its code."""
    if _failure_kind(error) != "raised":
        return one_line_error_message(error)
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{os.path.basename(last.filename)}, line {last.lineno}, in {last.name}"
    return f"backend {name}: {type(error).__name__}: {one_line_error_message(error)} ({where})"


def _merge_and_measure(
    loaded: LoadedBackend,
    problem: MergeProblem,
    threads: int,
    verify: bool,
    strided: bool,
    least_seconds: float = 0,
) -> MeasuredMerge:
    """Merge a problem and measure time and memory. ``Worker.merge`` describes the arguments."""
    loaded.check_support(problem)
    if strided:
        problem = _with_strided_arrays(problem)
    before = _checksum_of_each_array(problem)
    memory = _begin_peak_of_new_problem(before)
    first = _time_one_merge(loaded, problem, threads)
    peak = memory.growth_in_bytes() if memory else None
    measured = _repeat_short_merge(loaded, problem, threads, first, least_seconds)
    if verify:
        check_and_complete_result(problem, first.result, loaded.backend.name, verify=True)
    after = _checksum_of_each_array(problem)
    modified = next((name for name in before if before[name] != after[name]), "")
    return replace(measured, peak_bytes=peak, modified=modified)


_PROBLEMS_WITH_PEAK: set[tuple[int, ...]] = set()
"""The checksums of the problems whose peak of memory this process has measured."""


def _begin_peak_of_new_problem(checksums: dict[str, int]) -> PeakMemory | None:
    """Begin to measure the peak of memory; None for a problem that this process has merged before.

    The memory that the process has freed must be returned first, and the merge then takes new pages from the
    system, which takes time. So only the first merge of a problem is measured in this way.
    """
    problem = tuple(checksums.values())
    if problem in _PROBLEMS_WITH_PEAK:
        return None
    _PROBLEMS_WITH_PEAK.add(problem)
    return_freed_memory()
    return PeakMemory()


def _time_one_merge(loaded: LoadedBackend, problem: MergeProblem, threads: int) -> MeasuredMerge:
    """Merge a problem once and measure the times alone."""
    cpu_start, start = process_time(), perf_counter()
    prepared = loaded.prepare_argument(problem)
    ready = perf_counter()
    returned = loaded.call(prepared, threads)
    called = perf_counter()
    finished = loaded.convert_returned_value(problem, returned)
    converted = perf_counter()
    result = check_and_complete_result(problem, finished, loaded.backend.name)
    end, cpu_seconds = perf_counter(), process_time() - cpu_start
    converts = loaded.prepare or loaded.finish
    return MeasuredMerge(
        result,
        seconds=end - start,
        cpu_seconds=cpu_seconds,
        conversion_seconds=ready - start + converted - called if converts else None,
        call_seconds=called - ready,
    )


def _repeat_short_merge(
    loaded: LoadedBackend,
    problem: MergeProblem,
    threads: int,
    first: MeasuredMerge,
    least_seconds: float,
) -> MeasuredMerge:
    """The first result with the times of the median call, after calls of ``least_seconds`` in all.

    A single short call measures the caches that the processes before it have left rather than the merge.
    """
    calls, total = [first], first.seconds
    while total < least_seconds:
        again = _time_one_merge(loaded, problem, threads)
        calls.append(replace(again, result=first.result))
        total += again.seconds
    return sorted(calls, key=lambda call: call.seconds)[(len(calls) - 1) // 2]


def _checksum_of_each_array(problem: MergeProblem) -> dict[str, int]:
    """The checksum of each array of a problem, which shows whether a merge has changed it."""
    arrays = {name: getattr(problem, name) for name in ARRAYS}
    return {name: _array_checksum(array) for name, array in arrays.items() if array is not None}


def _array_checksum(array: npt.NDArray[np.generic]) -> int:
    # Channel by channel: a copy of all channels would raise the peak of memory, which is measured.
    checksum = 0
    for part in array if array.ndim > 2 else [array]:
        checksum = zlib.crc32(np.ascontiguousarray(part).data, checksum)
    return checksum


def _with_strided_arrays(problem: MergeProblem) -> MergeProblem:
    """Return the problem with arrays that are not contiguous.

    The parent process cannot make these arrays, because pickling makes arrays contiguous.
    """
    arrays = {name: getattr(problem, name) for name in ARRAYS}
    strided: dict[str, Any] = {
        name: _strided_view(array) for name, array in arrays.items() if array is not None
    }
    return replace(problem, **strided)


def _strided_view(array: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """Return the values of an array as every second element of the last axis of a larger array."""
    wide = np.repeat(array, 2, axis=-1)
    wide[..., 1::2] = 1  # a value that is valid in every array, but rarely the right one
    view = wide[..., ::2]
    view.flags.writeable = False
    return view


def _merge_concurrently(
    loaded: LoadedBackend, problems: list[MergeProblem]
) -> list[CompleteResult]:
    """Merge all problems at the same time, each on its own Python thread."""
    barrier = Barrier(len(problems))

    def merge_one(problem: MergeProblem) -> CompleteResult:
        barrier.wait()
        return _merge_and_measure(loaded, problem, 1, verify=False, strided=False).result

    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        with ThreadPoolExecutor(len(problems)) as pool:
            return list(pool.map(merge_one, problems))
    finally:
        sys.setswitchinterval(before)


def _call_unchecked(loaded: LoadedBackend, argument: Any) -> str:
    """Call the merge function with any argument, without checks.

    Returns the exception that it raises as text, or "" if it raises none.
    """
    try:
        loaded.call(loaded.prepare_argument(argument))
    except Exception as error:
        return f"{type(error).__name__}: {one_line_error_message(error)}"
    return ""


def _digest_code(
    loaded: LoadedBackend, observer: CodeObserver, apart: tuple[str, ...]
) -> CodeDigest:
    """The digest of the code that the backend has loaded. Arguments: see ``CodeObserver.digest``."""
    return observer.digest(loaded, apart)


def _file_loaded_since_digest(loaded: LoadedBackend, observer: CodeObserver) -> str:
    """The path of a file of code that was loaded after the digest; "" if there is none."""
    return observer.file_loaded_since_digest()


OBSERVING = ("digest_code", "file_loaded_since_digest")
"""The operations that need the observer of the process."""

OPERATIONS: dict[str, Callable[..., Any]] = {
    "merge": _merge_and_measure,
    "merge_concurrently": _merge_concurrently,
    "call_unchecked": _call_unchecked,
    "digest_code": _digest_code,
    "file_loaded_since_digest": _file_loaded_since_digest,
}
