"""The harness, through which a check merges problems and compares the results with the reference."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from hypothesis.strategies import integers, tuples

from merge_impls.argument_checks import LINKAGES
from merge_impls.backend import Backend
from merge_impls.compare_results import first_difference
from merge_impls.conformance.comparator import (
    CHANGED_INPUT,
    NOT_DETERMINISTIC,
    ONCE,
    CallMode,
    CheckFailure,
    Comparator,
    Mismatch,
)
from merge_impls.conformance.generate.examples import for_each_example
from merge_impls.conformance.generate.random_problems import problems
from merge_impls.conformance.laws.metamorphic import Law, map_result_back
from merge_impls.conformance.laws.transformations import TransformedProblem
from merge_impls.isolation import BackendFailed
from merge_impls.problem import MergeProblem

DIMENSIONS_OF_FORM = {"edges": 1, "2-D": 2, "3-D": 3}
"""For each form of random problems, the number of dimensions of its labels."""


class CheckSkipped(Exception):
    """Raised if a check does not apply to the backend or the reference; the message gives the reason."""


@dataclass
class Harness:
    """Merges the problems of a check, and raises ``CheckFailure`` if a requirement does not hold.

    declaration: what the backend declares to support.
    examples: the number of random problems for each random check.
    seed: together with the name of the check, the seed of its random problems.
    thorough: whether random problems may be larger.
    check: the name of the check that is running.
    executed_problem_count: the number of problems that this check has merged so far.
    first_modification: the first failure, in any check so far, in which a merge changed its input;
        None if there was none.
    """

    comparator: Comparator
    declaration: Backend
    examples: int
    seed: int = 0
    thorough: bool = False
    check: str = field(default="", init=False)
    executed_problem_count: int = field(default=0, init=False)
    first_modification: CheckFailure | None = field(default=None, init=False)

    def start_check(self, check: str) -> None:
        """Set the name of the check that is running, and count its problems from 0."""
        self.check, self.executed_problem_count = check, 0

    def require_reference_result(self, problem: MergeProblem, mode: CallMode = ONCE) -> None:
        """Merge the problem; raise ``CheckFailure`` unless the result equals that of the reference.

        mode: how the backend is called. A merge that changes its input is only recorded, because a
        separate check reports it. Raises ``CheckSkipped`` if the backend does not support the problem.
        """
        self.require_support(problem.linkage, len(problem.shape), problem.counts is not None)
        mismatch = self.comparator.compare(problem, mode)
        self.executed_problem_count += 1
        if mismatch and mismatch.kind == CHANGED_INPUT:
            self.first_modification = self.first_modification or CheckFailure(mismatch, mode)
        elif mismatch:
            raise CheckFailure(mismatch, mode)

    def require_support(self, linkage: str, dimensions: int, counts: bool = False) -> None:
        """Raise ``CheckSkipped`` unless the backend declares the dimensions, and that the linkage is exact.

        dimensions: the number of dimensions of the labels; 1 for explicit edges.
        counts: whether edges have counts.
        """
        reason = self.declaration.unsupported(linkage, dimensions, counts)
        if linkage in self.declaration.approximate:
            reason = f"backend {self.declaration.name} declares linkage {linkage!r} approximate"
        if reason:
            raise CheckSkipped(reason)

    def for_each_random_problem(
        self,
        body: Callable[[MergeProblem, np.random.Generator], None],
        forms: tuple[str, ...] = tuple(DIMENSIONS_OF_FORM),
        linkages: tuple[str, ...] = LINKAGES,
    ) -> None:
        """Call ``body`` with random problems, of those ``forms`` and ``linkages`` that the backend supports.

        Some explicit edges have counts, if the backend supports counts.
        body: called with a problem and a random generator; raises an exception if the check fails.
        Raises ``CheckSkipped`` if the backend supports no given form or no given linkage.
        """
        supported = tuple(
            form for form in forms if DIMENSIONS_OF_FORM[form] in self.declaration.dimensions
        )
        known = tuple(linkage for linkage in linkages if linkage in self.declaration.exact_linkages)
        if not (supported and known):
            self.require_support(linkages[0], DIMENSIONS_OF_FORM[forms[0]])
        strategy = problems(supported, known, self.thorough, self.declaration.counts)
        drawn = tuples(strategy, integers(0, 2**32 - 1))
        for_each_example(
            drawn,
            lambda drawn: body(drawn[0], np.random.default_rng(drawn[1])),
            self.examples,
            seeded_by=f"{self.seed} {self.check}",
        )

    def require_law(self, law: Law, problem: MergeProblem, rng: np.random.Generator) -> None:
        """Raise ``CheckFailure`` unless the law holds for the problem.

        If the law does not hold, the result of the problem or of the transformed problem differs from
        the reference, and that mismatch is raised. If both are right when they are merged again, the
        backend is not deterministic, and that is raised.
        """
        transformed = law.transform(problem, rng)
        shape = transformed.problem.shape
        self.require_support(problem.linkage, len(shape), problem.counts is not None)
        broken = self._law_violation(problem, transformed)
        self.executed_problem_count += 1
        if not broken:
            return
        for mode in (ONCE, CallMode(repetitions=20)):
            for each in (problem, transformed.problem):
                mismatch = self.comparator.compare(each, mode)
                if mismatch and mismatch.kind != CHANGED_INPUT:
                    raise CheckFailure(mismatch, mode)
        line = (
            f"not deterministic: {broken}; when merged again, both problems gave the right result"
        )
        raise CheckFailure(
            Mismatch(NOT_DETERMINISTIC, line, problem, self.comparator.reference.merge(problem)),
            mode,
        )

    def _law_violation(self, problem: MergeProblem, transformed: TransformedProblem) -> str:
        """Return how the result of the transformed problem differs, or why there is no result.

        Returns "" if the law holds.
        """
        try:
            first, second = (
                self.comparator.target.merge(each).result for each in (problem, transformed.problem)
            )
        except BackendFailed as failure:
            return str(failure)
        return first_difference(first, map_result_back(second, transformed, problem.shape)) or ""
