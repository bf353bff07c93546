"""Small problems, and the explanations of wrong results for them."""

from dataclasses import replace

import numpy as np

from merge_impls import HISTORY_DTYPE, MergeProblem, merge
from merge_impls.conformance.explain.explanation import explain


def graph(edges, thresholds=(0.4,), linkage="average", stages=None):
    vertices = 1 + max(max(u, v) for u, v, _ in edges)
    stages = [0] * len(edges) if stages is None else stages
    ends = [(u, v) for u, v, _ in edges]
    affinities = np.array([p for _, _, p in edges])
    return MergeProblem.from_edges(vertices, ends, affinities, stages, thresholds, linkage=linkage)


def explained(problem, rows, **arrays):
    """The explanation for a backend that makes these merges and is otherwise right."""
    expected = merge(problem, "networkx")
    return explain(
        problem, expected, replace(expected, history=np.array(rows, HISTORY_DTYPE), **arrays)
    )


def of_labels(problem, labels):
    """The explanation for a backend that returns labels alone."""
    expected = merge(problem, "networkx")
    labels = np.array(labels, np.int32).reshape(problem.shape)
    return explain(problem, expected, replace(expected, labels=labels, history=None))


def with_array(problem, name, values, dtype=None):
    expected = merge(problem, "networkx")
    array = np.array(values, dtype or getattr(expected, name).dtype)
    return explain(problem, expected, replace(expected, **{name: array}))


TRIANGLE = graph([(0, 1, 0.8), (1, 2, 0.8), (0, 2, 0.2)])


CHAIN = graph([(0, 1, 0.8), (1, 2, 0.6)])


FORK = graph([(0, 1, 0.8), (0, 2, 0.8)])


# After (0, 1) has merged, three pixel edges join 0 and 2: 0.8 twice and 0.2 once.
POOLED = [(0, 1, 1.0), (0, 2, 0.8), (2, 0, 0.8), (1, 2, 0.2)]


GRID = {
    "affinities": [[[0.2, 0.8, 1.0], [0.6, 0.2, 1.0]]],
    "offsets": [(0, 1)],
    "stages": [0],
    "thresholds": [0.6],
}
