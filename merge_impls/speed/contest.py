"""Who is right, and then how long each takes: every backend in a process of its own."""

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Self

from merge_impls import fields
from merge_impls.isolation import Worker
from merge_impls.machine import cores
from merge_impls.problem import MergeProblem
from merge_impls.registry import backends
from merge_impls.rounds import Run, measure
from merge_impls.speed.plan import REFERENCE, Plan

_SMALL = (32, 64)


@dataclass(frozen=True)
class Row:
    """What one backend did with one noise and linkage.

    threads: how many it could use; None if it cannot be asked. state: "equal", or why there are no
    times: "disagrees", "raised", "crash", "timeout", "unavailable", "unsupported", or "unchecked"
    where there was nothing to compare its results with. run: its times if it is equal. ratios: its
    wall time by the baseline's, a round each.
    """

    backend: str
    noise: str
    linkage: str
    threads: int | None
    state: str
    reason: str = ""
    run: Run | None = None
    ratios: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class _Fault:
    state: str
    reason: str


class Contest:
    """The processes of all backends of a plan and of the reference; a context manager.

    tell: is told in a line what is going on. core: the one that processes with one thread are pinned
    to; None where the system pins none.
    """

    def __init__(self, plan: Plan, tell: Callable[[str], None]) -> None:
        self.plan, self.tell = plan, tell
        self.core = cores()[-1] if hasattr(os, "sched_setaffinity") else None
        self._absent: dict[str, _Fault] = {}
        self._heats = 0

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._workers = {
                name: stack.enter_context(self._worker(name))
                for name in dict.fromkeys([REFERENCE, *self.plan.backends])
            }
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def heat(self, noise: str, linkage: str) -> list[Row]:
        """A row for each backend of the plan, and one for the reference if it failed."""
        plan, faults = self.plan, dict(self._absent)
        for worker in self._workers.values():
            # What an earlier merge has freed and kept would hide how much a later one needs.
            worker.stop()
        crop = fields.field(*small(plan.shape), noise, linkage=linkage)
        self.tell(f"{noise}, {linkage}: against {REFERENCE} on {written(crop.shape)}")
        self._merge_all(crop, [REFERENCE, *plan.backends], 1, faults)
        self._excuse_without(REFERENCE, crop, faults)
        problem = fields.field(*plan.shape, noise, linkage=linkage)
        self._excuse_without(plan.baseline, problem, faults)
        self.tell(f"{noise}, {linkage}: in turns on {written(plan.shape)}")
        runs = self._merge_all(problem, [plan.baseline, *plan.backends], plan.rounds, faults)
        self._excuse_without(plan.baseline, problem, faults)
        self._heats += 1
        shown = [*plan.backends, *([REFERENCE] if REFERENCE in faults else [])]
        return [self._row(name, noise, linkage, runs, faults) for name in dict.fromkeys(shown)]

    def _merge_all(
        self,
        problem: MergeProblem,
        names: Sequence[str],
        rounds: int,
        faults: dict[str, _Fault],
    ) -> dict[str, Run]:
        """Merge in turns with all of ``names`` that have no fault yet, and note the new faults; the
        results are held against those of the first."""
        asked = [name for name in dict.fromkeys(names) if name not in faults]
        where = written(problem.shape)
        workers = [self._workers[name] for name in asked]
        _, runs = measure(problem, workers, rounds, first=self._heats, trusted=names[0])
        for name, run in runs.items():
            if run.failed or run.difference:
                faults[name] = _fault(run, where)
            if run.first_call_seconds is None:
                self._absent[name] = faults[name]
        return runs

    def _excuse_without(self, name: str, problem: MergeProblem, faults: dict[str, _Fault]) -> None:
        """Nobody is right or wrong where ``name``, which they are compared with, has a fault."""
        if name in faults:
            reason = f"{name} has no result on {written(problem.shape)} to compare with"
            for other in self.plan.backends:
                faults.setdefault(other, _Fault("unchecked", reason))

    def _row(
        self, name: str, noise: str, linkage: str, runs: dict[str, Run], faults: dict[str, _Fault]
    ) -> Row:
        threads = self._threads_used(name)
        if name in faults:
            return Row(name, noise, linkage, threads, faults[name].state, faults[name].reason)
        run, base = runs[name], runs[self.plan.baseline]
        ratios = [mine / other for mine, other in zip(run.seconds, base.seconds, strict=True)]
        return Row(name, noise, linkage, threads, "equal", run=run, ratios=ratios)

    def version(self, name: str) -> str | None:
        """What a backend says its version is; None if it cannot be asked."""
        if name in self._absent:
            return None
        return self._workers[name].declaration.version

    def _threads_used(self, name: str) -> int | None:
        if name in self._absent:
            return None
        worker = self._workers[name]
        return min(worker.threads, worker.declaration.threads or worker.threads)

    def _worker(self, name: str) -> Worker:
        plan = self.plan
        known = backends().get(name)
        # Only a process with one thread is pinned, so one that uses no more must be asked for one.
        most = known.threads if known else None
        return Worker(
            name,
            min(plan.threads, most or plan.threads),
            self.core,
            timeout=plan.timeout,
            start_timeout=plan.timeout,
            memory=plan.memory,
        )


def _fault(run: Run, where: str) -> _Fault:
    if run.failed:
        # A result that cannot be one of the problem disagrees with any.
        return _Fault("disagrees" if run.kind == "invalid" else run.kind, run.failed)
    return _Fault("disagrees", f"on {where}, {run.difference}")


def small(shape: tuple[int, int]) -> tuple[int, int]:
    """As much of a shape as the reference merges in well under a second."""
    return min(shape[0], _SMALL[0]), min(shape[1], _SMALL[1])


def written(shape: Sequence[int]) -> str:
    """A shape as one writes it."""
    return "x".join(map(str, shape))
