"""Laws, that is metamorphic relations: a transformed problem has the same result as the original.

A law needs no reference, only two merges: the result of the transformed problem is mapped back to
the vertices of the original and must equal the result of the original. So laws can be checked where
the reference is too slow.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from merge_impls.arrays import Int64Array, StructuredArray
from merge_impls.conformance.laws.transformations import (
    TransformedProblem,
    as_edge_list,
    grid_with_complement,
    padded,
    reordered,
    with_complement,
)
from merge_impls.problem import MergeProblem
from merge_impls.result import CompleteResult


@dataclass(frozen=True)
class Law:
    """A law: what it claims, in words, and the transformation of a problem that it is about.

    forms: the forms of problems for which the law holds. transform: makes the transformed problem.
    """

    name: str
    claim: str
    forms: tuple[str, ...]
    transform: Callable[[MergeProblem, np.random.Generator], TransformedProblem]


GRIDS = ("2-D", "3-D")

LAWS = [
    Law(
        "isolated component",
        "vertices that no edge joins to the others do not change the result of the others",
        ("edges",),
        with_complement,
    ),
    Law(
        "isolated component in a grid",
        "pixels that no offset joins to the others do not change the result of the others",
        GRIDS,
        grid_with_complement,
    ),
    Law(
        "order of edges",
        "neither the order of edges or offsets nor the order of an edge's ends changes the result",
        ("edges", *GRIDS),
        reordered,
    ),
    Law(
        "empty margins",
        "masked pixels around a grid change only the numbers of its vertices",
        GRIDS,
        padded,
    ),
    Law(
        "grid and edges",
        "a grid and the list of its edges are the same graph",
        GRIDS,
        as_edge_list,
    ),
]


def map_back(
    result: CompleteResult, transformed: TransformedProblem, shape: tuple[int, ...]
) -> CompleteResult:
    """Map the result of ``transformed.problem`` back to the vertices of the original problem.

    shape: of the original problem's labels.
    """
    kept = transformed.vertices >= 0
    there = result.labels.ravel()[transformed.vertices[kept]]
    segments, numbers = np.unique(np.append(0, there), return_inverse=True)
    labels = np.zeros(len(kept), np.int32)
    labels[kept] = numbers[1:]
    back = np.full(transformed.problem.num_vertices, -1, np.int64)
    back[transformed.vertices[kept]] = np.flatnonzero(kept)
    return replace(
        result,
        labels=labels.reshape(shape),
        sizes=result.sizes[segments[1:] - 1],
        confidences=result.confidences[segments[1:] - 1],
        history=None if result.history is None else _rename_history(result.history, back),
    )


def _rename_history(history: StructuredArray, back: Int64Array) -> StructuredArray:
    """Rename the vertices of a history by ``back``; leave out merges of vertices that are -1 there."""
    a, b = back[history["a"]], back[history["b"]]
    history = history[(a >= 0) | (b >= 0)].copy()
    history["a"], history["b"] = back[history["a"]], back[history["b"]]
    return history
