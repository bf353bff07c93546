"""Deliberately wrong siblings of the example backend: each is right but for one thing.

A conformance kit is worth what it catches. ``rules`` breaks what a merge computes, ``answers`` what
it gives back, ``run_half`` how it behaves; ``broken`` does not even import.
"""

from collections.abc import Callable

from example_backend.merge import Merge

from merge_impls import MergeProblem, MergeResult


def mutant(merge: type[Merge]) -> Callable[[MergeProblem], MergeResult]:
    """The backend that a changed ``Merge`` makes; its docstring says what is wrong with it."""

    def run(problem: MergeProblem) -> MergeResult:
        return merge(problem).run()

    run.__doc__ = merge.__doc__
    return run
