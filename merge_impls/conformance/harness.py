"""The harness that a check is given: it merges problems, compares results, and counts both."""

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from hypothesis.strategies import integers, tuples

from merge_impls.argument_checks import LINKAGES
from merge_impls.backend import Backend
from merge_impls.compare import first_difference
from merge_impls.conformance.comparator import (
    CHANGED_INPUT,
    ONCE,
    UNSTEADY,
    CallMode,
    CheckFailure,
    Comparator,
    Mismatch,
)
from merge_impls.conformance.generate.examples import for_each_example
from merge_impls.conformance.generate.random_problems import problems
from merge_impls.conformance.laws.metamorphic import Law, map_back
from merge_impls.conformance.laws.transformations import TransformedProblem
from merge_impls.isolation import BackendFailed
from merge_impls.problem import MergeProblem

DIMENSIONS = {"edges": 1, "2-D": 2, "3-D": 3}
"""Each form of random problems, and how many dimensions its labels have."""


class CheckSkipped(Exception):
    """The check does not apply to the backend or the reference; the message says why."""


@dataclass
class Harness:
    """What a check uses to merge problems and to state what must hold.

    examples: how many of each random check. thorough: whether they may be large.
    check: the name of the running check; it and ``seed`` decide which random problems are drawn.
    executed: on how many problems that check has been executed.
    modified: the first merge, in any check so far, that changed its input.
    """

    comparator: Comparator
    declaration: Backend
    examples: int
    seed: int = 0
    thorough: bool = False
    check: str = field(default="", init=False)
    executed: int = field(default=0, init=False)
    modified: CheckFailure | None = field(default=None, init=False)

    def start(self, check: str) -> None:
        """Begin another check."""
        self.check, self.executed = check, 0

    def expect(self, problem: MergeProblem, mode: CallMode = ONCE) -> None:
        """Merge the problem in a mode; raise ``CheckFailure`` unless the result is the reference's.

        A changed input is only recorded, because a check of its own is about that. Raises
        ``CheckSkipped`` for a problem that the backend does not support.
        """
        self.require_support(problem.linkage, len(problem.shape))
        mismatch = self.comparator.compare(problem, mode)
        self.executed += 1
        if mismatch and mismatch.kind == CHANGED_INPUT:
            self.modified = self.modified or CheckFailure(mismatch, mode)
        elif mismatch:
            raise CheckFailure(mismatch, mode)

    def require_support(self, linkage: str, dimensions: int) -> None:
        """Raise ``CheckSkipped`` unless the backend declares that it supports such problems."""
        reason = self.declaration.unsupported(linkage, dimensions)
        if reason:
            raise CheckSkipped(reason)

    def for_each_random(
        self,
        body: Callable[[MergeProblem, np.random.Generator], None],
        forms: tuple[str, ...] = tuple(DIMENSIONS),
        linkages: tuple[str, ...] = LINKAGES,
    ) -> None:
        """Call ``body`` with random problems of the forms and linkages that the backend supports.

        Raises ``CheckSkipped`` if it supports none of them.
        """
        supported = tuple(form for form in forms if DIMENSIONS[form] in self.declaration.dimensions)
        known = tuple(linkage for linkage in linkages if linkage in self.declaration.linkages)
        if not (supported and known):
            self.require_support(linkages[0], DIMENSIONS[forms[0]])
        drawn = tuples(problems(supported, known, thorough=self.thorough), integers(0, 2**32 - 1))
        for_each_example(
            drawn,
            lambda drawn: body(drawn[0], np.random.default_rng(drawn[1])),
            self.examples,
            seeded_by=f"{self.seed} {self.check}",
        )

    def expect_law(self, law: Law, problem: MergeProblem, rng: np.random.Generator) -> None:
        """Raise ``CheckFailure`` unless the law holds for the problem.

        If it does not, one of the two results differs from the reference, and that mismatch is
        raised; if neither differs in further merges, the backend is not deterministic.
        """
        transformed = law.transform(problem, rng)
        self.require_support(transformed.problem.linkage, len(transformed.problem.shape))
        broken = self._law_violation(problem, transformed)
        self.executed += 1
        if not broken:
            return
        for mode in (ONCE, CallMode(repetitions=20)):
            for each in (problem, transformed.problem):
                mismatch = self.comparator.compare(each, mode)
                if mismatch and mismatch.kind != CHANGED_INPUT:
                    raise CheckFailure(mismatch, mode)
        line = f"not deterministic: {broken}; in further merges both problems came out right"
        raise CheckFailure(
            Mismatch(UNSTEADY, line, problem, self.comparator.reference.merge(problem)), mode
        )

    def _law_violation(self, problem: MergeProblem, transformed: TransformedProblem) -> str:
        """How the transformed problem's result differs, or why there is none; "" if the law holds."""
        try:
            first, second = (
                self.comparator.target.merge(each).result for each in (problem, transformed.problem)
            )
        except BackendFailed as failure:
            return str(failure)
        return first_difference(first, map_back(second, transformed, problem.shape)) or ""
