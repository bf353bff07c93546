"""Mutants of the example backend: each is right but for one deliberate mistake.

The tests of the conformance kit demand that it catches them all. ``rules`` breaks what a merge
computes, ``answers`` what it returns, ``conduct`` how it behaves; ``broken`` cannot be imported.
"""

from collections.abc import Callable

from example_backend.merge import Merge

from merge_impls import MergeProblem, MergeResult


def mutant(merge: type[Merge]) -> Callable[[MergeProblem], MergeResult]:
    """The backend that a changed ``Merge`` makes; its docstring states the mistake."""

    def run(problem: MergeProblem) -> MergeResult:
        return merge(problem).run()

    run.__doc__ = merge.__doc__
    return run
