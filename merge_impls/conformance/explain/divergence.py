"""The first row in which two histories differ, and what there was when it was decided."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from merge_impls.conformance.literal import Moment, Pair, moments
from merge_impls.problem import MergeProblem


@dataclass(frozen=True)
class Row:
    """One row of a history."""

    stage: int
    pair: Pair
    weight: np.float32


@dataclass(frozen=True)
class Course:
    """The merges so far by Algorithm 1: of each the ends, and how many vertices each end had."""

    merged: Sequence[Pair]
    sizes: Sequence[tuple[int, int]]


@dataclass(frozen=True)
class Parting:
    """Where two histories part.

    expected, got: their rows ``row``; None where there is no further one.
    decision: what there is when the right merge is made or, if there is none, at the end.
    judged: what there is when the backend merges: ``decision``, or the end of an earlier stage;
        None if its stage is over by then.
    later: in which row and at which weight the backend makes the expected merge; None if it does
        not.
    same_merges: the backend makes the right merges in another order.
    has_met_a_threshold: in a row before, an edge of the threshold's own weight has been merged.
    """

    problem: MergeProblem
    row: int
    expected: Row | None
    got: Row | None
    decision: Moment
    judged: Moment | None
    course: Course
    later: tuple[int, np.float32] | None
    same_merges: bool
    has_met_a_threshold: bool

    @property
    def is_by_the_contract(self) -> bool:
        """Whether the expected row is what Algorithm 1 gives."""
        if self.expected is None or not self.decision.merges:
            return self.expected is None and not self.decision.merges
        weight = self.decision.edges[self.decision.heaviest].weight
        right = Row(self.decision.stage, self.decision.heaviest, weight)
        return right == self.expected


def row_at(history: np.ndarray, row: int) -> Row | None:
    """A row of a history, None if that is shorter."""
    if row >= len(history):
        return None
    stage, a, b = (int(history[name][row]) for name in ("stage", "a", "b"))
    return Row(stage, (a, b), history["weight"][row])


def first_different_row(expected: np.ndarray, got: np.ndarray) -> int | None:
    """Compared to the bit; None if there is none."""
    common = min(len(expected), len(got))
    # Bytes, because -0.0 == 0.0 and NaN != NaN.
    for row in range(common):
        if expected[row].tobytes() != got[row].tobytes():
            return row
    return None if len(expected) == len(got) else common


def parting_at(problem: MergeProblem, expected: np.ndarray, got: np.ndarray, row: int) -> Parting:
    """Merge up to row ``row`` and look at what there is then."""
    merged, sizes, candidates = [], [], []
    for moment in moments(problem):
        if moment.row == row:
            candidates.append(moment)
        elif moment.row > row:
            break
        elif moment.merges:
            merged.append(moment.heaviest)
            sizes.append(tuple(moment.names.count(name) for name in moment.heaviest))
    right, wrong = row_at(expected, row), row_at(got, row)
    return Parting(
        problem=problem,
        row=row,
        expected=right,
        got=wrong,
        decision=candidates[-1],
        judged=next((m for m in candidates if wrong and m.stage == wrong.stage), None),
        course=Course(merged, sizes),
        later=right and _merge_of(got, row, right.pair),
        same_merges=sorted(map(bytes, expected)) == sorted(map(bytes, got)),
        has_met_a_threshold=bool(
            (problem.thresholds[expected["stage"][:row]] == expected["weight"][:row]).any()
        ),
    )


def _merge_of(history: np.ndarray, start: int, pair: Pair) -> tuple[int, np.float32] | None:
    """The first row from ``start`` on that merges this pair, before either end merges otherwise."""
    for row in range(start, len(history)):
        ends = {int(history["a"][row]), int(history["b"][row])}
        if ends & {*pair}:
            return (row, history["weight"][row]) if ends == {*pair} else None
    return None
