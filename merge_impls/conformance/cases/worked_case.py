"""A case worked out by hand: a problem and its whole result."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from merge_impls.fixed_point_affinities import ONE
from merge_impls.problem import MergeProblem
from merge_impls.result import HISTORY_DTYPE, CompleteResult

MEANS = ("average", "weighted")
"""The linkages whose weights are means. Cases in which several edges become one are written for these
alone; all other cases hold for every linkage."""

Nested: TypeAlias = Sequence["int | Nested"]
"""Integers in nested lists, one level for each axis."""


@dataclass(frozen=True)
class WorkedCase:
    """One problem and its result.

    Affinities are mostly fifths, because 65535 is a multiple of five: their sums and means are exact,
    so that a reader can check the weights by hand.

    why: the rule that the case tests, and how it decides.
    merges: (stage, a, b, weight) in order, the weight as the decimal digits of a float32.
    labels: in the problem's shape.
    inside: for each segment the affinities of the pixel edges inside it, of all stages.
    """

    name: str
    why: str
    problem: MergeProblem
    merges: Sequence[tuple[int, int, int, float]]
    labels: Nested
    inside: Sequence[Sequence[float]]

    @property
    def result(self) -> CompleteResult:
        """The whole result; a conforming backend gives exactly these bits."""
        labels = np.array(self.labels, np.int32)
        return CompleteResult(
            labels=labels,
            sizes=np.array([(labels == i + 1).sum() for i in range(len(self.inside))], np.int64),
            confidences=np.array([_confidence(affinities) for affinities in self.inside]),
            history=np.array(self.merges, HISTORY_DTYPE),
            backend="by hand",
        )


def _confidence(affinities: Sequence[float]) -> float:
    if not affinities:
        return 0.0
    return sum(round(p * ONE) for p in affinities) / (ONE * len(affinities))


def graph(
    vertices: int,
    edges: Sequence[tuple[int, int, float]],
    thresholds: Sequence[float],
    linkage: str,
    stages: Sequence[int] | None = None,
) -> MergeProblem:
    """A problem from edges (u, v, affinity), all of stage 0 unless ``stages`` is given."""
    return MergeProblem.from_edges(
        vertices,
        np.array([(u, v) for u, v, _ in edges], np.int64).reshape(-1, 2),
        np.array([affinity for _, _, affinity in edges], np.float64),
        [0] * len(edges) if stages is None else stages,
        thresholds,
        linkage=linkage,
    )
