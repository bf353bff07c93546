"""Times all methods of a study of fields on one noise level or one graph family, in interleaved rounds."""

import os
from contextlib import ExitStack

from bench.methods.method import Method
from bench.runner.field_methods import field_baseline, methods_of_all_sizes
from bench.runner.method_code import MethodCode, measuring_worker
from bench.runner.run_view import RunView
from bench.runner.study import GraphSize, Study
from merge_impls import fields
from merge_impls.isolation import Worker
from merge_impls.timing import (
    SECOND_PROCESS,
    InterleavedRounds,
    join_second_process,
    second_process_name,
)

FieldCase = tuple[GraphSize, str]
"""The size of a graph, and the linkage with which it is merged."""


def time_field_cases(
    study: Study, group: str, methods: list[Method], code: MethodCode, view: RunView
) -> dict[FieldCase, InterleavedRounds]:
    """Merge all cases with all methods, and compare the results with those of the reference.

    The rounds of all cases are interleaved, so that all times are measured under the same conditions. The
    reference and the baseline may be slow. Unless they are scaled, they merge graphs of any size but
    ``StudyFields.size_for_all_methods`` only once. Graphs of this size are merged by a second process of the
    baseline too: an A/A measurement.

    group: a noise level such as mild, or a graph family. code: what the methods must run.
    view: shows the progress.
    Returns the rounds of each case.
    """
    cases = [
        (size, linkage) for size in study.fields.group_sizes(group) for linkage in study.linkages
    ]
    of_all = study.fields.size_for_all_methods(group)
    merged_once = {*methods_of_all_sizes(study)} - {*study.scaled}
    rounds: dict[FieldCase, InterleavedRounds] = {}
    view.begin_part(group, study.rounds * len(cases))
    with ExitStack() as stack:
        workers = _start_workers(study, methods, code, stack)
        for number in range(study.rounds):
            for case in cases:
                size, _ = case
                if number == 0:
                    names = _workers_of_case(study, case, size == of_all, methods)
                    rounds[case] = _begin_rounds_of_case(
                        case, group, [workers[name] for name in names]
                    )
                rounds[case].run_round(number, merged_once if number and size != of_all else ())
                view.advance()
        code.report_late_files((each.name, workers[each.label].late_file) for each in methods)
    for (_, linkage), each in rounds.items():
        _compare_results(study, each, linkage, methods)
        view.count_runs(each.runs)
    return rounds


def _compare_results(
    study: Study, rounds: InterleavedRounds, linkage: str, methods: list[Method]
) -> None:
    """Compare all results with those of the reference, and join the two processes of the baseline."""
    rough = [one.label for one in methods if one.rule_outside_contract(linkage)]
    not_compared = [name for name in rounds.runs if name.removesuffix(SECOND_PROCESS) in rough]
    rounds.compare(reference=study.reference, not_compared=not_compared)
    join_second_process(rounds.runs, field_baseline(study))


def _start_workers(
    study: Study, methods: list[Method], code: MethodCode, stack: ExitStack
) -> dict[str, Worker]:
    """A worker for each method, and one more for the baseline; all end when ``stack`` is closed."""
    core = max(os.sched_getaffinity(0))
    made = [measuring_worker(method, code, core, study) for method in methods]
    baseline = next(method for method in methods if method.label == field_baseline(study))
    again = second_process_name(baseline.label)
    made.append(measuring_worker(baseline, code, core, study, again))
    return {worker.name: stack.enter_context(worker) for worker in made}


def _begin_rounds_of_case(case: FieldCase, group: str, workers: list[Worker]) -> InterleavedRounds:
    size, linkage = case
    for worker in workers:
        # A process may keep freed memory. It would hide how much memory the next case needs.
        worker.stop()
    if isinstance(size, int):
        problem = fields.graph_of_family(group, size, linkage=linkage)
    else:
        problem = fields.field(*size, group, linkage=linkage)
    return InterleavedRounds(problem, workers)


def _workers_of_case(
    study: Study, case: FieldCase, of_all: bool, methods: list[Method]
) -> list[str]:
    """The names of the workers that merge a case: of methods that support its linkage.

    They are all methods and the second process of the baseline if ``of_all``, otherwise the
    ``methods_of_all_sizes``, on one thread.
    """
    _, linkage = case
    able = [method for method in methods if linkage in method.linkages]
    if of_all:
        names = [method.label for method in able]
        baseline = field_baseline(study)
        return [*names, second_process_name(baseline)] if baseline in names else names
    scaled = methods_of_all_sizes(study)
    return [method.label for method in able if method.name in scaled and method.threads == 1]
