"""The operations of a child process: merge, merge several problems at once, pass any argument."""

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

from merge_impls.argument_checks import one_line_message
from merge_impls.backend import BackendError, BackendUnsupported, LoadedBackend
from merge_impls.isolation.memory import PeakMemory
from merge_impls.isolation.protocol import Answer, Reply
from merge_impls.problem import MergeProblem
from merge_impls.result import CompleteResult
from merge_impls.result_checks import check_and_complete

SWITCH_SECONDS = 1e-6
"""The interval at which Python switches threads while merges run at once. It is 5,000 times shorter than
usual, so that state which a backend shares between threads by mistake changes results."""

ARRAYS = ("thresholds", "stages", "affinities", "offsets", "mask", "edges")
"""The attributes of a problem that are arrays or None."""


def perform_operation(
    loaded: LoadedBackend, name: str, operation: str, arguments: dict[str, Any]
) -> Reply:
    """Perform one of ``OPERATIONS`` with the backend ``name``; return a ``protocol.Reply``."""
    try:
        return None, OPERATIONS[operation](loaded, **arguments)
    except (Exception, SystemExit) as error:
        return _failure_kind(error), _failure_message(name, error)


def _failure_kind(error: BaseException) -> str:
    if isinstance(error, BackendError):
        return "invalid"
    return "unsupported" if isinstance(error, BackendUnsupported) else "raised"


def _failure_message(name: str, error: BaseException) -> str:
    if _failure_kind(error) != "raised":
        return one_line_message(error)
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{os.path.basename(last.filename)}, line {last.lineno}, in {last.name}"
    return f"backend {name}: {type(error).__name__}: {one_line_message(error)} ({where})"


def _merge(
    loaded: LoadedBackend, problem: MergeProblem, threads: int, verify: bool, strided: bool
) -> Answer:
    loaded.check_support(problem)
    if strided:
        problem = _with_strided_arrays(problem)
    before, memory = _checksums(problem), PeakMemory()
    cpu_start, start = process_time(), perf_counter()
    prepared = loaded.prepare_argument(problem)
    ready = perf_counter()
    returned = loaded.call(prepared, threads)
    called = perf_counter()
    finished = loaded.finish_result(problem, returned)
    converted = perf_counter()
    result = check_and_complete(problem, finished, loaded.backend.name)
    end, cpu_seconds, peak = perf_counter(), process_time() - cpu_start, memory.growth()
    if verify:
        check_and_complete(problem, result, loaded.backend.name, verify=True)
    after = _checksums(problem)
    converts = loaded.prepare or loaded.finish
    return Answer(
        result,
        seconds=end - start,
        cpu_seconds=cpu_seconds,
        conversion_seconds=ready - start + converted - called if converts else None,
        peak_bytes=peak,
        modified=next((name for name in before if before[name] != after[name]), ""),
        call_seconds=called - ready,
    )


def _checksums(problem: MergeProblem) -> dict[str, int]:
    arrays = {name: getattr(problem, name) for name in ARRAYS}
    return {name: _checksum(array) for name, array in arrays.items() if array is not None}


def _checksum(array: npt.NDArray[np.generic]) -> int:
    # Channel by channel, because the memory of a whole copy would hide the memory that the merge takes.
    checksum = 0
    for part in array if array.ndim > 2 else [array]:
        checksum = zlib.crc32(np.ascontiguousarray(part).data, checksum)
    return checksum


def _with_strided_arrays(problem: MergeProblem) -> MergeProblem:
    """The same problem with no contiguous array; made here, because pickling makes arrays contiguous."""
    arrays = {name: getattr(problem, name) for name in ARRAYS}
    strided: dict[str, Any] = {
        name: _strided_view(array) for name, array in arrays.items() if array is not None
    }
    return replace(problem, **strided)


def _strided_view(array: npt.NDArray[np.generic]) -> npt.NDArray[np.generic]:
    """The same values as a read-only view of every second element along the last axis of an array."""
    wide = np.repeat(array, 2, axis=-1)
    wide[..., 1::2] = 1  # valid in every array, but rarely the right value
    view = wide[..., ::2]
    view.flags.writeable = False
    return view


def _merge_at_once(loaded: LoadedBackend, problems: list[MergeProblem]) -> list[CompleteResult]:
    """Merge every problem on a Python thread of its own; all threads start together."""
    barrier = Barrier(len(problems))

    def merge_one(problem: MergeProblem) -> CompleteResult:
        barrier.wait()
        return _merge(loaded, problem, 1, verify=False, strided=False).result

    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        with ThreadPoolExecutor(len(problems)) as pool:
            return list(pool.map(merge_one, problems))
    finally:
        sys.setswitchinterval(before)


def _call_raw(loaded: LoadedBackend, argument: Any) -> str:
    """Call the bare function; return the exception that it raises as text, or "" if it returns."""
    try:
        loaded.call(loaded.prepare_argument(argument))
    except Exception as error:
        return f"{type(error).__name__}: {one_line_message(error)}"
    return ""


OPERATIONS: dict[str, Callable[..., Any]] = {
    "merge": _merge,
    "merge_at_once": _merge_at_once,
    "call_raw": _call_raw,
}
