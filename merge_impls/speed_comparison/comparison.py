"""Who is right, and then how long each takes: every backend in a process of its own."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Self

from merge_impls import fields
from merge_impls.isolation import Worker
from merge_impls.machine import cores
from merge_impls.problem import MergeProblem
from merge_impls.speed_comparison.settings import REFERENCE, ComparisonSettings
from merge_impls.text import format_shape
from merge_impls.timing import Run, measure

_SMALL = (32, 64)


@dataclass(frozen=True)
class ComparisonRow:
    """What one backend did with one noise and linkage.

    threads: how many it could use; None if it cannot be asked. state: "equal", or why there are no
    times: "disagrees", "raised", "crash", "timeout", "unavailable", "unsupported", or "unchecked"
    where there was nothing to compare its results with. run: its times if it is equal. ratios: its
    wall time by the baseline's, a round each; none if the baseline has no times.
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


class SpeedComparison:
    """The processes of all backends of a plan and of those trusted; a context manager.

    tell: is told in a line what is going on. core: the one that processes with one thread are pinned
    to; None where the system pins none.
    """

    def __init__(self, plan: ComparisonSettings, tell: Callable[[str], None]) -> None:
        self.plan, self.tell = plan, tell
        self.core = cores()[-1] if hasattr(os, "sched_setaffinity") else None
        self._absent: dict[str, _Fault] = {}
        self._heats = 0

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            self._workers = {
                name: stack.enter_context(self._worker(name))
                for name in dict.fromkeys(
                    [REFERENCE, self.plan.large_field_reference, *self.plan.backends]
                )
            }
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def compare(self, noise: str, linkage: str) -> list[ComparisonRow]:
        """A row for each backend of the plan, and one for who was to be trusted and failed."""
        plan, faults = self.plan, dict(self._absent)
        for worker in self._workers.values():
            # What an earlier merge has freed and kept would hide how much a later one needs.
            worker.stop()
        crop = fields.field(*small(plan.shape), noise, linkage=linkage)
        self.tell(f"{noise}, {linkage}: against {REFERENCE} on {format_shape(crop.shape)}")
        self._merge_all(crop, REFERENCE, 1, faults)
        problem = fields.field(*plan.shape, noise, linkage=linkage)
        self.tell(f"{noise}, {linkage}: in turns on {format_shape(plan.shape)}")
        runs = self._merge_all(problem, plan.large_field_reference, plan.rounds, faults)
        self._heats += 1
        failed = [name for name in (REFERENCE, plan.large_field_reference) if name in faults]
        shown = dict.fromkeys([*plan.backends, *failed])
        return [self._row(name, noise, linkage, runs, faults) for name in shown]

    def _merge_all(
        self, problem: MergeProblem, trusted: str, rounds: int, faults: dict[str, _Fault]
    ) -> dict[str, Run]:
        """Merge in turns with ``trusted`` and all others that have no fault yet; note the new faults.

        Nobody is right or wrong, and so nobody is asked, where ``trusted`` has a fault.
        """
        names = dict.fromkeys([trusted, self.plan.large_field_reference, *self.plan.backends])
        asked = [name for name in names if name not in faults and trusted not in faults]
        workers = [self._workers[name] for name in asked]
        _, runs = measure(problem, workers, rounds, first=self._heats, reference=trusted)
        where = format_shape(problem.shape)
        for name, run in runs.items():  # the trusted one is the first
            if run.failed or (run.difference and trusted not in faults):
                faults[name] = _fault(run, where)
            if run.first_call_seconds is None:
                self._absent[name] = faults[name]
        if trusted in faults:
            reason = f"{trusted} has no result on {where} to compare with"
            for name in names:
                faults.setdefault(name, _Fault("unchecked", reason))
        return runs

    def _row(
        self, name: str, noise: str, linkage: str, runs: dict[str, Run], faults: dict[str, _Fault]
    ) -> ComparisonRow:
        threads = self._threads_used(name)
        if name in faults:
            return ComparisonRow(
                name, noise, linkage, threads, faults[name].state, faults[name].reason
            )
        run, ratios = runs[name], []
        if self.plan.baseline not in faults:
            base = runs[self.plan.baseline].seconds
            ratios = [mine / other for mine, other in zip(run.seconds, base, strict=True)]
        return ComparisonRow(name, noise, linkage, threads, "equal", run=run, ratios=ratios)

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
        return Worker(
            name,
            plan.threads,
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
