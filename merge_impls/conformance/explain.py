"""Why a result is wrong, in words for somebody who has never read this code."""

from merge_impls.compare import first_difference
from merge_impls.problem import MergeProblem
from merge_impls.result import MergeResult


def explain(problem: MergeProblem, expected: MergeResult, got: MergeResult) -> str:
    """Several lines on the first thing in which ``got`` differs from ``expected``."""
    return first_difference(expected, got) or "The two results do not differ."
