"""The timing of a study of fields: all fields of one noise in rounds, each through every size and linkage."""

import os
from contextlib import ExitStack

from tqdm import tqdm

from bench.methods.method import Method
from bench.runner.study import Study
from merge_impls import fields
from merge_impls.isolation import Worker
from merge_impls.timing import InterleavedRounds

FieldCase = tuple[tuple[int, int], str]
"""A size (height, width) and a linkage."""


def run_cases(
    study: Study, noise: str, methods: list[Method]
) -> dict[FieldCase, InterleavedRounds]:
    """Merge in turns and compare all results with the baseline's; returns the rounds of each case.

    The rounds of all cases are interleaved: times of two linkages, two sizes or two methods are measured
    under the same conditions. At sizes other than ``StudyFields.size`` the baseline merges in the first round
    alone, so that the other results can be compared with its result.
    """
    cases = [(size, linkage) for size in study.fields.sizes for linkage in study.linkages]
    rounds: dict[FieldCase, InterleavedRounds] = {}
    progress = tqdm(desc=f"{noise} noise", unit="case", total=study.rounds * len(cases))
    with progress, ExitStack() as stack:
        workers = _start_workers(methods, stack)
        for number in range(study.rounds):
            for case in cases:
                size, _ = case
                if number == 0:
                    own = [workers[method.label] for method in _methods_of(study, case, methods)]
                    rounds[case] = _begin_case(case, noise, own)
                without = [study.reference] if number and size != study.fields.size else []
                rounds[case].run_round(number, without)
                progress.update()
    not_compared = [method.label for method in methods if method.other_rule]
    for each in rounds.values():
        each.compare(reference=study.reference, not_compared=not_compared)
    return rounds


def _start_workers(methods: list[Method], stack: ExitStack) -> dict[str, Worker]:
    """A worker for each method, which ends with ``stack``."""
    core = max(os.sched_getaffinity(0))
    return {
        method.label: stack.enter_context(
            Worker(method.target, method.threads, core, name=method.label)
        )
        for method in methods
    }


def _begin_case(case: FieldCase, noise: str, workers: list[Worker]) -> InterleavedRounds:
    size, linkage = case
    for worker in workers:
        # Memory that a process has freed and kept after an earlier case would hide how much this one needs.
        worker.stop()
    return InterleavedRounds(fields.field(*size, noise, linkage=linkage), workers)


def _methods_of(study: Study, case: FieldCase, methods: list[Method]) -> list[Method]:
    """The methods that merge a case: all at ``StudyFields.size``, elsewhere the scaled ones on one thread."""
    size, linkage = case
    scaled = [study.reference, *study.scaled]
    return [
        method
        for method in methods
        if linkage in method.linkages
        and (size == study.fields.size or (method.name in scaled and method.threads == 1))
    ]
