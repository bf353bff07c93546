"""Mutants of the example backend: each has one deliberate mistake, which the conformance kit must catch.

``wrong_rules``, ``wrong_linkages``: each breaks one rule of the contract. ``wrong_results``: merges are
right, arrays are not.
``wrong_behaviour``: they crash, hang, or are wrong only at times. ``not_importable`` fails on import.
"""

from collections.abc import Callable

from example_backend.merge import Merge

from merge_impls import MergeProblem, MergeResult


def mutant(merge: type[Merge]) -> Callable[[MergeProblem], MergeResult]:
    """Return the backend that runs a changed ``Merge``; the docstring of the class states the mistake."""

    def run(problem: MergeProblem) -> MergeResult:
        return merge(problem).run()

    run.__doc__ = merge.__doc__
    return run
