"""The backend's side: requests come in, answers or the words of a failure go out."""

import multiprocessing
import os
import sys
import traceback
import zlib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing.connection import Connection, wait
from threading import Barrier, Thread
from time import perf_counter, process_time
from typing import Any

import numpy as np

from merge_impls.argument_checks import one_line
from merge_impls.backend import BackendUnsupported, Loaded
from merge_impls.isolation.memory import PeakMemory, limit_memory
from merge_impls.isolation.protocol import Answer
from merge_impls.merging import load
from merge_impls.problem import MergeProblem
from merge_impls.result import BackendError, MergeResult, complete

SWITCH_SECONDS = 1e-6
"""Python's threads take turns so often, 5,000 times the usual, that what they share shows."""

ARRAYS = ("thresholds", "stages", "affinities", "offsets", "mask", "edges")


@dataclass(frozen=True)
class Conditions:
    """Where and within what a backend's process works: at most so many threads, on which core if
    it is one thread, in how many bytes."""

    backend: str
    threads: int
    core: int | None
    memory: int | None


def serve(connection: Connection, conditions: Conditions) -> None:
    """The process's whole life; ends when the other side sends None or is gone.

    What comes first, unasked, is the backend's declaration and the seconds that its imports took.
    """
    _stand_alone()
    if conditions.threads == 1:
        _pin(conditions.core)
    if conditions.memory is not None:
        limit_memory(conditions.memory)
    start = perf_counter()
    try:
        loaded = load(conditions.backend)
    except Exception as error:
        connection.send(("unavailable", one_line(error)))
        return
    if loaded.backend.threads == 1:
        _pin(conditions.core)
    connection.send((None, (loaded.backend, perf_counter() - start)))
    while (request := _next_request(connection)) is not None:
        connection.send(answer(loaded, conditions.backend, *request))


def _stand_alone() -> None:
    """Lead a group of processes, so that all can be ended together; end with who started us."""
    if hasattr(os, "setsid"):
        os.setsid()  # and whoever interrupts the terminal interrupts only the other side
    multiprocessing.current_process().daemon = False  # so that a backend may have processes, too
    parent = multiprocessing.parent_process().sentinel
    Thread(target=lambda: wait([parent]) and os._exit(1), daemon=True).start()


def _pin(core: int | None) -> None:
    if core is not None:
        os.sched_setaffinity(0, {core})


def answer(
    loaded: Loaded, name: str, operation: str, arguments: dict[str, Any]
) -> tuple[str | None, Any]:
    """(None, what ``OPERATIONS`` say), or the kind and the words of a failure of backend ``name``."""
    try:
        return None, OPERATIONS[operation](loaded, **arguments)
    except (Exception, SystemExit) as error:
        return _kind(error), _words(name, error)


def _next_request(connection: Connection) -> tuple[str, dict[str, Any]] | None:
    try:
        return connection.recv()
    except EOFError:
        return None


def _kind(error: BaseException) -> str:
    if isinstance(error, BackendError):
        return "invalid"
    return "unsupported" if isinstance(error, BackendUnsupported) else "raised"


def _words(name: str, error: BaseException) -> str:
    if _kind(error) != "raised":
        return one_line(error)
    last = traceback.extract_tb(error.__traceback__)[-1]
    where = f"{os.path.basename(last.filename)}, line {last.lineno}, in {last.name}"
    return f"backend {name}: {type(error).__name__}: {one_line(error)} ({where})"


def _merge(
    loaded: Loaded, problem: MergeProblem, threads: int, verify: bool, strided: bool
) -> Answer:
    loaded.check(problem)
    if strided:
        problem = _with_strides(problem)
    before, memory = _checksums(problem), PeakMemory()
    cpu, start = process_time(), perf_counter()
    prepared = loaded.prepared(problem)
    ready = perf_counter()
    returned = loaded.run(prepared, threads)
    called = perf_counter()
    finished = loaded.finished(problem, returned)
    converted = perf_counter()
    result = complete(problem, finished, loaded.backend.name)
    end, cpu, peak = perf_counter(), process_time() - cpu, memory.growth()
    if verify:
        complete(problem, result, loaded.backend.name, verify=True)
    after = _checksums(problem)
    return Answer(
        result,
        end - start,
        cpu,
        ready - start + converted - called if loaded.prepare or loaded.finish else None,
        peak,
        next((name for name in before if before[name] != after[name]), ""),
        called - ready,
    )


def _checksums(problem: MergeProblem) -> dict[str, int]:
    arrays = {name: getattr(problem, name) for name in ARRAYS}
    return {name: _checksum(array) for name, array in arrays.items() if array is not None}


def _checksum(array: np.ndarray) -> int:
    # Channel by channel: memory for a copy of the whole would hide what the merge itself takes.
    checksum = 0
    for part in array if array.ndim > 2 else [array]:
        checksum = zlib.crc32(np.ascontiguousarray(part), checksum)
    return checksum


def _with_strides(problem: MergeProblem) -> MergeProblem:
    """The same problem, no array of which is contiguous; sending one would pack its arrays."""
    return replace(
        problem,
        **{
            name: _every_other(getattr(problem, name))
            for name in ARRAYS
            if getattr(problem, name) is not None
        },
    )


def _every_other(array: np.ndarray) -> np.ndarray:
    wide = np.repeat(array, 2, axis=-1)
    wide[..., 1::2] = 1  # valid everywhere and, almost everywhere, wrong
    view = wide[..., ::2]
    view.flags.writeable = False
    return view


def _merge_at_once(loaded: Loaded, problems: list[MergeProblem]) -> list[MergeResult]:
    """Every problem on a Python thread of its own, all let go together."""
    barrier = Barrier(len(problems))

    def one(problem: MergeProblem) -> MergeResult:
        barrier.wait()
        return _merge(loaded, problem, 1, verify=False, strided=False).result

    before = sys.getswitchinterval()
    sys.setswitchinterval(SWITCH_SECONDS)
    try:
        with ThreadPoolExecutor(len(problems)) as pool:
            return list(pool.map(one, problems))
    finally:
        sys.setswitchinterval(before)


def _call_raw(loaded: Loaded, argument: Any) -> str:
    try:
        loaded.run(loaded.prepared(argument))
    except Exception as error:
        return f"{type(error).__name__}: {one_line(error)}"
    return ""


OPERATIONS: dict[str, Callable] = {
    "merge": _merge,
    "merge_at_once": _merge_at_once,
    "call_raw": _call_raw,
}
