"""Find the first row in which two histories differ, and the state of the graph just before it."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from merge_impls.arrays import StructuredArray
from merge_impls.conformance.literal import Decision, Pair, decisions
from merge_impls.problem import MergeProblem


@dataclass(frozen=True)
class MergeStep:
    """One row of a history."""

    stage: int
    pair: Pair
    weight: np.float32


@dataclass(frozen=True)
class PreviousMerges:
    """The merges before a row.

    pairs: the two super-vertices of each merge. sizes: the number of vertices of each of the two.
    """

    pairs: Sequence[Pair]
    sizes: Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Divergence:
    """The first difference between two histories.

    row: the first row that differs.
    expected, got: that row of the reference and of the backend; None if the history is shorter.
    reference_decision: the state of the graph in which the reference makes its merge or, if it makes
        none, stops.
    backend_decision: the state of the graph at this row in the stage that the backend's row names;
        None if that stage is over.
    previous: the merges before this row, which are the same in both histories.
    later: row and weight at which the backend makes the expected merge later; None if it does not.
    same_merges: whether the backend makes the right merges in another order.
    has_met_a_threshold: whether an earlier row merges an edge whose weight equals the threshold.
    """

    problem: MergeProblem
    row: int
    expected: MergeStep | None
    got: MergeStep | None
    reference_decision: Decision
    backend_decision: Decision | None
    previous: PreviousMerges
    later: tuple[int, np.float32] | None
    same_merges: bool
    has_met_a_threshold: bool

    @property
    def is_by_the_contract(self) -> bool:
        """Whether the expected row is what Algorithm 1 gives."""
        decision = self.reference_decision
        pair = decision.next_merge
        if pair is None:
            return self.expected is None
        return MergeStep(decision.stage, pair, decision.edges[pair].weight) == self.expected


def step_at(history: StructuredArray, row: int) -> MergeStep | None:
    """Row ``row`` of a history; None if the history is shorter."""
    if row >= len(history):
        return None
    stage, a, b = (int(history[name][row]) for name in ("stage", "a", "b"))
    return MergeStep(stage, (a, b), history["weight"][row])


def first_different_row(expected: StructuredArray, got: StructuredArray) -> int | None:
    """The first row in which two histories differ, to the bit; None if there is none."""
    common = min(len(expected), len(got))
    # Bytes, because -0.0 == 0.0 and NaN != NaN.
    for row in range(common):
        if expected[row].tobytes() != got[row].tobytes():
            return row
    return None if len(expected) == len(got) else common


def divergence_at(
    problem: MergeProblem, expected: StructuredArray, got: StructuredArray, row: int
) -> Divergence:
    """Describe the difference in ``row``, the first row in which the two histories differ."""
    previous, candidates = _merge_up_to(problem, row)
    right, wrong = step_at(expected, row), step_at(got, row)
    return Divergence(
        problem=problem,
        row=row,
        expected=right,
        got=wrong,
        reference_decision=candidates[-1],
        backend_decision=next((m for m in candidates if wrong and m.stage == wrong.stage), None),
        previous=previous,
        later=_later_merge_of(got, row, right.pair) if right else None,
        same_merges=sorted(map(bytes, expected)) == sorted(map(bytes, got)),
        has_met_a_threshold=bool(
            (problem.thresholds[expected["stage"][:row]] == expected["weight"][:row]).any()
        ),
    )


def _merge_up_to(problem: MergeProblem, row: int) -> tuple[PreviousMerges, list[Decision]]:
    """Merge by Algorithm 1 until ``row``; return the merges before it, and every decision at it.

    There are several decisions at one row if a stage ends there without a merge.
    """
    merged: list[Pair] = []
    sizes: list[tuple[int, int]] = []
    candidates: list[Decision] = []
    for decision in decisions(problem):
        if decision.row == row:
            candidates.append(decision)
        elif decision.row > row:
            break
        elif decision.next_merge:
            a, b = decision.next_merge
            merged.append((a, b))
            sizes.append((decision.names.count(a), decision.names.count(b)))
    return PreviousMerges(merged, sizes), candidates


def _later_merge_of(
    history: StructuredArray, start: int, pair: Pair
) -> tuple[int, np.float32] | None:
    """Row and weight of the first merge of ``pair`` from row ``start`` on; None if one of the two
    merges with another super-vertex first."""
    for row in range(start, len(history)):
        ends = {int(history["a"][row]), int(history["b"][row])}
        if ends & {*pair}:
            return (row, history["weight"][row]) if ends == {*pair} else None
    return None
