"""Checks backends against a reference, and times them in interleaved rounds, each in its own process."""

import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from merge_impls import fields
from merge_impls.isolation import BackendFailed, CodeDigest, Worker
from merge_impls.machine import usable_core_numbers
from merge_impls.measurement_statistics import (
    compare_by_round,
    each_alone,
    noise_floor,
    ratios_by_round,
)
from merge_impls.problem import MergeProblem
from merge_impls.speed_comparison.settings import REFERENCE, ComparisonSettings
from merge_impls.text_formats import format_shape
from merge_impls.timing import TimedRun, join_second_process, second_process_name, time_workers

SMALL_SIZE = 9 * 32 * 64
"""The most edges of the graphs that ``REFERENCE`` merges: those of a street of 32 x 64 pixels.

``REFERENCE`` takes about a second for them.
"""


EQUAL, APPROXIMATE = TIMED_STATES = ("equal", "approximate")
"""The states of rows that have times: the results equal the reference's, or are declared approximate."""


@dataclass(frozen=True)
class ComparisonRow:
    """The result of one backend on one graph with one linkage.

    size: the requested number of edges. edges: the number of edges of the graph.
    threads: the most threads that the backend could use; None if its declaration could not be read.
    state: "equal" if all results equal those of the reference; "approximate" if the backend declares
        that its results may differ. Otherwise there are no times: "disagrees", "raised", "crash",
        "timeout", "unavailable", "unsupported", or "unchecked" without a reference.
    reason: the explanation of a state without times; else "".
    run: the times, and the agreement of an approximate result; None without times.
    ratios: for each round, the wall time divided by that of the baseline; [] if either has no times.
    noise: for each round, the wall time of a second process of the baseline divided by that of the first:
        an A/A measurement, which shows the difference that chance makes; [] if either has no times.
    """

    backend: str
    family: str
    size: int
    edges: int
    linkage: str
    threads: int | None
    state: str
    reason: str = ""
    run: TimedRun | None = None
    ratios: list[float] = field(default_factory=list)
    noise: list[float] = field(default_factory=list)

    @property
    def noise_floor(self) -> float | None:
        """The share by which two processes of the baseline may differ in time; None without times of both."""
        return noise_floor(each_alone(self.noise))

    @property
    def verdict(self) -> str:
        """Whether the backend is slower or faster than the baseline; "" without a ratio."""
        if self.run is None or not self.ratios:
            return ""
        baseline = np.divide(self.run.seconds, self.ratios)
        return compare_by_round(self.run.seconds, baseline, self.noise_floor).verdict


@dataclass(frozen=True)
class _Failure:
    """Why a backend has no times: the ``state`` and ``reason`` of its row."""

    state: str
    reason: str


class SpeedComparison:
    """A context manager with a worker process for each compared backend and each reference.

    report_progress: a function that is called with a line of text at every step.
    core: the core to which processes with one thread are pinned; None if the system cannot pin processes.
    """

    def __init__(
        self, settings: ComparisonSettings, report_progress: Callable[[str], None]
    ) -> None:
        self.settings, self.report_progress = settings, report_progress
        self.core = usable_core_numbers()[-1] if hasattr(os, "sched_setaffinity") else None
        self._unavailable: dict[str, _Failure] = {}
        self._number_compared = 0

    def __enter__(self) -> Self:
        """Make the workers of all backends and references."""
        references = [REFERENCE, self.settings.large_graph_reference]
        with ExitStack() as stack:
            self._workers = {
                name: stack.enter_context(self._make_worker(name))
                for name in dict.fromkeys([*references, *self.settings.backends])
            }
            again = second_process_name(self.settings.baseline)
            baseline = self._make_worker(self.settings.baseline, again)
            self._workers[again] = stack.enter_context(baseline)
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        """End all worker processes."""
        self._stack.close()

    def compare(self, family: str, linkage: str) -> list[ComparisonRow]:
        """One row for each size and backend of the settings, and for each reference that failed.

        A backend that failed on a graph of the family does not merge larger graphs.
        """
        failures = dict(self._unavailable)
        sizes = self.settings.sizes
        small = fields.graph_of_family(family, min(SMALL_SIZE, sizes[0]), linkage=linkage)
        self._stop_workers()
        self._report_step(family, linkage, f"against {REFERENCE}", small)
        self._merge_with_all(small, REFERENCE, 1, failures)
        rows = []
        for size in sizes:
            rows += self._compare_at_size(family, size, linkage, failures)
            self._stop_workers()
            self._number_compared += 1
        return rows

    def _compare_at_size(
        self, family: str, size: int, linkage: str, failures: dict[str, _Failure]
    ) -> list[ComparisonRow]:
        """One row for each backend. If a backend failed on a smaller graph, its row has that reason."""
        settings, earlier = self.settings, dict(failures)
        problem = fields.graph_of_family(family, size, linkage=linkage)
        self._report_step(family, linkage, "rounds", problem)
        reference = settings.large_graph_reference
        baseline = settings.baseline
        again = [] if baseline in failures else [second_process_name(baseline)]
        runs = self._merge_with_all(problem, reference, settings.rounds, failures, again)
        failed = [name for name in (REFERENCE, reference) if name in failures]
        rows = []
        for name in dict.fromkeys([*settings.backends, *failed]):
            row = ComparisonRow(
                name, family, size, problem.count_edges(), linkage, self._threads_used(name), ""
            )
            rows.append(self._complete_row(row, runs, failures))
        for name in failures.keys() - earlier.keys():
            reason = f"a smaller graph was too much: {failures[name].reason}"
            failures[name] = replace(failures[name], reason=reason)
        return rows

    def _report_step(self, family: str, linkage: str, step: str, problem: MergeProblem) -> None:
        shape = format_shape(problem.shape)
        self.report_progress(f"{family}, {linkage}: {step} on {shape}")

    def _stop_workers(self) -> None:
        """Stop all processes, because memory that a process keeps would hide the needs of the next merge."""
        for worker in self._workers.values():
            worker.stop()

    def _merge_with_all(
        self,
        problem: MergeProblem,
        reference: str,
        rounds: int,
        failures: dict[str, _Failure],
        more: Sequence[str] = (),
    ) -> dict[str, TimedRun]:
        """Merge with the reference and with all backends that have not failed; add new ``failures``.

        more: the names of further workers that merge.
        If the reference failed earlier, nothing is merged, because no result could be checked.
        """
        settings = self.settings
        names = dict.fromkeys(
            [reference, settings.large_graph_reference, *settings.backends, *more]
        )
        merging = [name for name in names if name not in failures and reference not in failures]
        approximate = [each for each in merging if self._is_approximate(each, problem.linkage)]
        _, runs = time_workers(
            problem,
            [self._workers[name] for name in merging],
            rounds,
            first=self._number_compared * rounds,
            reference=reference,
            not_compared=approximate,
        )
        join_second_process(runs, settings.baseline)
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

    def _complete_row(
        self, row: ComparisonRow, runs: dict[str, TimedRun], failures: dict[str, _Failure]
    ) -> ComparisonRow:
        """The row with the state of the backend, and with the times if the backend has not failed."""
        if row.backend in failures:
            failure = failures[row.backend]
            return replace(row, state=failure.state, reason=failure.reason)
        run, ratios = runs[row.backend], []
        noise: list[float] = []
        if self.settings.baseline not in failures:
            base = runs[self.settings.baseline]
            ratios = ratios_by_round(run.seconds, base.seconds)
            noise = ratios_by_round(base.seconds_again, base.seconds)
        state = APPROXIMATE if self._is_approximate(row.backend, row.linkage) else EQUAL
        return replace(row, state=state, run=run, ratios=ratios, noise=noise)

    def _is_approximate(self, name: str, linkage: str) -> bool:
        """Whether a backend declares that its results with this linkage may differ."""
        try:
            return linkage in self._workers[name].declaration.approximate
        except BackendFailed:
            return False

    def declared_version(self, name: str) -> str | None:
        """The version that a backend declares; None if its declaration could not be read."""
        if name in self._unavailable:
            return None
        return self._workers[name].declaration.version

    def digest_code_of_backends(self) -> dict[str, CodeDigest | None]:
        """The digest of each backend's code; None if it cannot start. Later merges must run this code."""
        digests: dict[str, CodeDigest | None] = {}
        for name in self.settings.backends:
            self.report_progress(f"{name}: digest of its code")
            try:
                digests[name] = self._workers[name].digest_code()
            except BackendFailed:
                digests[name] = None
        return digests

    def _threads_used(self, name: str) -> int | None:
        if name in self._unavailable:
            return None
        worker = self._workers[name]
        return min(worker.threads, worker.declaration.threads or worker.threads)

    def _make_worker(self, name: str, label: str = "") -> Worker:
        settings = self.settings
        return Worker(
            name,
            settings.threads,
            self.core,
            timeout=settings.timeout,
            start_timeout=settings.timeout,
            memory=settings.memory,
            name=label,
        )


def _failure_of_run(run: TimedRun, shape: str) -> _Failure:
    if run.failed:
        # An invalid result is not a possible result of any merge, so it differs from the right one.
        return _Failure("disagrees" if run.kind == "invalid" else run.kind, run.failed)
    return _Failure("disagrees", f"on {shape}, {run.difference}")
