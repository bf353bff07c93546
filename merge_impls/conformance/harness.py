"""A backend on trial: problems are merged, compared with the reference, and counted."""

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
    Examiner,
    Fault,
    Finding,
    Way,
)
from merge_impls.conformance.generate.examples import for_each_example
from merge_impls.conformance.generate.random_problems import problems
from merge_impls.conformance.laws.metamorphic import Law, pulled_back
from merge_impls.conformance.laws.transformations import Image
from merge_impls.isolation import BackendFailed
from merge_impls.problem import MergeProblem

DIMENSIONS = {"edges": 1, "2-D": 2, "3-D": 3}
"""Each form of random problems, and how many dimensions its labels have."""


class NotDone(Exception):
    """The backend declares that it does not do what the check is about; the message says what."""


@dataclass
class Trial:
    """What a check may use.

    examples: how many of each random check. thorough: whether they may be large.
    check: the name of the one at work; with ``seed`` it decides which random problems come.
    executed: on how many problems that one has been executed.
    modified: the first merge, by any check so far, that changed its input.
    """

    examiner: Examiner
    declaration: Backend
    examples: int
    seed: int = 0
    thorough: bool = False
    check: str = field(default="", init=False)
    executed: int = field(default=0, init=False)
    modified: Fault | None = field(default=None, init=False)

    def start(self, check: str) -> None:
        """Begin another check."""
        self.check, self.executed = check, 0

    def expect(self, problem: MergeProblem, way: Way = ONCE) -> None:
        """Merge the problem the way it says; raise ``Fault`` unless all is as the reference has it.

        A changed input is only taken down: a check of its own is about that. Raises ``NotDone`` for
        a problem that the backend does not do.
        """
        self.need(problem.linkage, len(problem.shape))
        finding = self.examiner.find(problem, way)
        self.executed += 1
        if finding and finding.kind == CHANGED_INPUT:
            self.modified = self.modified or Fault(finding, way)
        elif finding:
            raise Fault(finding, way)

    def need(self, linkage: str, dimensions: int) -> None:
        """Raise ``NotDone`` unless the backend declares that it does such problems."""
        reason = self.declaration.unsupported(linkage, dimensions)
        if reason:
            raise NotDone(reason)

    def for_random(
        self,
        body: Callable[[MergeProblem, np.random.Generator], None],
        forms: tuple[str, ...] = tuple(DIMENSIONS),
        linkages: tuple[str, ...] = LINKAGES,
    ) -> None:
        """Call ``body`` with random problems of the forms and linkages that the backend does.

        Raises ``NotDone`` if it does none of them.
        """
        done = tuple(form for form in forms if DIMENSIONS[form] in self.declaration.dimensions)
        known = tuple(linkage for linkage in linkages if linkage in self.declaration.linkages)
        if not (done and known):
            self.need(linkages[0], DIMENSIONS[forms[0]])
        drawn = tuples(problems(done, known, thorough=self.thorough), integers(0, 2**32 - 1))
        for_each_example(
            drawn,
            lambda drawn: body(drawn[0], np.random.default_rng(drawn[1])),
            self.examples,
            seeded_by=f"{self.seed} {self.check}",
        )

    def hold(self, law: Law, problem: MergeProblem, rng: np.random.Generator) -> None:
        """Raise ``Fault`` unless the law holds for the problem.

        If it does not, one of the two results differs from the reference, so the fault is told as
        every other; if neither does when asked again, the backend says now this and now that.
        """
        image = law.change(problem, rng)
        self.need(image.problem.linkage, len(image.problem.shape))
        broken = self._broken(problem, image)
        self.executed += 1
        if not broken:
            return
        for way in (ONCE, Way(repetitions=20)):
            for each in (problem, image.problem):
                finding = self.examiner.find(each, way)
                if finding and finding.kind != CHANGED_INPUT:
                    raise Fault(finding, way)
        line = f"not deterministic: {broken}; asked again, both problems were merged right"
        raise Fault(Finding(UNSTEADY, line, problem, self.examiner.reference.merge(problem)), way)

    def _broken(self, problem: MergeProblem, image: Image) -> str:
        """How the image's result differs from the problem's, or why there is none; "" if neither."""
        try:
            first, second = (
                self.examiner.target.merge(each).result for each in (problem, image.problem)
            )
        except BackendFailed as failure:
            return str(failure)
        return first_difference(first, pulled_back(second, image, problem.shape)) or ""
