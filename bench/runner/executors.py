"""Executors: they run the untimed tasks of a study in worker processes, here or on a dask cluster."""

import concurrent.futures
from collections import deque
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from importlib import import_module
from typing import Any, Generic, Protocol, TypeVar

from merge_impls.argument_checks import one_line_error_message
from merge_impls.isolation import child_process

Task = TypeVar("Task")
Value = TypeVar("Value")

TRIES = 2
"""How often a task is tried in workers."""

TASKS_OF_THREAD = 4
"""The number of tasks that a dask cluster holds for each of its threads, so that none waits for work."""


class OtherWorkerError(RuntimeError):
    """A worker has other sources or versions than this process. The message is one line."""


@dataclass(frozen=True)
class Outcome(Generic[Task, Value]):
    """The outcome of a task.

    value: what the function returned; None if it failed ``TRIES`` times.
    reason: why it failed, in one line; "" if it did not fail.
    """

    task: Task
    value: Value | None
    reason: str = ""


class Executor(Protocol):
    """Runs a function on many tasks in workers."""

    def run(
        self, function: Callable[[Task], Value], tasks: Sequence[Task]
    ) -> Iterator[Outcome[Task, Value]]:
        """Yield the outcome of each task when it is done, or when it has failed ``TRIES`` times.

        The order of the tasks may change. Raises ``OtherWorkerError`` if a task raises it.
        """
        ...


def read_executor(text: str) -> Executor | None:
    """The executor of the text "local" (None), "processes:N" or "dask:ADDRESS".

    Raises ValueError for another text, and ModuleNotFoundError without the extra ``cluster``.
    """
    kind, _, argument = text.partition(":")
    if text == "local":
        return None
    if kind == "processes" and argument.isdecimal() and int(argument):
        return ProcessExecutor(int(argument))
    if kind == "dask" and argument:
        return DaskExecutor(argument)
    raise ValueError(f"--executor {text!r}: give local, processes:N or dask:ADDRESS")


class ProcessExecutor:
    """Runs tasks in processes of this machine. A process that dies is replaced.

    The processes wait for the next ``run``, because each start imports torch. They end with this object.
    """

    def __init__(self, processes: int) -> None:
        self._processes = processes
        self._idle: list[concurrent.futures.ProcessPoolExecutor] = []

    def run(
        self, function: Callable[[Task], Value], tasks: Sequence[Task]
    ) -> Iterator[Outcome[Task, Value]]:
        """See ``Executor.run``."""
        idle = self._take_processes(min(self._processes, len(tasks)))
        waiting = deque((task, 1) for task in tasks)
        running: dict[concurrent.futures.Future[Value], Any] = {}
        try:
            while waiting or running:
                while waiting and idle:
                    task, tries = waiting.popleft()
                    process, future = _submit(idle.pop(), function, task)
                    running[future] = process, task, tries
                done, _ = concurrent.futures.wait(running, return_when="FIRST_COMPLETED")
                for future in done:
                    process, task, tries = running.pop(future)
                    error = future.exception()
                    idle.append(_replaced_if_dead(process, error))
                    if error is None:
                        yield Outcome(task, future.result())
                    elif (reason := _reason_of_last_try(error, tries)) is None:
                        waiting.append((task, tries + 1))
                    else:
                        yield Outcome(task, None, reason)
        finally:
            self._idle += idle
            for process, _, _ in running.values():
                process.shutdown(wait=False, cancel_futures=True)

    def _take_processes(self, count: int) -> list[concurrent.futures.ProcessPoolExecutor]:
        """Idle processes, and new ones for those that are lacking."""
        taken, self._idle = self._idle[:count], self._idle[count:]
        return taken + [_start_process() for _ in range(count - len(taken))]


def _start_process() -> concurrent.futures.ProcessPoolExecutor:
    """A pool of one process, so that a death belongs to one task."""
    return concurrent.futures.ProcessPoolExecutor(1, mp_context=child_process.PROCESS_CONTEXT)


def _submit(
    process: concurrent.futures.ProcessPoolExecutor, function: Callable[[Task], Value], task: Task
) -> tuple[concurrent.futures.ProcessPoolExecutor, concurrent.futures.Future[Value]]:
    """Start a task in a process, or in a new one if the process has died while it was idle."""
    try:
        return process, process.submit(function, task)
    except BrokenProcessPool:
        process = _start_process()
        return process, process.submit(function, task)


def _replaced_if_dead(
    process: concurrent.futures.ProcessPoolExecutor, error: BaseException | None
) -> concurrent.futures.ProcessPoolExecutor:
    if not isinstance(error, BrokenProcessPool):
        return process
    process.shutdown(wait=False)
    return _start_process()


def _reason_of_last_try(error: BaseException, tries: int) -> str | None:
    """Why a task failed, in one line; None if it is tried again. Raises ``OtherWorkerError``."""
    if isinstance(error, OtherWorkerError) or not isinstance(error, Exception):
        raise error
    if isinstance(error, ModuleNotFoundError):
        raise OtherWorkerError(
            f"a worker cannot import {error.name}; install this clone with the extra bench on all machines"
        )
    if tries < TRIES:
        return None
    died = isinstance(error, BrokenProcessPool)
    return "its worker died" if died else one_line_error_message(error)


class DaskExecutor:
    """Runs tasks on an existing cluster of dask.distributed. Needs the extra ``cluster``.

    dask itself starts a task again whose worker died. It gives the task up after the number of deaths that
    the setting ``distributed.scheduler.allowed-failures`` of the scheduler has.

    address: of the scheduler, such as "tcp://10.0.0.1:8786".
    """

    def __init__(self, address: str) -> None:
        try:
            self._distributed: Any = import_module("distributed")
        except ModuleNotFoundError:
            raise ModuleNotFoundError(
                "--executor dask needs distributed; install the extra: pip install -e '.[cluster]'"
            ) from None
        self._address = address

    def run(
        self, function: Callable[[Task], Value], tasks: Sequence[Task]
    ) -> Iterator[Outcome[Task, Value]]:
        """See ``Executor.run``."""
        waiting = deque((task, 1) for task in tasks)
        running: dict[Any, tuple[Task, int]] = {}
        with self._connected_client() as client:
            finished = self._distributed.as_completed()
            while waiting or running:
                while waiting and len(running) < _most_tasks(client):
                    task, tries = waiting.popleft()
                    future = client.submit(function, task, pure=False)
                    running[future] = task, tries
                    finished.add(future)
                done = next(finished)
                task, tries = running.pop(done)
                error = done.exception()
                if error is None:
                    yield Outcome(task, done.result())
                    continue
                killed = isinstance(error, self._distributed.KilledWorker)
                reason = _reason_of_last_try(error, TRIES if killed else tries)
                if reason is None:
                    waiting.append((task, tries + 1))
                else:
                    yield Outcome(task, None, "its workers died" if killed else reason)

    def _connected_client(self) -> Any:
        try:
            return self._distributed.Client(self._address, timeout="10s")
        except OSError:
            raise OSError(
                f"--executor dask:{self._address}: no scheduler replies; start `dask scheduler` there"
            ) from None


def _most_tasks(client: Any) -> int:
    """The number of tasks that a cluster holds at one time, so that results of many tasks do not pile up."""
    threads: dict[str, int] = client.nthreads()
    return TASKS_OF_THREAD * max(1, sum(threads.values()))
