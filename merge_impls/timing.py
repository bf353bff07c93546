"""The timing loop: every backend merges the same problem in interleaved rounds, and every result is
compared to the bit.

What is timed: ``merge(problem, backend)`` in the backend's own process, from a checked problem in
memory (uint16 affinities and mask) to labels, sizes, confidences and history.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from merge_impls.compare import first_difference
from merge_impls.isolation import Answer, BackendFailed, Worker
from merge_impls.problem import MergeProblem
from merge_impls.result import CompleteResult


@dataclass
class TimedRun:
    """The times and the outcome of one backend on one problem.

    first_call_seconds: of the first merge of the backend's process, imports and compilation included;
        None if that failed.
    seconds, cpu_seconds, conversion_seconds, call_seconds: of each round, see
        :class:`merge_impls.isolation.Answer`; empty where its value is None.
    peak_bytes: the most memory of all rounds above what the process held before; None if not measured.
    difference: where the result differs from the one it was compared with, or which array of the
        input the merge changed; "" if there is no difference.
    failed: why there is no result, "" if there is one.
    kind: of the failure, one of :data:`merge_impls.isolation.protocol.FAILURE_KINDS`.
    """

    first_call_seconds: float | None
    seconds: list[float] = field(default_factory=list)
    cpu_seconds: list[float] = field(default_factory=list)
    conversion_seconds: list[float] = field(default_factory=list)
    call_seconds: list[float] = field(default_factory=list)
    peak_bytes: int | None = None
    difference: str = ""
    failed: str = ""
    kind: str = ""

    @property
    def kernel_seconds(self) -> list[float]:
        """Seconds of each round without the conversion."""
        conversion = self.conversion_seconds or [0.0] * len(self.seconds)
        return [
            whole - converting for whole, converting in zip(self.seconds, conversion, strict=True)
        ]

    def add_round(self, answer: Answer) -> None:
        """Add the times and the memory of one round."""
        self.seconds.append(answer.seconds)
        self.cpu_seconds.append(answer.cpu_seconds)
        if answer.conversion_seconds is not None:
            self.conversion_seconds.append(answer.conversion_seconds)
        if answer.call_seconds is not None:
            self.call_seconds.append(answer.call_seconds)
        if answer.peak_bytes is not None:
            self.peak_bytes = max(self.peak_bytes or 0, answer.peak_bytes)
        if answer.modified:
            self.difference = f"changed its input: {answer.modified} is not what it was"


@dataclass(frozen=True)
class Quartiles:
    """Median and quartiles of some values."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """Compute median and quartiles of at least one value."""
        low, median, high = np.quantile(values, [0.25, 0.5, 0.75]).tolist()
        return cls(median, low, high)


class InterleavedRounds:
    """Workers that merge one problem round by round, and their results.

    runs, results: by the worker's name; ``results`` holds those of every round that gave one.
    """

    def __init__(self, problem: MergeProblem, workers: Sequence[Worker]) -> None:
        self.problem, self.workers = problem, workers
        self.runs = {worker.name: _run_after_start(worker) for worker in workers}
        self.results: dict[str, list[CompleteResult]] = {worker.name: [] for worker in workers}

    def run_round(self, first: int = 0, without: Collection[str] = ()) -> None:
        """Merge once with every worker except those named in ``without``.

        first: index of the worker that begins, modulo the number of workers.
        """
        for step in range(len(self.workers)):
            worker = self.workers[(first + step) % len(self.workers)]
            run = self.runs[worker.name]
            if run.failed or worker.name in without:
                continue
            try:
                answer = worker.merge(self.problem)
            except BackendFailed as error:
                run.failed, run.kind = str(error), error.kind
            else:
                run.add_round(answer)
                self.results[worker.name].append(answer.result)

    def compare(
        self,
        reference: str | None = None,
        known_wrong: Collection[str] = (),
        not_compared: Collection[str] = (),
    ) -> CompleteResult | None:
        """Record in ``runs`` which results differ.

        Every result, later ones of the ``reference`` included, is compared with the reference's first
        result. If there is no reference, or if it keeps no history, results are compared with the first
        result of the first worker, if possible of one that keeps a history. A difference then does not
        show which of the two is wrong, so both are marked; but the first worker is not marked if the
        other one is among the ``known_wrong``, which were wrong on another problem.
        Workers that are ``not_compared`` compute something else and are left out.

        Returns the result that others were compared with last, None if there is none.
        """
        compared = {
            name: results
            for name, results in self.results.items()
            if results and name not in not_compared
        }
        if reference is None or reference not in compared:
            return self._compare_without_reference(compared, known_wrong) if compared else None
        of_reference = compared[reference][0]
        self._mark_different_from_reference(reference, compared)
        if of_reference.history is not None:
            return of_reference
        equal = {name: each for name, each in compared.items() if not self.runs[name].difference}
        return self._compare_without_reference(equal, known_wrong) if equal else of_reference

    def _mark_different_from_reference(
        self, reference: str, results: dict[str, list[CompleteResult]]
    ) -> None:
        for name, difference in _first_differences(reference, results).items():
            self.runs[name].difference = f"compared with {reference}, {difference}"

    def _compare_without_reference(
        self, results: dict[str, list[CompleteResult]], known_wrong: Collection[str]
    ) -> CompleteResult:
        # A first result without a history would leave the histories of all others uncompared.
        with_history = (name for name, found in results.items() if found[0].history is not None)
        first = next(with_history, next(iter(results)))
        for name, difference in _first_differences(first, results).items():
            self.runs[name].difference = f"compared with {first}, {difference}"
            if name not in known_wrong and not self.runs[first].difference:
                self.runs[first].difference = f"{name} differs: {difference}"
        return results[first][0]


def time_workers(
    problem: MergeProblem,
    workers: Sequence[Worker],
    rounds: int,
    first: int = 0,
    reference: str | None = None,
    known_wrong: Collection[str] = (),
) -> tuple[CompleteResult | None, dict[str, TimedRun]]:
    """Merge ``problem`` ``rounds`` times with every worker, in interleaved rounds, and compare all
    results; see :meth:`InterleavedRounds.compare` for ``reference`` and ``known_wrong``.

    first: index of the worker that begins the first round. The next worker begins the next round, so
        that no backend is always the first or the last.
    Returns the result that others were compared with, None if all failed, and the runs by name.
    """
    interleaved = InterleavedRounds(problem, workers)
    for number in range(rounds):
        interleaved.run_round(first + number)
    return interleaved.compare(reference, known_wrong), interleaved.runs


def _run_after_start(worker: Worker) -> TimedRun:
    try:
        return TimedRun(worker.first_call_seconds)
    except BackendFailed as error:
        return TimedRun(None, failed=str(error), kind=error.kind)


def _first_differences(name: str, results: dict[str, list[CompleteResult]]) -> dict[str, str]:
    """The first difference of each worker's results from the first result of ``name``, if any."""
    differences = {}
    for other, of_other in results.items():
        lines = (first_difference(results[name][0], result) for result in of_other)
        difference = next(filter(None, lines), None)
        if difference:
            differences[other] = difference
    return differences
