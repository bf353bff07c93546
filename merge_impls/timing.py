"""The timing loop: every backend on the same problem, in turns, each result compared to the bit.

Timing boundary: ``merge(problem, backend)`` in the backend's own process; a checked problem in
memory (uint16 affinities and mask) in, labels, sizes, confidences and history out.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from typing import Self

import numpy as np

from merge_impls.compare import first_difference
from merge_impls.isolation import Answer, BackendFailed, Worker
from merge_impls.problem import MergeProblem
from merge_impls.result import MergeResult


@dataclass
class Run:
    """What one backend did with one problem.

    first_call_seconds: the first merge of the backend's process, imports and compilation included;
        None if that failed.
    seconds, cpu_seconds, conversion_seconds, call_seconds: one a round, see
        :class:`merge_impls.isolation.Answer`; empty where that says None.
    peak_bytes: the most of all rounds above what the process held before; None if not known.
    difference: the first differing merge, or the array of the input that was changed; "" if the
        result is the one compared with.
    failed: why there is no result, "" if there is one; ``kind`` says in a word what went wrong.
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
        """The seconds of each round without the conversion."""
        conversion = self.conversion_seconds or [0.0] * len(self.seconds)
        return [
            whole - converting for whole, converting in zip(self.seconds, conversion, strict=True)
        ]

    def add(self, answer: Answer) -> None:
        """Note what one round took."""
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
    """Median and quartiles of the rounds."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Sequence[float]) -> Self:
        """Those of at least one value."""
        low, median, high = np.quantile(values, [0.25, 0.5, 0.75]).tolist()
        return cls(median, low, high)


class InterleavedRounds:
    """Workers that merge one problem in turns, and what came of it.

    runs, results: by the worker's name; the results of every round that gave one.
    """

    def __init__(self, problem: MergeProblem, workers: Sequence[Worker]) -> None:
        self.problem, self.workers = problem, workers
        self.runs = {worker.name: _begun(worker) for worker in workers}
        self.results: dict[str, list[MergeResult]] = {worker.name: [] for worker in workers}

    def run_round(self, first: int = 0, without: Collection[str] = ()) -> None:
        """Merge once with every worker but those named; ``first`` says which one begins."""
        for place in range(len(self.workers)):
            worker = self.workers[(first + place) % len(self.workers)]
            run = self.runs[worker.name]
            if run.failed or worker.name in without:
                continue
            try:
                answer = worker.merge(self.problem)
            except BackendFailed as error:
                run.failed, run.kind = str(error), error.kind
            else:
                run.add(answer)
                self.results[worker.name].append(answer.result)

    def compare(
        self,
        reference: str | None = None,
        known_wrong: Collection[str] = (),
        not_compared: Collection[str] = (),
    ) -> MergeResult | None:
        """Note in ``runs`` which results differ.

        The first result of the ``reference`` is believed: every result is compared with it, its own
        later ones included. Without a reference, or for what its result leaves out, the results are
        compared with the first result of the first worker that has one, if possible one with a
        history. There a difference does not show which of the two is wrong: both are marked, unless
        the other one is among the ``known_wrong``, which have been wrong on another problem.
        Workers that are ``not_compared`` compute something else and are left out.

        Returns a result that others were compared with, None if there is none.
        """
        answered = {
            name: found
            for name, found in self.results.items()
            if found and name not in not_compared
        }
        return _compare(answered, self.runs, reference, known_wrong)


def measure(
    problem: MergeProblem,
    workers: Sequence[Worker],
    rounds: int,
    first: int = 0,
    reference: str | None = None,
    known_wrong: Collection[str] = (),
) -> tuple[MergeResult | None, dict[str, Run]]:
    """Merge ``problem`` ``rounds`` times with every worker, taking turns, and compare all results.

    Returns a result that others were compared with (None if all failed), and what each backend did.

    first: which worker begins the first round; every round another begins, so that no backend always runs
    on a warm or a cold machine. reference, known_wrong: see :meth:`InterleavedRounds.compare`.
    """
    turns = InterleavedRounds(problem, workers)
    for turn in range(rounds):
        turns.run_round(first + turn)
    return turns.compare(reference, known_wrong), turns.runs


def _begun(worker: Worker) -> Run:
    try:
        return Run(worker.first_call_seconds)
    except BackendFailed as error:
        return Run(None, failed=str(error), kind=error.kind)


def _compare(
    results: dict[str, list[MergeResult]],
    runs: dict[str, Run],
    reference: str | None,
    known_wrong: Collection[str],
) -> MergeResult | None:
    """Note all differences in ``runs``; returns the result that others were compared with last."""
    first = None
    if reference in results:
        first = results[reference][0]
        for backend, difference in _differences(reference, results).items():
            runs[backend].difference = f"compared with {reference}, {difference}"
        if first.history is not None:
            return first
        results = {name: found for name, found in results.items() if not runs[name].difference}
    if not results:
        return first
    # One without a history is compared in the rest, and must not stand between two that have one.
    with_history = (name for name, found in results.items() if found[0].history is not None)
    by = next(with_history, next(iter(results)))
    for backend, difference in _differences(by, results).items():
        runs[backend].difference = f"compared with {by}, {difference}"
        if backend not in known_wrong and not runs[by].difference:
            runs[by].difference = f"{backend} says otherwise: {difference}"
    return results[by][0]


def _differences(by: str, results: dict[str, list[MergeResult]]) -> dict[str, str]:
    """For each backend that has one, the first difference to the first result of ``by``."""
    found = {}
    for backend, of_backend in results.items():
        lines = (first_difference(results[by][0], result) for result in of_backend)
        difference = next(filter(None, lines), None)
        if difference:
            found[backend] = difference
    return found
