"""Find the first row in which two histories differ, and the state of the graph before this row."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from merge_impls.arrays import StructuredArray
from merge_impls.conformance.literal_merge import DecisionState, Pair, decision_states
from merge_impls.problem import MergeProblem


@dataclass(frozen=True)
class MergeStep:
    """One row of a history: a merge."""

    stage: int
    pair: Pair
    weight: np.float32


@dataclass(frozen=True)
class MergesBeforeRow:
    """All merges before a row of the history.

    pairs: the names of the two super-vertices of each merge.
    sizes: the number of vertices of each of these two.
    """

    pairs: Sequence[Pair]
    sizes: Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Divergence:
    """The first difference between two histories.

    row: the first row that differs.
    expected: this row in the history of the reference; None if that history ends before.
    got: this row in the history of the backend; None if that history ends before.
    reference_decision: the state of the graph in which the reference makes the merge of this row or, if
        it makes no further merge, ends.
    backend_decision: the state of the graph before this row in the stage of ``got``; None if that
        stage has ended.
    previous: the merges before this row, which are the same in both histories.
    later: row and weight with which the backend makes the expected merge later; None if it does not.
    same_merges_in_another_order: whether the two histories have the same rows in different orders.
    earlier_merge_at_threshold: whether an earlier row merges an edge whose weight equals the threshold.
    """

    problem: MergeProblem
    row: int
    expected: MergeStep | None
    got: MergeStep | None
    reference_decision: DecisionState
    backend_decision: DecisionState | None
    previous: MergesBeforeRow
    later: tuple[int, np.float32] | None
    same_merges_in_another_order: bool
    earlier_merge_at_threshold: bool

    @property
    def is_expected_row_right(self) -> bool:
        """Whether the expected row is the merge that ``literal_merge`` makes; else the reference is wrong."""
        decision = self.reference_decision
        pair = decision.next_merge
        if pair is None:
            return self.expected is None
        return MergeStep(decision.stage, pair, decision.edges[pair].weight) == self.expected


def merge_step_at(history: StructuredArray, row: int) -> MergeStep | None:
    """Return a row of a history; None if the history has fewer rows."""
    if row >= len(history):
        return None
    stage, a, b = (int(history[name][row]) for name in ("stage", "a", "b"))
    return MergeStep(stage, (a, b), history["weight"][row])


def first_different_row(expected: StructuredArray, got: StructuredArray) -> int | None:
    """Return the first row in which two histories differ in any bit; None if they are equal."""
    common = min(len(expected), len(got))
    # Bytes are compared, because -0.0 == 0.0 and NaN != NaN.
    for row in range(common):
        if expected[row].tobytes() != got[row].tobytes():
            return row
    return None if len(expected) == len(got) else common


def divergence_at(
    problem: MergeProblem, expected: StructuredArray, got: StructuredArray, row: int
) -> Divergence:
    """Collect what explains the difference in ``row``, the first row in which the two histories differ."""
    previous, candidates = _merges_and_decisions_at_row(problem, row)
    right, wrong = merge_step_at(expected, row), merge_step_at(got, row)
    return Divergence(
        problem=problem,
        row=row,
        expected=right,
        got=wrong,
        reference_decision=candidates[-1],
        backend_decision=next((m for m in candidates if wrong and m.stage == wrong.stage), None),
        previous=previous,
        later=_first_merge_of_pair_from(got, row, right.pair) if right else None,
        same_merges_in_another_order=sorted(map(bytes, expected)) == sorted(map(bytes, got)),
        earlier_merge_at_threshold=bool(
            (problem.thresholds[expected["stage"][:row]] == expected["weight"][:row]).any()
        ),
    )


def _merges_and_decisions_at_row(
    problem: MergeProblem, row: int
) -> tuple[MergesBeforeRow, list[DecisionState]]:
    """Merge with ``literal_merge`` up to ``row``; return the merges before this row, and the decisions at it.

    There are several decisions if a stage ends at this row: one that ends it, and one of the next stage.
    """
    merged: list[Pair] = []
    sizes: list[tuple[int, int]] = []
    candidates: list[DecisionState] = []
    for decision in decision_states(problem):
        if decision.row == row:
            candidates.append(decision)
        elif decision.row > row:
            break
        elif decision.next_merge:
            a, b = decision.next_merge
            merged.append((a, b))
            sizes.append((decision.names.count(a), decision.names.count(b)))
    return MergesBeforeRow(merged, sizes), candidates


def _first_merge_of_pair_from(
    history: StructuredArray, start: int, pair: Pair
) -> tuple[int, np.float32] | None:
    """Return row and weight of the first merge of ``pair`` from row ``start`` on.

    None if there is no such merge, or if one of the two merges with another super-vertex before.
    """
    for row in range(start, len(history)):
        ends = {int(history["a"][row]), int(history["b"][row])}
        if ends & {*pair}:
            return (row, history["weight"][row]) if ends == {*pair} else None
    return None
