"""One benchmark: first right, then fast."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from typing import Any

from bench.pipeline.graph import crop_problem
from bench.pipeline.regions import densest_crop
from benchmarks.parameters import SPEED
from benchmarks.problems import Subject, isolated
from merge_impls import MergeProblem, first_difference, merge
from merge_impls.machine import cores
from merge_impls.result import MergeResult

WARM_UP = (32, 64)
"""Height and width of the piece that is merged first, untimed: it takes the imports and compilation."""


def check_and_time(
    benchmark: Any, subject: Subject, backend: str, threads: int, max_time: float, min_rounds: int
) -> None:
    """Time merges by ``backend`` for about ``max_time`` seconds, ``min_rounds`` of them at least.

    benchmark: pytest-benchmark's fixture; it gets the facts of the subject and the peak memory.
    Raises AssertionError, before anything is timed, if the result is not the baseline's; and after it, if the
    last one timed is not.
    """
    answer = subject.right
    if backend != SPEED.baseline:
        answer = isolated(subject.problem, backend, threads)
    difference = _difference(subject, answer.result)
    assert not difference, f"{backend} is not {SPEED.baseline}: {difference}"
    assert not answer.modified, f"{backend} changed its input: {answer.modified}"
    benchmark.extra_info |= subject.facts | {"peak_bytes": answer.peak_bytes}
    with _on_cores(threads):
        merge(_piece(subject.problem), backend, threads)
        # Called plainly, the fixture would merge twice more: to see how long it takes, and for the result.
        result = benchmark.pedantic(
            merge,
            (subject.problem, backend, threads),
            rounds=max(min_rounds, ceil(max_time / answer.seconds)),
        )
    difference = _difference(subject, result)
    benchmark.has_error = difference is not None  # then its time is not saved, and red in the table
    assert not difference, f"{backend} is not {SPEED.baseline} when timed: {difference}"


def _difference(subject: Subject, result: MergeResult) -> str | None:
    return first_difference(subject.right.result, result)


def _piece(problem: MergeProblem) -> MergeProblem:
    size = tuple(min(pair) for pair in zip(WARM_UP, problem.shape, strict=True))
    return crop_problem(problem, densest_crop(problem.mask, size).slices)


@contextmanager
def _on_cores(threads: int) -> Iterator[None]:
    """One thread stays on one core, that of the workers; several go where they like."""
    before = cores()
    if threads == 1:
        os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
