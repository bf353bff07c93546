"""The timing loop: several backends merge the same problem in turn, and their results are compared.

In every round, each backend merges the problem in its own process: once, or several times if one merge is
shorter than ``LEAST_SECONDS``. The order of the backends turns around from round to round. A time runs from a
checked problem in memory (uint16 affinities and mask) to labels, sizes, confidences and history.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from typing import Self

import numpy as np

from merge_impls.compare_results import first_difference
from merge_impls.isolation import BackendFailed, MeasuredMerge, Worker
from merge_impls.label_agreement import LabelAgreement
from merge_impls.problem import MergeProblem
from merge_impls.result import CompleteResult

LEAST_SECONDS = 0.005
"""The least time that each backend merges in a round: shorter merges are repeated, and the median counts."""

SECOND_PROCESS = ", second process"
"""The end of the name of a worker with a second process of a backend."""


@dataclass
class TimedRun:
    """The times and the outcome of one backend on one problem.

    first_call_seconds: the time of imports, compilation and the first merge of the process; None if
        that merge failed.
    seconds, cpu_seconds, conversion_seconds, call_seconds: one time for each round, as defined in
        ``isolation.MeasuredMerge``; empty if not measured.
    peak_bytes: the largest growth of the process's memory in a round; None if not measured.
    difference: how the result differs from that of another backend, or which array of the problem the
        merge changed; "" if there is no difference.
    agreement: how similar the first result is to the reference's; None unless it was measured.
    failed: why there is no result, "" if there is one.
    kind: the kind of the failure, one of ``isolation.protocol.FAILURE_KINDS``.
    seconds_again: the times of a second process of the backend in the same rounds (an A/A measurement);
        empty if there was none.
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
    agreement: LabelAgreement | None = None
    seconds_again: list[float] = field(default_factory=list)

    @property
    def seconds_without_conversion(self) -> list[float]:
        """The seconds of each round without the time of the conversion."""
        conversion = self.conversion_seconds or [0.0] * len(self.seconds)
        return [
            whole - converting for whole, converting in zip(self.seconds, conversion, strict=True)
        ]

    def without_measurements(self) -> Self:
        """The outcome without times and memory, for a merge that was not run to be timed."""
        return replace(
            self,
            first_call_seconds=None,
            seconds=[],
            cpu_seconds=[],
            conversion_seconds=[],
            call_seconds=[],
            peak_bytes=None,
            seconds_again=[],
        )

    def add_round(self, answer: MeasuredMerge) -> None:
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
    """The median and the quartiles of some values: low is the 25 % quantile, high that of 75 %."""

    median: float
    low: float
    high: float

    @classmethod
    def of_values(cls, values: Sequence[float]) -> Self:
        """Compute the median and the quartiles of one or more values."""
        low, median, high = np.quantile(values, [0.25, 0.5, 0.75]).tolist()
        return cls(median, low, high)


class InterleavedRounds:
    """Merges one problem with several workers, round by round.

    runs: the ``TimedRun`` of each worker, by its name.
    results: the results of each worker, by its name; rounds that failed have no result.
    """

    def __init__(self, problem: MergeProblem, workers: Sequence[Worker]) -> None:
        """Start all workers. A worker that cannot start is recorded as failed in ``runs``."""
        self.problem, self.workers = problem, workers
        self.runs = {worker.name: _start_timed_run(worker) for worker in workers}
        self.results: dict[str, list[CompleteResult]] = {worker.name: [] for worker in workers}

    def run_round(self, number: int = 0, without: Collection[str] = ()) -> None:
        """Merge with every worker that has not failed and is not named in ``without``.

        number: the number of the round; ``order_of_round`` says which worker begins.
        """
        for index in order_of_round(number, len(self.workers)):
            worker = self.workers[index]
            run = self.runs[worker.name]
            if run.failed or worker.name in without:
                continue
            try:
                answer = worker.merge(self.problem, least_seconds=LEAST_SECONDS)
            except BackendFailed as error:
                for each in self._runs_of_both_processes(worker.name):
                    each.failed, each.kind = str(error), error.kind
            else:
                run.add_round(answer)
                self.results[worker.name].append(answer.result)

    def _runs_of_both_processes(self, name: str) -> list[TimedRun]:
        """The runs of a worker and, if the worker has a second process, of both."""
        first = name.removesuffix(SECOND_PROCESS)
        pair = (first, second_process_name(first))
        return [self.runs[each] for each in pair if each in self.runs]

    def compare(
        self,
        reference: str | None = None,
        known_wrong: Collection[str] = (),
        not_compared: Collection[str] = (),
    ) -> CompleteResult | None:
        """Compare the results of all workers, and record differences in ``runs``.

        All results are compared with the first result of ``reference``. If this result has no
        history, the results that equal it are compared once more, as without a reference.

        Without a reference, all results are compared with those of one worker: the first one whose
        results have a history or, if none has any, the first one. Either of two results that differ
        may be wrong, so both workers are marked; but if the other worker is in ``known_wrong``, only
        that one is marked.

        reference: the name of the worker whose results are right; None if there is none.
        known_wrong: names of workers whose results were wrong on another problem.
        not_compared: names of workers with approximate results, which may differ. If the reference
            has a result, their agreement with it is measured.
        Returns the result with which the others were compared, in the second comparison if there are
        two, or None if there is no result.
        """
        compared = {
            name: results
            for name, results in self.results.items()
            if results and name not in not_compared
        }
        if reference is None or reference not in compared:
            return self._compare_without_reference(compared, known_wrong) if compared else None
        of_reference = compared[reference][0]
        self._measure_agreement(of_reference, not_compared)
        self._mark_different_from_reference(reference, compared)
        if of_reference.history is not None:
            return of_reference
        equal = {name: each for name, each in compared.items() if not self.runs[name].difference}
        return self._compare_without_reference(equal, known_wrong) if equal else of_reference

    def _measure_agreement(self, reference: CompleteResult, approximate: Collection[str]) -> None:
        """Record the agreement of approximate results with the result of the reference."""
        for name in approximate:
            if results := self.results.get(name):
                labels = results[0].labels
                self.runs[name].agreement = LabelAgreement.between(labels, reference.labels)

    def _mark_different_from_reference(
        self, reference: str, results: dict[str, list[CompleteResult]]
    ) -> None:
        """Record how results differ from the first result of the reference."""
        for name, difference in _first_differences(reference, results).items():
            self.runs[name].difference = f"compared with {reference}, {difference}"

    def _compare_without_reference(
        self, results: dict[str, list[CompleteResult]], known_wrong: Collection[str]
    ) -> CompleteResult:
        """Record how results differ from those of the first worker; return its first result."""
        # A result without a history would leave the histories of the other workers uncompared.
        with_history = (name for name, found in results.items() if found[0].history is not None)
        first = next(with_history, next(iter(results)))
        for name, difference in _first_differences(first, results).items():
            self.runs[name].difference = f"compared with {first}, {difference}"
            if name not in known_wrong and not self.runs[first].difference:
                self.runs[first].difference = f"{name} differs: {difference}"
        return results[first][0]


def order_of_round(number: int, count: int) -> list[int]:
    """The order in which ``count`` workers merge in a round: the opposite order in every other round.

    The time of a merge depends on what ran before it, so no worker may always come first, or always after
    the same worker. In an even round and the next one, each of two workers comes before the other once
    (ABBA). The worker that begins moves on by one after two rounds.
    """
    start = number // 2
    forwards = [(start + step) % count for step in range(count)]
    return forwards[::-1] if number % 2 else forwards


def time_workers(
    problem: MergeProblem,
    workers: Sequence[Worker],
    rounds: int,
    first: int = 0,
    reference: str | None = None,
    known_wrong: Collection[str] = (),
    not_compared: Collection[str] = (),
) -> tuple[CompleteResult | None, dict[str, TimedRun]]:
    """Merge a problem with every worker in turn, in several rounds, and compare all results.

    rounds: the number of rounds.
    first: the number of the first round, see ``order_of_round``.
    reference, known_wrong, not_compared: see ``InterleavedRounds.compare``.
    Returns what ``InterleavedRounds.compare`` returns, and the run of each worker by its name.
    """
    interleaved = InterleavedRounds(problem, workers)
    for number in range(rounds):
        interleaved.run_round(first + number)
    compared = interleaved.compare(reference, known_wrong, not_compared)
    return compared, interleaved.runs


def second_process_name(name: str) -> str:
    """The name of a worker with a second process of a backend, for an A/A measurement."""
    return f"{name}{SECOND_PROCESS}"


def join_second_process(runs: dict[str, TimedRun], name: str) -> None:
    """Replace the run of the second process of a backend by ``seconds_again`` in the run of the backend.

    The backend fails or is wrong if its second process does. Nothing changes without a second process.
    """
    again = runs.pop(second_process_name(name), None)
    if again is None:
        return
    run = runs[name]
    run.seconds_again = again.seconds
    run.difference = run.difference or again.difference
    if not run.failed:
        run.failed, run.kind = again.failed, again.kind


def _start_timed_run(worker: Worker) -> TimedRun:
    """Start a worker and return its run, which is marked as failed if the worker cannot start."""
    try:
        return TimedRun(worker.first_call_seconds)
    except BackendFailed as error:
        return TimedRun(None, failed=str(error), kind=error.kind)


def _first_differences(name: str, results: dict[str, list[CompleteResult]]) -> dict[str, str]:
    """The first difference of each worker that differs from the first result of ``name``."""
    differences = {}
    for other, of_other in results.items():
        lines = (first_difference(results[name][0], result) for result in of_other)
        difference = next(filter(None, lines), None)
        if difference:
            differences[other] = difference
    return differences
