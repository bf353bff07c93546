"""What is checked of a backend: one list for every front end."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from merge_impls.argument_checks import LINKAGES
from merge_impls.compare import first_difference
from merge_impls.conformance.cases import worked_cases
from merge_impls.conformance.cases.worked_case import WorkedCase
from merge_impls.conformance.comparator import DIFFERS, ONCE, Fault, Finding, Way
from merge_impls.conformance.generate.large_problems import (
    far_corner,
    first_and_last_vertices,
    large_field,
    many_segments,
    many_stages,
    street_fields,
    street_in_planes,
)
from merge_impls.conformance.harness import DIMENSIONS, NotDone, Trial
from merge_impls.conformance.laws.metamorphic import LAWS, Law
from merge_impls.isolation import BackendFailed
from merge_impls.isolation.worker import small_problem
from merge_impls.problem import MergeProblem


@dataclass(frozen=True)
class Check:
    """``run`` raises ``Fault`` at the first example that fails, ``NotDone`` if the backend declares
    that it does not do this. Names stay as they are: files of expected failures list them.

    shrink_seconds: for making a counterexample smaller. Only those that crash or hang need as long.
    """

    name: str
    states: str
    run: Callable[[Trial], None]
    shrink_seconds: float = 30.0


LARGE_FIELD, SMALL_FIELD, TINY_FIELD = (32, 64), (24, 32), (16, 24)


def all_checks() -> list[Check]:
    """Every check, the most telling ones first."""
    return [
        *(_worked(case) for case in worked_cases()),
        *(_random(form, linkage) for form in DIMENSIONS for linkage in LINKAGES),
        *(_streets(linkage) for linkage in LINKAGES),
        *(_planes(linkage) for linkage in LINKAGES),
        *(_size(*size, linkage) for size in SIZES for linkage in LINKAGES),
        *(_law(law) for law in LAWS),
        Check(
            "input/unmodified",
            "a merge leaves its problem's arrays as they were",
            _unmodified,
        ),
        Check(
            "result/agrees with itself",
            "labels, sizes, confidences and history follow from each other",
            lambda trial: _same_for_random(trial, Way(verify=True)),
        ),
        Check(
            "input/strides",
            "arrays that are not contiguous are read right",
            lambda trial: _same_for_random(trial, Way(strided=True)),
        ),
        Check(
            "determinism/repeated merges",
            "three merges of a problem, one after the other, give the same bits",
            lambda trial: _same_for_random(trial, Way(repetitions=3)),
        ),
        Check(
            "threads/counts",
            "any number of threads gives the same bits, twice",
            _thread_counts,
        ),
        Check(
            "threads/several at once",
            "merges in several Python threads at once do not disturb each other",
            _several_at_once,
        ),
        Check(
            "errors/nonsense",
            "what is no problem raises an exception, and the next merge is right",
            _nonsense,
        ),
    ]


def _worked(case: WorkedCase) -> Check:
    def run(trial: Trial) -> None:
        wrong = first_difference(case.result, trial.examiner.reference.merge(case.problem))
        if wrong:
            raise RuntimeError(f"the reference itself fails {case.name!r}: {wrong}")
        trial.expect(case.problem)

    # One worked out by hand says more as it is.
    return Check(f"worked/{case.name}", case.why, run, shrink_seconds=0)


def _random(form: str, linkage: str) -> Check:
    title = {"edges": "multigraphs", "2-D": "2-D grids", "3-D": "3-D grids"}[form]
    return Check(
        f"random/{title}, {linkage}",
        f"random {title} merge as the reference merges them",
        lambda trial: trial.for_random(
            lambda problem, _: trial.expect(problem), (form,), (linkage,)
        ),
    )


def _streets(linkage: str) -> Check:
    def run(trial: Trial) -> None:
        trial.need(linkage, 2)
        for problem in street_fields(_field_shape(trial, LARGE_FIELD), linkage):
            trial.expect(problem)

    states = "streets with noise, also in few levels, under the paper's 28 offsets and three stages"
    return Check(f"fields/streets, {linkage}", states, run)


def _planes(linkage: str) -> Check:
    def run(trial: Trial) -> None:
        trial.need(linkage, 3)
        trial.expect(street_in_planes(_field_shape(trial, SMALL_FIELD), linkage))

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
"""Name, what it states, the dimensions of the labels, and what makes the problem of a linkage."""

LITERAL_SIZES = ("many stages", "far corner")
"""Those that Algorithm 1 as it is printed merges in a second."""

SHRINK_SECONDS_OF_SIZES = 4.0
"""What shrinks at all does so at once; where a fault needs the size, no time helps."""


def _size(
    name: str,
    states: str,
    dimensions: int,
    problem_of: Callable[[str], MergeProblem],
    linkage: str,
) -> Check:
    def run(trial: Trial) -> None:
        trial.need(linkage, dimensions)
        if trial.examiner.reference.literal and name not in LITERAL_SIZES:
            raise NotDone(f"{trial.examiner.reference.name} would take minutes")
        trial.expect(problem_of(linkage))

    return Check(f"sizes/{name}, {linkage}", states, run, SHRINK_SECONDS_OF_SIZES)


def _field_shape(trial: Trial, shape: tuple[int, int]) -> tuple[int, int]:
    return TINY_FIELD if trial.examiner.reference.literal else shape


def _law(law: Law) -> Check:
    return Check(
        f"laws/{law.name}",
        law.states,
        lambda trial: trial.for_random(
            lambda problem, rng: trial.hold(law, problem, rng), law.forms
        ),
    )


def _same_for_random(trial: Trial, *ways: Way) -> None:
    def body(problem: MergeProblem, _: np.random.Generator) -> None:
        for way in ways:
            trial.expect(problem, way)

    trial.for_random(body)


def _same_for_streets(trial: Trial, *ways: Way) -> None:
    """The streets full of ties, where the order in which threads find edges shows."""
    for linkage in LINKAGES:
        if not trial.declaration.unsupported(linkage, 2):
            problem = street_fields(_field_shape(trial, SMALL_FIELD), linkage)[-1]
            for way in ways:
                trial.expect(problem, way)


def _thread_counts(trial: Trial) -> None:
    most = trial.declaration.threads
    if most == 1:
        raise NotDone("it declares that it uses one thread")
    counts = sorted({1, 2, 4, 8, most or 8})
    ways = [Way(threads=count, repetitions=2) for count in counts if count <= (most or 8)]
    _same_for_random(trial, *ways)
    _same_for_streets(trial, *ways)


def _several_at_once(trial: Trial) -> None:
    _same_for_random(trial, Way(at_once=4))
    _same_for_streets(trial, Way(at_once=4))


NONSENSE = {"None": None, "a list": [1, 2, 3], "an array": np.zeros(4, np.uint16)}


def _nonsense(trial: Trial) -> None:
    """Ends with one right merge, because an error must leave nothing behind."""
    for name, argument in NONSENSE.items():
        trial.executed += 1
        called = f"called with {name} in place of a problem"
        try:
            raised = trial.examiner.target.call_raw(argument)
        except BackendFailed as failure:
            raise Fault(Finding(failure.kind, f"{called}: {failure}"), ONCE) from None
        if not raised:
            line = f"{called}, it returns as if all were well; it should raise TypeError"
            raise Fault(Finding(DIFFERS, line), ONCE)
    trial.expect(small_problem(trial.declaration))


def _unmodified(trial: Trial) -> None:
    """Merges of the checks before count, too."""

    def body(problem: MergeProblem, _: np.random.Generator) -> None:
        trial.expect(problem)
        if trial.modified:
            raise trial.modified

    trial.for_random(body)
