"""Explain in a few lines why a result is wrong, to the author of the backend."""

from merge_impls.arrays import AnyArray, StructuredArray
from merge_impls.compare_results import first_difference
from merge_impls.conformance.explain.divergence import divergence_at, first_different_row
from merge_impls.conformance.explain.guessed_misreadings import guessed_misreading_lines
from merge_impls.conformance.explain.wrong_merges import (
    first_different_row_lines,
    wrong_merge_lines,
)
from merge_impls.conformance.explain.wrong_segments import (
    wrong_confidence_lines,
    wrong_mask_or_numbering_lines,
    wrong_segment_lines,
    wrong_size_lines,
)
from merge_impls.problem import MergeProblem
from merge_impls.result import CompleteResult

MAX_WORK = 10**7
"""The most visits of ``literal_merge`` to a problem that is merged again step by step. It takes seconds."""

MAX_WORK_OF_GUESSES = 2 * 10**5
"""The most visits of ``literal_merge`` to a problem that is merged again for each guess at the mistake."""

TOO_LARGE = (
    "The problem is too large to merge again step by step, so this explanation ends here. No smaller "
    "problem that fails in the same way was found in time."
)


def explain_wrong_result(
    problem: MergeProblem, expected: CompleteResult, got: CompleteResult
) -> str:
    """Explain the first array in which ``got`` differs from ``expected``, in at most 16 lines.

    Histories are compared first, because all other arrays follow from the merges. The explanation shows
    the first row that differs, the rule of the contract, and where the weights come from. Without a
    history of the backend, its labels are explained.
    expected: the right result, with its history. got: the result of the backend.
    """
    difference = first_difference(expected, got)
    if difference is None:
        return "The two results are the same, to the bit."
    for name, rule in _DTYPE_RULES.items():
        right, wrong = getattr(expected, name), getattr(got, name)
        if wrong is not None and (
            right.dtype != wrong.dtype or _has_wrong_shape(name, right, wrong)
        ):
            return f"{difference}\nThe contract: {rule}."
    return "\n".join(_lines_on_first_difference(problem, expected, got))


_DTYPE_RULES = {
    "history": "history has one row for each merge; stage is int32, a and b are int64, weight is float32",
    "labels": "labels are int32, of the shape of the grid, or (n,) for explicit edges",
    "sizes": "sizes are int64, one for each segment",
    "confidences": "confidences are float64, one for each segment",
}
"""For each array of a result, the rule of the contract on its dtype and shape."""


def _has_wrong_shape(name: str, right: AnyArray, wrong: AnyArray) -> bool:
    """Whether the shape of the labels, or the number of axes of another array, is wrong.

    The lengths of the other arrays depend on the merges, so they are not compared here.
    """
    return right.shape != wrong.shape if name == "labels" else wrong.ndim != 1


def _lines_on_first_difference(
    problem: MergeProblem, expected: CompleteResult, got: CompleteResult
) -> list[str]:
    """Explain the first array that differs, in the order history, labels, sizes, confidences."""
    if got.history is not None:
        row = first_different_row(_reference_history(expected), got.history)
        if row is not None:
            return _lines_on_first_different_row(problem, expected, got, got.history, row)
    if got.labels.tobytes() != expected.labels.tobytes():
        return _wrong_label_lines(problem, expected, got)
    for name, lines in (("sizes", wrong_size_lines), ("confidences", wrong_confidence_lines)):
        right, wrong = getattr(expected, name), getattr(got, name)
        if len(right) != len(wrong):
            return [f"{name} has length {len(wrong)}; there are {len(right)} segments."]
        if right.tobytes() != wrong.tobytes():
            return lines(problem, expected, got)
    raise AssertionError("two results differ, but none of their arrays does")


def _reference_history(expected: CompleteResult) -> StructuredArray:
    assert expected.history is not None, "every reference keeps a history"
    return expected.history


def _lines_on_first_different_row(
    problem: MergeProblem,
    expected: CompleteResult,
    got: CompleteResult,
    got_history: StructuredArray,
    row: int,
) -> list[str]:
    lines = first_different_row_lines(problem, _reference_history(expected), got_history, row)
    if _estimate_visits_of_literal_merge(problem, expected) > MAX_WORK:
        return [*lines, TOO_LARGE]
    divergence = divergence_at(problem, _reference_history(expected), got_history, row)
    if not divergence.is_expected_row_right:
        return [
            *lines,
            "Algorithm 1 makes neither of these two merges: the reference is wrong as well.",
        ]
    lines += wrong_merge_lines(divergence)
    return lines + _misreading_lines_if_cheap(problem, expected, got)


def _wrong_label_lines(
    problem: MergeProblem, expected: CompleteResult, got: CompleteResult
) -> list[str]:
    lines = wrong_mask_or_numbering_lines(problem, expected, got)
    if lines:
        return lines
    difference = first_difference(expected, got) or ""
    if got.history is not None:
        return [
            difference,
            "The history is right, but the labels do not match its merges.",
        ]
    if _estimate_visits_of_literal_merge(problem, expected) > MAX_WORK:
        return [difference, TOO_LARGE]
    return [
        *wrong_segment_lines(problem, got.labels),
        *_misreading_lines_if_cheap(problem, expected, got),
    ]


def _misreading_lines_if_cheap(
    problem: MergeProblem, expected: CompleteResult, got: CompleteResult
) -> list[str]:
    return (
        guessed_misreading_lines(problem, got)
        if _estimate_visits_of_literal_merge(problem, expected) <= MAX_WORK_OF_GUESSES
        else []
    )


def _estimate_visits_of_literal_merge(problem: MergeProblem, expected: CompleteResult) -> int:
    """Estimate how often ``literal_merge`` visits an edge or a vertex.

    It visits each edge at every merge, and ten times in addition. It visits each vertex at every merge,
    and once for each segment.
    """
    edges, steps = problem.count_edges(), len(_reference_history(expected))
    return edges * (steps + 10) + problem.num_vertices * (steps + len(expected.sizes))
