"""A worked case: a problem and its complete result, worked out by hand."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

import numpy as np

from merge_impls.fixed_point_affinities import ONE
from merge_impls.problem import MergeProblem
from merge_impls.result import HISTORY_DTYPE, CompleteResult

MEAN_LINKAGES = ("average", "weighted")
"""The linkages whose weights are means.

Cases in which several edges are combined into one are written for these linkages;
``single_and_complete`` has such cases for the other two. All other cases hold for every linkage.
"""

NestedLists: TypeAlias = Sequence["int | NestedLists"]
"""Integers in nested lists, one level of nesting for each axis of the labels."""


@dataclass(frozen=True)
class WorkedCase:
    """A problem and its complete result.

    Most affinities are fifths. 65535, the integer that stands for affinity 1, is a multiple of five,
    so sums and means of fifths are exact and a reader can check the weights by hand.

    why: the rule that the case tests, and how the rule leads to the result.
    merges: (stage, a, b, weight) of each merge, in order; a < b are the names of the merged
        super-vertices, and the weight has enough digits to give the right float32.
    labels: in the problem's shape.
    inside: for each segment, the affinities of the pixel edges inside it, of all stages.
    """

    name: str
    why: str
    problem: MergeProblem
    merges: Sequence[tuple[int, int, int, float]]
    labels: NestedLists
    inside: Sequence[Sequence[float]]

    @property
    def result(self) -> CompleteResult:
        """The complete result; a backend that conforms returns the same result bit for bit."""
        labels = np.array(self.labels, np.int32)
        return CompleteResult(
            labels=labels,
            sizes=np.array([(labels == i + 1).sum() for i in range(len(self.inside))], np.int64),
            confidences=np.array(
                [_confidence_of_affinities(affinities) for affinities in self.inside]
            ),
            history=np.array(self.merges, HISTORY_DTYPE),
            backend="by hand",
            thresholds=self.problem.thresholds,
        )


def _confidence_of_affinities(affinities: Sequence[float]) -> float:
    """The mean of the affinities after rounding to fixed point; 0.0 if there are none."""
    if not affinities:
        return 0.0
    return sum(round(p * ONE) for p in affinities) / (ONE * len(affinities))


def graph_problem(
    vertices: int,
    edges: Sequence[tuple[int, int, float]],
    thresholds: Sequence[float],
    linkage: str,
    stages: Sequence[int] | None = None,
) -> MergeProblem:
    """Make a problem from edges (u, v, affinity); all edges belong to stage 0 unless ``stages`` is given."""
    return MergeProblem.from_edges(
        vertices,
        np.array([(u, v) for u, v, _ in edges], np.int64).reshape(-1, 2),
        np.array([affinity for _, _, affinity in edges], np.float64),
        [0] * len(edges) if stages is None else stages,
        thresholds,
        linkage=linkage,
    )
