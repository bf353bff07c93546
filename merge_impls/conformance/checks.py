"""The list of all checks, which every front end runs."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from merge_impls.argument_checks import LINKAGES
from merge_impls.compare import first_difference
from merge_impls.conformance.cases import worked_cases
from merge_impls.conformance.cases.worked_case import WorkedCase
from merge_impls.conformance.comparator import DIFFERS, ONCE, CallMode, CheckFailure, Mismatch
from merge_impls.conformance.generate.large_problems import (
    far_corner,
    first_and_last_vertices,
    large_field,
    many_segments,
    many_stages,
    street_fields,
    street_in_planes,
)
from merge_impls.conformance.harness import DIMENSIONS, CheckSkipped, Harness
from merge_impls.conformance.laws.metamorphic import LAWS, Law
from merge_impls.isolation import BackendFailed
from merge_impls.isolation.worker import small_problem
from merge_impls.problem import MergeProblem


@dataclass(frozen=True)
class Check:
    """``execute`` raises ``CheckFailure`` at the first example that fails, ``CheckSkipped`` if the backend
    declares that it does not support this. Names stay: files of expected failures list them.

    claim: what holds if the check passes.
    shrink_seconds: the most to spend on a smaller counterexample. Only crashes and hangs need it all.
    """

    name: str
    claim: str
    execute: Callable[[Harness], None]
    shrink_seconds: float = 30.0


LARGE_FIELD, SMALL_FIELD, TINY_FIELD = (32, 64), (24, 32), (16, 24)


def all_checks() -> list[Check]:
    """Every check; those whose failures are easiest to understand come first."""
    return [
        *(_worked_case_check(case) for case in worked_cases()),
        *(_random_check(form, linkage) for form in DIMENSIONS for linkage in LINKAGES),
        *(_street_check(linkage) for linkage in LINKAGES),
        *(_planes_check(linkage) for linkage in LINKAGES),
        *(_size_check(*size, linkage) for size in SIZES for linkage in LINKAGES),
        *(_law_check(law) for law in LAWS),
        *_behaviour_checks(),
    ]


def _behaviour_checks() -> list[Check]:
    """Checks of how a backend treats its input, threads, and arguments that are no problem."""
    return [
        Check(
            "input/unmodified",
            "a merge leaves its problem's arrays as they were",
            _check_input_unmodified,
        ),
        Check(
            "result/agrees with itself",
            "labels, sizes, confidences and history agree with each other",
            lambda harness: _expect_on_random_problems(harness, CallMode(verify=True)),
        ),
        Check(
            "input/strides",
            "arrays that are not contiguous are read correctly",
            lambda harness: _expect_on_random_problems(harness, CallMode(strided=True)),
        ),
        Check(
            "determinism/repeated merges",
            "three merges of a problem, one after the other, give the same bits",
            lambda harness: _expect_on_random_problems(harness, CallMode(repetitions=3)),
        ),
        Check(
            "threads/counts",
            "any number of threads gives the same bits, twice",
            _check_thread_counts,
        ),
        Check(
            "threads/several at once",
            "merges in several Python threads at once do not disturb each other",
            _check_merges_at_once,
        ),
        Check(
            "errors/nonsense",
            "an argument that is no problem raises an exception, and the next merge is right",
            _check_after_nonsense,
        ),
    ]


def _worked_case_check(case: WorkedCase) -> Check:
    def run(harness: Harness) -> None:
        wrong = first_difference(case.result, harness.comparator.reference.merge(case.problem))
        if wrong:
            raise RuntimeError(f"the reference itself fails {case.name!r}: {wrong}")
        harness.expect(case.problem)

    # A case worked out by hand is easier to read than what it would shrink to.
    return Check(f"worked/{case.name}", case.why, run, shrink_seconds=0)


def _random_check(form: str, linkage: str) -> Check:
    title = {"edges": "multigraphs", "2-D": "2-D grids", "3-D": "3-D grids"}[form]
    return Check(
        f"random/{title}, {linkage}",
        f"random {title} merge as the reference merges them",
        lambda harness: harness.for_each_random(
            lambda problem, _: harness.expect(problem), (form,), (linkage,)
        ),
    )


def _street_check(linkage: str) -> Check:
    def run(harness: Harness) -> None:
        harness.require_support(linkage, 2)
        for problem in street_fields(_shape_for_reference(harness, LARGE_FIELD), linkage):
            harness.expect(problem)

    claim = "streets with noise, also in few levels, under the paper's 28 offsets and three stages"
    return Check(f"fields/streets, {linkage}", claim, run)


def _planes_check(linkage: str) -> Check:
    def run(harness: Harness) -> None:
        harness.require_support(linkage, 3)
        harness.expect(street_in_planes(_shape_for_reference(harness, SMALL_FIELD), linkage))

    return Check(f"fields/planes, {linkage}", "two streets one behind the other, in 3-D", run)


SIZES = [
    ("many stages", "eight stages, each of which merges something", 2, many_stages),
    (
        "far corner",
        "pixels whose rows and columns need 9 bits, indices 17, and pairs of indices 33",
        2,
        lambda linkage: far_corner((260, 300), linkage),
    ),
    (
        "far corner in 3-D",
        "the same in planes, one behind the other",
        3,
        lambda linkage: far_corner((5, 130, 120), linkage),
    ),
    (
        "first and last vertices",
        "edges among the first and the last of 70,000 vertices",
        1,
        first_and_last_vertices,
    ),
    ("many segments", "more segments than 16 bits count, in a row of pixels", 2, many_segments),
    (
        "large field",
        "a field of more than 64 pixels along either axis, full of ties",
        2,
        large_field,
    ),
]
"""Name, claim, dimensions of the labels, and a function from the linkage to the problem."""

LITERAL_SIZES = ("many stages", "far corner")
"""Those that the literal Algorithm 1 merges in a second."""

SHRINK_SECONDS_OF_SIZES = 4.0
"""A problem that can shrink does so at once; if the failure needs the size, more time is no help."""


def _size_check(
    name: str,
    claim: str,
    dimensions: int,
    problem_of: Callable[[str], MergeProblem],
    linkage: str,
) -> Check:
    def run(harness: Harness) -> None:
        harness.require_support(linkage, dimensions)
        if harness.comparator.reference.literal and name not in LITERAL_SIZES:
            raise CheckSkipped(f"{harness.comparator.reference.name} would take minutes")
        harness.expect(problem_of(linkage))

    return Check(f"sizes/{name}, {linkage}", claim, run, SHRINK_SECONDS_OF_SIZES)


def _shape_for_reference(harness: Harness, shape: tuple[int, int]) -> tuple[int, int]:
    return TINY_FIELD if harness.comparator.reference.literal else shape


def _law_check(law: Law) -> Check:
    return Check(
        f"laws/{law.name}",
        law.claim,
        lambda harness: harness.for_each_random(
            lambda problem, rng: harness.expect_law(law, problem, rng), law.forms
        ),
    )


def _expect_on_random_problems(harness: Harness, *modes: CallMode) -> None:
    def body(problem: MergeProblem, _: np.random.Generator) -> None:
        for mode in modes:
            harness.expect(problem, mode)

    harness.for_each_random(body)


def _expect_on_streets(harness: Harness, *modes: CallMode) -> None:
    """Streets full of ties, where the order in which threads find edges would show."""
    for linkage in LINKAGES:
        if not harness.declaration.unsupported(linkage, 2):
            problem = street_fields(_shape_for_reference(harness, SMALL_FIELD), linkage)[-1]
            for mode in modes:
                harness.expect(problem, mode)


def _check_thread_counts(harness: Harness) -> None:
    most = harness.declaration.threads
    if most == 1:
        raise CheckSkipped("it declares that it uses one thread")
    counts = sorted({1, 2, 4, 8, most or 8})
    modes = [CallMode(threads=count, repetitions=2) for count in counts if count <= (most or 8)]
    _expect_on_random_problems(harness, *modes)
    _expect_on_streets(harness, *modes)


def _check_merges_at_once(harness: Harness) -> None:
    _expect_on_random_problems(harness, CallMode(at_once=4))
    _expect_on_streets(harness, CallMode(at_once=4))


NONSENSE = {"None": None, "a list": [1, 2, 3], "an array": np.zeros(4, np.uint16)}


def _check_after_nonsense(harness: Harness) -> None:
    """Ends with a right merge, because an error must not spoil the next merge."""
    for name, argument in NONSENSE.items():
        harness.executed += 1
        called = f"called with {name} in place of a problem"
        try:
            raised = harness.comparator.target.call_raw(argument)
        except BackendFailed as failure:
            raise CheckFailure(Mismatch(failure.kind, f"{called}: {failure}"), ONCE) from None
        if not raised:
            line = f"{called}, it returns without an error; it should raise TypeError"
            raise CheckFailure(Mismatch(DIFFERS, line), ONCE)
    harness.expect(small_problem(harness.declaration))


def _check_input_unmodified(harness: Harness) -> None:
    """Merges of earlier checks count, too."""

    def body(problem: MergeProblem, _: np.random.Generator) -> None:
        harness.expect(problem)
        if harness.modified:
            raise harness.modified

    harness.for_each_random(body)
