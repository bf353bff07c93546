"""The reference backend against Algorithm 1 as it is printed, with no data structure at all."""

from itertools import islice, product

import numpy as np
import pytest

from merge_impls import HISTORY_DTYPE, merge
from merge_impls.conformance.cases import random_problems


def pixel_edges(problem):
    """Every (u, v, q, stage), found by looking at every pixel and every offset."""
    if problem.offsets is None:
        for (u, v), q, stage in zip(problem.edges, problem.affinities, problem.stages, strict=True):
            yield int(u), int(v), int(q), int(stage)
        return
    for k, pixel in product(range(len(problem.offsets)), np.ndindex(problem.shape)):
        other = tuple(pixel + problem.offsets[k])
        inside = all(0 <= x < length for x, length in zip(other, problem.shape, strict=True))
        if inside and problem.mask[pixel] and problem.mask[other]:
            u, v = (int(np.ravel_multi_index(end, problem.shape)) for end in (pixel, other))
            yield u, v, int(problem.affinities[k][pixel]), int(problem.stages[k])


def mean_weights(edges, name):
    """The weight of each pair of segments: the mean over all pixel edges between the two."""
    between = {}
    for u, v, q, _ in edges:
        if name[u] != name[v]:
            between.setdefault(tuple(sorted((name[u], name[v]))), []).append(q)
    return {pair: np.float32(sum(qs) / (65535 * len(qs))) for pair, qs in between.items()}


def printed_update(weights, a, b):
    """Lines 3 to 13 of Algorithm 1: b goes into a."""
    kept = {pair: weight for pair, weight in weights.items() if a not in pair and b not in pair}
    to_a = {x + y - a: w for (x, y), w in weights.items() if a in (x, y) and b not in (x, y)}
    to_b = {x + y - b: w for (x, y), w in weights.items() if b in (x, y) and a not in (x, y)}
    for k in to_a.keys() | to_b.keys():
        if k in to_a and k in to_b:
            weight = (to_a[k] + to_b[k]) * np.float32(0.5)
        else:
            weight = to_a[k] if k in to_a else to_b[k]
        kept[min(a, k), max(a, k)] = weight
    return kept


def literal_history(problem):
    edges = list(pixel_edges(problem))
    name = list(range(problem.num_vertices))
    weights, history = {}, []
    for stage, threshold in enumerate(problem.thresholds):
        for pair, new in mean_weights([e for e in edges if e[3] == stage], name).items():
            weights[pair] = (weights[pair] + new) * np.float32(0.5) if pair in weights else new
        while True:
            if problem.linkage == "average":
                weights = mean_weights([e for e in edges if e[3] <= stage], name)
            heaviest = max(((w, *pair) for pair, w in weights.items()), default=(-1, -1, -1))
            if heaviest[0] < threshold:
                break
            weight, a, b = heaviest
            weights = printed_update(weights, a, b)
            name = [a if x == b else x for x in name]
            history.append((stage, a, b, weight))
    return np.array(history, HISTORY_DTYPE), name


def small_problems():
    small = (p for p in random_problems(1, 2000) if p.num_vertices <= 24)
    return list(islice(small, 250))


@pytest.fixture(scope="module")
def compared():
    return [(p, merge(p, "networkx"), *literal_history(p)) for p in small_problems()]


def test_reference_makes_the_merges_of_the_printed_algorithm(compared):
    assert sum(len(history) for _, _, history, _ in compared) > 1000
    for _, result, history, _ in compared:
        np.testing.assert_array_equal(result.history, history)


def test_reference_labels_the_vertices_that_the_printed_algorithm_puts_together(compared):
    for problem, result, _, name in compared:
        inside = np.ones(problem.num_vertices, bool)
        if problem.mask is not None:
            inside = problem.mask.ravel()
        labels = result.labels.ravel()
        assert (labels[~inside] == 0).all()
        together = np.equal.outer(np.array(name)[inside], np.array(name)[inside])
        np.testing.assert_array_equal(np.equal.outer(labels[inside], labels[inside]), together)


def test_reference_takes_the_mean_over_all_edges_inside_a_segment(compared):
    for problem, result, _, _ in compared:
        labels, inner = result.labels.ravel(), {}
        for u, v, q, _ in pixel_edges(problem):
            if labels[u] == labels[v]:
                inner.setdefault(int(labels[u]), []).append(q)
        for segment, confidence in enumerate(result.confidences, start=1):
            qs = inner.get(segment)
            assert confidence == (sum(qs) / (65535 * len(qs)) if qs else 0.0)
