"""Metamorphic laws: a transformed problem must have the same result as the original problem.

Both problems are merged with the backend. The result of the transformed problem is mapped back to the
vertices of the original problem, and must then equal the result of the original problem. No reference
is needed, so a law can also be checked on problems for which the reference is too slow.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from merge_impls.arrays import Int64Array, StructuredArray
from merge_impls.conformance.laws.transformations import (
    TransformedProblem,
    as_explicit_graph,
    beside_inverted_copy,
    grid_beside_inverted_copy,
    with_edges_reordered,
    with_margins,
)
from merge_impls.problem import MergeProblem
from merge_impls.result import CompleteResult


@dataclass(frozen=True)
class Law:
    """A law: ``transform`` does not change the result of a problem.

    claim: the law in words.
    forms: the forms of problems for which the law holds, of "edges", "2-D" and "3-D".
    """

    name: str
    claim: str
    forms: tuple[str, ...]
    transform: Callable[[MergeProblem, np.random.Generator], TransformedProblem]


GRIDS = ("2-D", "3-D")

LAWS = [
    Law(
        "isolated component",
        "the result of a graph does not change if a copy of the graph is added, with inverted affinities "
        "and without edges between the two",
        ("edges",),
        beside_inverted_copy,
    ),
    Law(
        "isolated component in a grid",
        "the result of a grid does not change if a copy of the grid is added, with inverted affinities and "
        "too far away for any offset",
        GRIDS,
        grid_beside_inverted_copy,
    ),
    Law(
        "order of edges",
        "the result does not depend on the order of edges or offsets, nor on the order of the two ends of "
        "an edge",
        ("edges", *GRIDS),
        with_edges_reordered,
    ),
    Law(
        "empty margins",
        "the result of a grid does not change if pixels outside the mask are added around it",
        GRIDS,
        with_margins,
    ),
    Law(
        "grid and edges",
        "a grid and the explicit graph with the same edges have the same result",
        GRIDS,
        as_explicit_graph,
    ),
]


def map_result_back(
    result: CompleteResult, transformed: TransformedProblem, shape: tuple[int, ...]
) -> CompleteResult:
    """Map the result of ``transformed.problem`` back to the vertices of the original problem.

    shape: the shape of the labels of the original problem.
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
    """Replace each vertex v of a history by back[v]; leave out merges for which both values are -1."""
    a, b = back[history["a"]], back[history["b"]]
    history = history[(a >= 0) | (b >= 0)].copy()
    history["a"], history["b"] = back[history["a"]], back[history["b"]]
    return history
