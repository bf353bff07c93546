"""Small problems, and functions that return the explanation of a wrong result for a problem."""

from dataclasses import replace

import numpy as np

from merge_impls import HISTORY_DTYPE, MergeProblem, merge
from merge_impls.conformance.explain.explanation import explain_wrong_result


def graph(edges, thresholds=(0.4,), linkage="average", stages=None):
    """An explicit problem; edges: (u, v, affinity), all in stage 0 unless ``stages`` is given."""
    vertices = 1 + max(max(u, v) for u, v, _ in edges)
    stages = [0] * len(edges) if stages is None else stages
    ends = [(u, v) for u, v, _ in edges]
    affinities = np.array([p for _, _, p in edges])
    return MergeProblem.from_edges(vertices, ends, affinities, stages, thresholds, linkage=linkage)


def explain_merges(problem, rows, **arrays):
    """Explain the result with these rows as its history, and otherwise the right arrays.

    rows: (stage, a, b, weight). arrays: other arrays that are replaced in the right result.
    """
    expected = merge(problem, "networkx")
    return explain_wrong_result(
        problem, expected, replace(expected, history=np.array(rows, HISTORY_DTYPE), **arrays)
    )


def explain_labels(problem, labels):
    """Explain the result with these labels and without a history."""
    expected = merge(problem, "networkx")
    labels = np.array(labels, np.int32).reshape(problem.shape)
    return explain_wrong_result(problem, expected, replace(expected, labels=labels, history=None))


def explain_array(problem, name, values, dtype=None):
    """Explain the right result with one array replaced by ``values``."""
    expected = merge(problem, "networkx")
    array = np.array(values, dtype or getattr(expected, name).dtype)
    return explain_wrong_result(problem, expected, replace(expected, **{name: array}))


TRIANGLE = graph([(0, 1, 0.8), (1, 2, 0.8), (0, 2, 0.2)])


CHAIN = graph([(0, 1, 0.8), (1, 2, 0.6)])


FORK = graph([(0, 1, 0.8), (0, 2, 0.8)])


# After (0, 1) has merged, three pixel edges join 0 and 2: two of 0.8, and one of 0.2.
POOLED = [(0, 1, 1.0), (0, 2, 0.8), (2, 0, 0.8), (1, 2, 0.2)]


GRID = {
    "affinities": [[[0.2, 0.8, 1.0], [0.6, 0.2, 1.0]]],
    "offsets": [(0, 1)],
    "stages": [0],
    "thresholds": [0.6],
}
