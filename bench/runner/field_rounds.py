"""The timing of a study of fields: the graphs of one noise or family in rounds, at every size and linkage."""

import os
from contextlib import ExitStack

from tqdm import tqdm

from bench.methods.method import Method
from bench.runner.study import GraphSize, Study
from merge_impls import fields
from merge_impls.isolation import Worker
from merge_impls.timing import InterleavedRounds

FieldCase = tuple[GraphSize, str]
"""A size and a linkage."""


def run_cases(
    study: Study, group: str, methods: list[Method]
) -> dict[FieldCase, InterleavedRounds]:
    """Merge in turns and compare all results with the baseline's; returns the rounds of each case.

    The rounds of all cases are interleaved: times of two linkages, two sizes or two methods are measured
    under the same conditions. At sizes other than ``StudyFields.size_of_all`` the baseline merges in the
    first round alone, so that the other results can be compared with its result.

    group: a noise or a family.
    """
    cases = [(size, linkage) for size in study.fields.sizes_of(group) for linkage in study.linkages]
    of_all = study.fields.size_of_all(group)
    rounds: dict[FieldCase, InterleavedRounds] = {}
    progress = tqdm(desc=group, unit="case", total=study.rounds * len(cases))
    with progress, ExitStack() as stack:
        workers = _start_workers(methods, study.fields.timeout, stack)
        for number in range(study.rounds):
            for case in cases:
                size, _ = case
                if number == 0:
                    able = _methods_of(study, case, size == of_all, methods)
                    rounds[case] = _begin_case(case, group, [workers[each.label] for each in able])
                without = [study.reference] if number and size != of_all else []
                rounds[case].run_round(number, without)
                progress.update()
    not_compared = [method.label for method in methods if method.other_rule]
    for each in rounds.values():
        each.compare(reference=study.reference, not_compared=not_compared)
    return rounds


def _start_workers(methods: list[Method], timeout: float, stack: ExitStack) -> dict[str, Worker]:
    """A worker for each method, which ends with ``stack``."""
    core = max(os.sched_getaffinity(0))
    return {
        method.label: stack.enter_context(
            Worker(method.target, method.threads, core, name=method.label, timeout=timeout)
        )
        for method in methods
    }


def _begin_case(case: FieldCase, group: str, workers: list[Worker]) -> InterleavedRounds:
    size, linkage = case
    for worker in workers:
        # Memory that a process has freed and kept after an earlier case would hide how much this one needs.
        worker.stop()
    if isinstance(size, int):
        problem = fields.hard_graph(group, size, linkage=linkage)
    else:
        problem = fields.field(*size, group, linkage=linkage)
    return InterleavedRounds(problem, workers)


def _methods_of(study: Study, case: FieldCase, of_all: bool, methods: list[Method]) -> list[Method]:
    """The methods that merge a case: all if it is ``of_all``, otherwise the scaled ones on one thread."""
    _, linkage = case
    scaled = [study.reference, *study.scaled]
    return [
        method
        for method in methods
        if linkage in method.linkages
        and (of_all or (method.name in scaled and method.threads == 1))
    ]
