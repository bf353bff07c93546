"""Why a result is wrong, in words for somebody who has never read this code."""

import numpy as np

from merge_impls.compare import first_difference
from merge_impls.conformance.explain.divergence import divergence_at, first_different_row
from merge_impls.conformance.explain.guessed_problems import guessed_problem_lines
from merge_impls.conformance.explain.merge_steps import headline, merge_lines
from merge_impls.conformance.explain.segments import (
    confidence_lines,
    group_lines,
    numbering_lines,
    size_lines,
)
from merge_impls.problem import MergeProblem
from merge_impls.result import MergeResult

MOST_WORK = 10**7
"""Edges times merges that are merged again to explain one; some seconds."""

MOST_GUESSWORK = 2 * 10**5
"""Edges times merges that are merged again for every misreading of the problem."""

TOO_LARGE = (
    "The problem is too large to merge again step by step, which would say where the weights come "
    "from, and no smaller one was found in time that shows the fault."
)


def explain(problem: MergeProblem, expected: MergeResult, got: MergeResult) -> str:
    """Some lines on the first thing in which ``got`` differs from ``expected``, and why.

    Merges come first, because all else follows from them: which row of the history differs, what
    the reference does there, where the weights come from, and the rule that decides. A backend that
    keeps no history is judged by its labels. At most some fifteen lines, however large the problem.
    expected: the right result, with its history.
    """
    difference = first_difference(expected, got)
    if difference is None:
        return "The two results are the same, to the bit."
    for name, rule in _FORMS.items():
        right, wrong = getattr(expected, name), getattr(got, name)
        if wrong is not None and (right.dtype != wrong.dtype or _other_shape(name, right, wrong)):
            return f"{difference}\nThe contract: {rule}."
    return "\n".join(_why(problem, expected, got))


_FORMS = {
    "history": "one row a merge; stage int32, a and b int64, weight float32",
    "labels": "labels are int32, of the shape of the grid, or (n,) for explicit edges",
    "sizes": "sizes are int64, one for each segment",
    "confidences": "confidences are float64, one for each segment",
}


def _other_shape(name: str, right: np.ndarray, wrong: np.ndarray) -> bool:
    """Lengths say nothing on form: where merges differ, there are more or fewer of them."""
    return right.shape != wrong.shape if name == "labels" else wrong.ndim != 1


def _why(problem: MergeProblem, expected: MergeResult, got: MergeResult) -> list[str]:
    if got.history is not None:
        row = first_different_row(expected.history, got.history)
        if row is not None:
            return _merges(problem, expected, got, row)
    if got.labels.tobytes() != expected.labels.tobytes():
        return _labels(problem, expected, got)
    for name, lines in (("sizes", size_lines), ("confidences", confidence_lines)):
        right, wrong = getattr(expected, name), getattr(got, name)
        if len(right) != len(wrong):
            return [f"{name} has length {len(wrong)}; there are {len(right)} segments."]
        if right.tobytes() != wrong.tobytes():
            return lines(problem, expected, got)
    raise AssertionError("two results differ, but none of their arrays does")


def _merges(problem: MergeProblem, expected: MergeResult, got: MergeResult, row: int) -> list[str]:
    lines = headline(problem, expected.history, got.history, row)
    if _work(problem, expected) > MOST_WORK:
        return [*lines, TOO_LARGE]
    divergence = divergence_at(problem, expected.history, got.history, row)
    if not divergence.is_by_the_contract:
        return [*lines, "Algorithm 1 gives neither of the two: the reference is wrong as well."]
    return [*lines, *merge_lines(divergence), *_guesses(problem, expected, got)]


def _labels(problem: MergeProblem, expected: MergeResult, got: MergeResult) -> list[str]:
    lines = numbering_lines(problem, expected, got)
    if lines:
        return lines
    if got.history is not None:
        return [
            first_difference(expected, got),
            "The merges are the right ones, but the labels do not group the vertices as they do.",
        ]
    if _work(problem, expected) > MOST_WORK:
        return [first_difference(expected, got), TOO_LARGE]
    return [*group_lines(problem, got.labels), *_guesses(problem, expected, got)]


def _guesses(problem: MergeProblem, expected: MergeResult, got: MergeResult) -> list[str]:
    return guessed_problem_lines(problem, got) if _work(problem, expected) <= MOST_GUESSWORK else []


def _work(problem: MergeProblem, expected: MergeResult) -> int:
    """What a merge in plain steps takes: to read each edge, and to look at it in every step; and to
    look at each vertex in every step and for every segment."""
    edges, steps = sum(len(u) for u, _, _ in problem.edge_blocks()), len(expected.history)
    return edges * (steps + 10) + problem.num_vertices * (steps + len(expected.sizes))
