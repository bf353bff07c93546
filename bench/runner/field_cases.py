"""All fields of one noise, merged side by side: each round goes through every size and linkage."""

import os
from contextlib import ExitStack

from tqdm import tqdm

from bench.runner.study import SpeedStudy
from bench.runner.timed_methods import TimedMethod
from merge_impls import fields
from merge_impls.isolation import Worker
from merge_impls.timing import InterleavedRounds

FieldCase = tuple[tuple[int, int], str]
"""A size (height, width) and a linkage."""


def run_cases(
    study: SpeedStudy, noise: str, methods: list[TimedMethod]
) -> dict[FieldCase, InterleavedRounds]:
    """Merge in turns, compare, and return what each did with each field.

    All rounds of all cases are interleaved, so that figures of two linkages or sizes come from one stretch of
    time as those of two backends do. At sizes other than ``study.size`` the baseline only says what is right,
    once.
    """
    cases = [(size, linkage) for size in study.sizes for linkage in study.linkages]
    turns: dict[FieldCase, InterleavedRounds] = {}
    progress = tqdm(desc=f"{noise} noise", unit="case", total=study.rounds * len(cases))
    with progress, ExitStack() as stack:
        core = max(os.sched_getaffinity(0))
        workers = {
            method.name: stack.enter_context(
                Worker(method.target, method.threads, core, name=method.name)
            )
            for method in methods
        }
        for turn in range(study.rounds):
            for case in cases:
                size, linkage = case
                if turn == 0:
                    own = [workers[method.name] for method in _takers(study, case, methods)]
                    for worker in own:
                        # What an earlier case has freed and kept would hide how much this one needs.
                        worker.stop()
                    problem = fields.field(*size, noise, linkage=linkage)
                    turns[case] = InterleavedRounds(problem, own)
                without = [study.baseline] if turn and size != study.size else []
                turns[case].run_round(turn, without)
                progress.update()
    not_compared = [method.name for method in methods if method.computes]
    for of_heat in turns.values():
        of_heat.compare(reference=study.baseline, not_compared=not_compared)
    return turns


def _takers(study: SpeedStudy, case: FieldCase, methods: list[TimedMethod]) -> list[TimedMethod]:
    size, linkage = case
    scaled = [study.baseline, *study.scaled]
    return [
        method
        for method in methods
        if linkage in method.linkages
        and (size == study.size or (method.backend in scaled and method.threads == 1))
    ]
