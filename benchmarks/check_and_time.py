"""Check the result of a merge, then time it."""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from math import ceil
from typing import Any

from bench.runner.densest_subgraph import densest_crop, problem_in_window
from benchmarks.parameters import SPEED
from benchmarks.problems import MergedProblem, merge_in_worker
from merge_impls import MergeProblem, MergeResult, first_difference, merge
from merge_impls.machine import usable_core_numbers

WARM_UP = (32, 64)
"""Height and width of the crop that is merged first, untimed, so that imports and compilation are done."""


def check_and_time(
    benchmark: Any,
    merged: MergedProblem,
    backend: str,
    threads: int,
    max_time: float,
    min_rounds: int,
) -> None:
    """Time merges by ``backend`` for about ``max_time`` seconds, at least ``min_rounds`` of them.

    benchmark: the fixture of pytest-benchmark; it stores the facts of the problem and the peak memory.
    Raises AssertionError if the result before the timing or the last timed result is not the baseline's.
    """
    answer = merged.expected
    if backend != SPEED.reference:
        answer = merge_in_worker(merged.problem, backend, threads)
    difference = _difference(merged, answer.result)
    assert not difference, f"{backend} is not {SPEED.reference}: {difference}"
    assert not answer.modified, f"{backend} changed its input: {answer.modified}"
    benchmark.extra_info |= merged.facts | {"peak_bytes": answer.peak_bytes}
    with _pinned(threads):
        merge(_crop_to_warm_up(merged.problem), backend, threads)
        # ``benchmark(merge, ...)`` would merge two more times: to choose the rounds, and for the result.
        result = benchmark.pedantic(
            merge,
            (merged.problem, backend, threads),
            rounds=max(min_rounds, ceil(max_time / answer.seconds)),
        )
    difference = _difference(merged, result)
    # With an error, pytest-benchmark shows the time in red and does not save it.
    benchmark.has_error = difference is not None
    assert not difference, f"{backend} is not {SPEED.reference} when timed: {difference}"


def _difference(merged: MergedProblem, result: MergeResult) -> str | None:
    return first_difference(merged.expected.result, result)


def _crop_to_warm_up(problem: MergeProblem) -> MergeProblem:
    size = tuple(min(pair) for pair in zip(WARM_UP, problem.shape, strict=True))
    return problem_in_window(problem, densest_crop(problem.mask, size).slices)


@contextmanager
def _pinned(threads: int) -> Iterator[None]:
    """Pin this process to the core of the workers while the block runs, if it merges with one thread."""
    before = usable_core_numbers()
    if threads == 1:
        os.sched_setaffinity(0, {max(before)})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
