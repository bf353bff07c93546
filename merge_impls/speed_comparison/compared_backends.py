"""Backends checked against a reference and timed in interleaved rounds, each in its own process."""

import os
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass, field
from typing import Self

from merge_impls import fields
from merge_impls.isolation import Worker
from merge_impls.machine import usable_cores
from merge_impls.problem import MergeProblem
from merge_impls.speed_comparison.settings import REFERENCE, ComparisonSettings
from merge_impls.text import format_shape
from merge_impls.timing import TimedRun, time_workers

SMALL_FIELD = (32, 64)
"""Height and width that ``REFERENCE`` merges in well under a second."""


@dataclass(frozen=True)
class ComparisonRow:
    """The outcome of one backend on the fields of one noise and linkage.

    threads: the most that it could use; None if its declaration could not be read.
    state: "equal", or why there are no times: "disagrees", "raised", "crash", "timeout",
        "unavailable", "unsupported", or "unchecked" if there was no result to compare with.
    reason: the state in words, "" if it is "equal". run: the times if it is "equal".
    ratios: the wall time of each round divided by the baseline's; empty if one of the two has none.
    """

    backend: str
    noise: str
    linkage: str
    threads: int | None
    state: str
    reason: str = ""
    run: TimedRun | None = None
    ratios: list[float] = field(default_factory=list)


@dataclass(frozen=True)
class _Failure:
    """Why a backend has no times: the ``state`` and ``reason`` of its row."""

    state: str
    reason: str


class SpeedComparison:
    """The processes of the compared backends and of the references; a context manager.

    report_progress: called with a line at every step.
    core: the core to which processes with one thread are pinned; None if the system cannot pin them.
    """

    def __init__(
        self, settings: ComparisonSettings, report_progress: Callable[[str], None]
    ) -> None:
        self.settings, self.report_progress = settings, report_progress
        self.core = usable_cores()[-1] if hasattr(os, "sched_setaffinity") else None
        self._unavailable: dict[str, _Failure] = {}
        self._compared = 0

    def __enter__(self) -> Self:
        references = [REFERENCE, self.settings.large_field_reference]
        with ExitStack() as stack:
            self._workers = {
                name: stack.enter_context(self._make_worker(name))
                for name in dict.fromkeys([*references, *self.settings.backends])
            }
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def compare(self, noise: str, linkage: str) -> list[ComparisonRow]:
        """A row for each backend of the settings, and for each reference that failed."""
        settings, failures = self.settings, dict(self._unavailable)
        for worker in self._workers.values():
            # Memory that an earlier merge freed and the process kept would hide what a later one needs.
            worker.stop()
        crop = fields.field(*small_field_shape(settings.shape), noise, linkage=linkage)
        self.report_progress(
            f"{noise}, {linkage}: against {REFERENCE} on {format_shape(crop.shape)}"
        )
        self._merge_with_all(crop, REFERENCE, 1, failures)
        problem = fields.field(*settings.shape, noise, linkage=linkage)
        self.report_progress(f"{noise}, {linkage}: rounds on {format_shape(settings.shape)}")
        reference = settings.large_field_reference
        runs = self._merge_with_all(problem, reference, settings.rounds, failures)
        self._compared += 1
        failed = [name for name in (REFERENCE, reference) if name in failures]
        shown = dict.fromkeys([*settings.backends, *failed])
        return [self._comparison_row(name, noise, linkage, runs, failures) for name in shown]

    def _merge_with_all(
        self, problem: MergeProblem, reference: str, rounds: int, failures: dict[str, _Failure]
    ) -> dict[str, TimedRun]:
        """Merge with the reference and all others that have not failed yet; add to ``failures``.

        Nothing is merged if the reference has failed, because no result could be checked.
        """
        settings = self.settings
        names = dict.fromkeys([reference, settings.large_field_reference, *settings.backends])
        merging = [name for name in names if name not in failures and reference not in failures]
        workers = [self._workers[name] for name in merging]
        _, runs = time_workers(problem, workers, rounds, first=self._compared, reference=reference)
        shape = format_shape(problem.shape)
        for name, run in runs.items():  # the reference comes first
            if run.failed or (run.difference and reference not in failures):
                failures[name] = _failure_of_run(run, shape)
            if run.first_call_seconds is None:
                self._unavailable[name] = failures[name]
        if reference in failures:
            reason = f"{reference} has no result on {shape} to compare with"
            for name in names:
                failures.setdefault(name, _Failure("unchecked", reason))
        return runs

    def _comparison_row(
        self,
        name: str,
        noise: str,
        linkage: str,
        runs: dict[str, TimedRun],
        failures: dict[str, _Failure],
    ) -> ComparisonRow:
        threads = self._threads_used(name)
        if name in failures:
            failure = failures[name]
            return ComparisonRow(name, noise, linkage, threads, failure.state, failure.reason)
        run, ratios = runs[name], []
        if self.settings.baseline not in failures:
            base = runs[self.settings.baseline].seconds
            ratios = [mine / other for mine, other in zip(run.seconds, base, strict=True)]
        return ComparisonRow(name, noise, linkage, threads, "equal", run=run, ratios=ratios)

    def version(self, name: str) -> str | None:
        """The version that a backend declares; None if its declaration could not be read."""
        if name in self._unavailable:
            return None
        return self._workers[name].declaration.version

    def _threads_used(self, name: str) -> int | None:
        if name in self._unavailable:
            return None
        worker = self._workers[name]
        return min(worker.threads, worker.declaration.threads or worker.threads)

    def _make_worker(self, name: str) -> Worker:
        settings = self.settings
        return Worker(
            name,
            settings.threads,
            self.core,
            timeout=settings.timeout,
            start_timeout=settings.timeout,
            memory=settings.memory,
        )


def _failure_of_run(run: TimedRun, shape: str) -> _Failure:
    if run.failed:
        # A result that is impossible for the problem differs from every right one.
        return _Failure("disagrees" if run.kind == "invalid" else run.kind, run.failed)
    return _Failure("disagrees", f"on {shape}, {run.difference}")


def small_field_shape(shape: tuple[int, int]) -> tuple[int, int]:
    """The shape of the small field: at most ``SMALL_FIELD``, and no larger than ``shape``."""
    return min(shape[0], SMALL_FIELD[0]), min(shape[1], SMALL_FIELD[1])
