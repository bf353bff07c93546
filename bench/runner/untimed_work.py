"""Untimed work of a study, such as the networks: tasks that run in this process or in workers.

A worker must have the same sources and versions as this process, so that results do not depend on the worker.
"""

import multiprocessing
import pickle
import platform
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from functools import cache, lru_cache, partial
from importlib.metadata import version
from typing import Any, Generic, cast

from bench.runner.executors import Executor, OtherWorkerError, Outcome, Task, Value
from bench.runner.input_digests import code_digests

LIBRARIES = ("numpy", "torch", "pillow", "merge_impls")
"""The libraries whose versions must be the same in all workers."""

UNTIMED_MODULE = "bench.runner.image_problems"
"""The module whose sources, with those of all modules it imports, must be the same in all workers."""

DIGEST_LENGTH, SHOWN_OF_DIGEST = 64, 12
"""The length of a digest, and how many of its characters an error message shows."""


class FailedTwiceError(RuntimeError):
    """A task failed in two workers. The message is one line."""


class UntimedWork(ABC, Generic[Task, Value]):
    """Work that consists of tasks. Workers receive it as a pickle, so its paths must hold on all machines."""

    @abstractmethod
    def run_task(self, task: Task) -> Value:
        """Run one task."""

    def needed_versions(self) -> dict[str, str]:
        """What a worker must have in common with this process, beside ``worker_identity``."""
        return {}

    def outcomes(
        self, tasks: Sequence[Task], executor: Executor | None
    ) -> Iterator[Outcome[Task, Value]]:
        """Yield the outcome of each task. The order of the tasks may change.

        executor: the workers; None for this process, in which errors are raised.
        Raises ``OtherWorkerError`` if a worker has other sources or versions.
        """
        if executor is None:
            for task in tasks:
                yield Outcome(task, self.run_task(task))
        elif tasks:
            expected = {**worker_identity(), **self.needed_versions()}
            yield from executor.run(
                partial(run_task_in_worker, pickle.dumps(self), expected), tasks
            )

    def values(
        self, tasks: Sequence[Task], executor: Executor | None, part: str
    ) -> Iterator[tuple[Task, Value]]:
        """Like ``outcomes``, but yields each task with its value.

        part: the name of the work. Raises ``FailedTwiceError`` if a task failed twice.
        """
        for outcome in self.outcomes(tasks, executor):
            if outcome.reason:
                raise FailedTwiceError(f"{part} failed twice: {outcome.reason}")
            yield outcome.task, cast(Value, outcome.value)


@cache
def worker_identity() -> dict[str, str]:
    """The digests of the sources that this process has, and the versions of Python and libraries."""
    versions = {name: version(name) for name in LIBRARIES}
    return {**code_digests(UNTIMED_MODULE), "python": platform.python_version(), **versions}


def run_task_in_worker(work: bytes, expected: dict[str, str], task: Any) -> Any:
    """``UntimedWork.run_task`` in a worker process. work: the pickled ``UntimedWork``.

    Raises ``OtherWorkerError`` if the sources or versions of the worker are not the ``expected`` ones.
    """
    refuse_other_worker(expected, worker_identity())
    return _open_work(work, tuple(expected.items())).run_task(task)


def refuse_other_worker(expected: dict[str, str], found: dict[str, str]) -> None:
    """Raise ``OtherWorkerError``, one line, for the first entry of ``found`` that is not the expected one."""
    for name, value in found.items():
        if value != expected.get(name):
            raise OtherWorkerError(
                f"worker on {platform.node()}: {name} is {_shown(value)}, here "
                f"{_shown(expected.get(name, 'absent'))}; "
                "install the same sources and versions on all machines"
            )


def _shown(value: str) -> str:
    return value[:SHOWN_OF_DIGEST] if len(value) == DIGEST_LENGTH else value


@lru_cache(maxsize=1)
def _open_work(work: bytes, expected: tuple[tuple[str, str], ...]) -> UntimedWork[Any, Any]:
    """The work of a study, kept so that a worker loads networks and starts processes once."""
    # dask starts its workers as daemons, which Python forbids to start processes.
    multiprocessing.current_process().daemon = False
    opened: UntimedWork[Any, Any] = pickle.loads(work)
    refuse_other_worker(dict(expected), opened.needed_versions())
    return opened
