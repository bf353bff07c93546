"""Mutants of the example backend: each has one deliberate mistake, which the conformance kit must find.

- ``wrong_rules`` and ``wrong_linkages``: each mutant breaks one rule of the contract.
- ``wrong_results``: the merges are right, but an array of the result is wrong.
- ``wrong_behaviour``: the mutants crash, hang, change their input, or are only sometimes wrong.
- ``not_importable``: importing the module fails.
"""

from collections.abc import Callable

from example_backend.merge import Merge

from merge_impls import MergeProblem, MergeResult


def mutant(merge: type[Merge]) -> Callable[[MergeProblem], MergeResult]:
    """Return a merge function that runs ``merge``, a subclass of ``Merge`` with a mistake."""

    def run(problem: MergeProblem) -> MergeResult:
        return merge(problem).run()

    run.__doc__ = merge.__doc__
    return run
