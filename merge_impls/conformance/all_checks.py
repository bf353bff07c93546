"""All checks. Each check merges some problems and compares the results with those of the reference."""

import numpy as np

from merge_impls.argument_checks import LINKAGES
from merge_impls.compare_results import first_difference
from merge_impls.conformance.cases import worked_cases
from merge_impls.conformance.cases.worked_case import WorkedCase
from merge_impls.conformance.check import Check
from merge_impls.conformance.comparator import DIFFERS, ONCE, CallMode, CheckFailure, Mismatch
from merge_impls.conformance.generate.large_problems import street_fields
from merge_impls.conformance.graph_checks import SMALL_SHAPE, graph_checks, shape_for_reference
from merge_impls.conformance.harness import DIMENSIONS_OF_FORM, CheckSkipped, Harness
from merge_impls.conformance.laws.metamorphic import LAWS, Law
from merge_impls.isolation import BackendFailed
from merge_impls.isolation.worker_in_parent import make_small_problem
from merge_impls.problem import MergeProblem


def all_checks() -> list[Check]:
    """Return all checks; the checks whose failures are easiest to understand come first."""
    return [
        *(_worked_case_check(case) for case in worked_cases()),
        *(_random_check(form, linkage) for form in DIMENSIONS_OF_FORM for linkage in LINKAGES),
        *graph_checks(),
        *(_law_check(law) for law in LAWS),
        *_behaviour_checks(),
    ]


def _behaviour_checks() -> list[Check]:
    """Return the checks of how a backend treats its input arrays, threads, and invalid arguments."""
    return [
        Check(
            "input/unmodified",
            "a merge does not change the arrays of its problem",
            _check_input_unmodified,
        ),
        Check(
            "result/agrees with itself",
            "the labels, sizes, confidences and history of a result do not contradict each other",
            lambda harness: _compare_random_problems(harness, CallMode(verify=True)),
        ),
        Check(
            "input/strides",
            "a problem with arrays that are not contiguous in memory gives the right result",
            lambda harness: _compare_random_problems(harness, CallMode(strided=True)),
        ),
        Check(
            "determinism/repeated merges",
            "three merges of the same problem, one after the other, give the same bits",
            lambda harness: _compare_random_problems(harness, CallMode(repetitions=3)),
        ),
        Check(
            "threads/counts",
            "two merges with each number of threads give the same bits as the reference",
            _check_thread_counts,
        ),
        Check(
            "threads/several at once",
            "several Python threads that merge at the same time all get the right results",
            _check_merges_at_once,
        ),
        Check(
            "errors/nonsense",
            "an argument that is not a MergeProblem raises an exception, and the next merge is right",
            _check_invalid_arguments,
        ),
    ]


def _worked_case_check(case: WorkedCase) -> Check:
    def check_worked_case(harness: Harness) -> None:
        problem = case.problem
        harness.require_support(problem.linkage, len(problem.shape), problem.counts is not None)
        wrong = first_difference(case.result, harness.comparator.reference.merge(problem))
        if wrong:
            raise RuntimeError(f"the reference itself fails {case.name!r}: {wrong}")
        harness.require_reference_result(problem)

    # shrink_seconds=0, because a worked case is easier to read than a problem that shrinking finds.
    return Check(f"worked/{case.name}", case.why, check_worked_case, shrink_seconds=0)


def _random_check(form: str, linkage: str) -> Check:
    title = {"edges": "multigraphs", "2-D": "2-D grids", "3-D": "3-D grids"}[form]
    return Check(
        f"random/{title}, {linkage}",
        f"random {title} give the same results as the reference",
        lambda harness: harness.for_each_random_problem(
            lambda problem, _: harness.require_reference_result(problem), (form,), (linkage,)
        ),
    )


def _law_check(law: Law) -> Check:
    return Check(
        f"laws/{law.name}",
        law.claim,
        lambda harness: harness.for_each_random_problem(
            lambda problem, rng: harness.require_law(law, problem, rng), law.forms
        ),
    )


def _compare_random_problems(harness: Harness, *modes: CallMode) -> None:
    def compare_in_all_modes(problem: MergeProblem, _: np.random.Generator) -> None:
        for mode in modes:
            harness.require_reference_result(problem, mode)

    harness.for_each_random_problem(compare_in_all_modes)


def _compare_streets(harness: Harness, *modes: CallMode) -> None:
    """Compare on streets with many ties, where a result that depends on the order of threads would show."""
    for linkage in LINKAGES:
        if not harness.declaration.unsupported(linkage, 2):
            problem = street_fields(shape_for_reference(harness, SMALL_SHAPE), linkage)[-1]
            for mode in modes:
                harness.require_reference_result(problem, mode)


def _check_thread_counts(harness: Harness) -> None:
    most = harness.declaration.threads
    if most == 1:
        raise CheckSkipped("the backend declares that it uses one thread")
    counts = sorted({1, 2, 4, 8, most or 8})
    modes = [CallMode(threads=count, repetitions=2) for count in counts if count <= (most or 8)]
    _compare_random_problems(harness, *modes)
    _compare_streets(harness, *modes)


def _check_merges_at_once(harness: Harness) -> None:
    _compare_random_problems(harness, CallMode(at_once=4))
    _compare_streets(harness, CallMode(at_once=4))


INVALID_ARGUMENTS = {"None": None, "a list": [1, 2, 3], "an array": np.zeros(4, np.uint16)}


def _check_invalid_arguments(harness: Harness) -> None:
    """Call the backend with invalid arguments; then compare one merge, which the errors must not affect."""
    for name, argument in INVALID_ARGUMENTS.items():
        harness.executed_problem_count += 1
        called = f"called with {name} instead of a MergeProblem"
        try:
            raised = harness.comparator.target.call_unchecked(argument)
        except BackendFailed as failure:
            raise CheckFailure(Mismatch(failure.kind, f"{called}: {failure}"), ONCE) from None
        if not raised:
            line = f"{called}, the backend returns without an error; it should raise TypeError"
            raise CheckFailure(Mismatch(DIFFERS, line), ONCE)
    harness.require_reference_result(make_small_problem(harness.declaration))


def _check_input_unmodified(harness: Harness) -> None:
    """Fail if any merge so far, also one of an earlier check, changed its input."""

    def compare_and_check_input(problem: MergeProblem, _: np.random.Generator) -> None:
        harness.require_reference_result(problem)
        if harness.first_modification:
            raise harness.first_modification

    harness.for_each_random_problem(compare_and_check_input)
