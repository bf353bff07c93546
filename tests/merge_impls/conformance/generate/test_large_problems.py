"""The large problems find integers that have too few bits, which small random problems cannot find."""

from dataclasses import replace

import numpy as np
import pytest

from merge_impls import MergeProblem, merge
from merge_impls.conformance.backend_under_test import InProcessBackend
from merge_impls.conformance.comparator import CheckFailure
from merge_impls.conformance.generate.large_problems import (
    far_corner,
    first_and_last_vertices,
    many_stages,
)
from merge_impls.conformance.session import SessionOptions
from merge_impls.conformance.shrink.search import shrink


def merge_with_changed_edges(problem, change_edges):
    u, v, q, stages = problem.edge_arrays()
    graph = MergeProblem.from_edges(
        problem.num_vertices,
        change_edges(np.stack([u, v], axis=1)),
        q,
        stages,
        problem.thresholds,
        linkage=problem.linkage,
    )
    return merge(graph, "heap").labels.reshape(problem.shape)


def labels_of_8_bits(problem):
    return merge(problem, "heap").labels.astype(np.uint8).astype(np.int32)


def labels_of_16_bits(problem):
    return merge(problem, "heap").labels.astype(np.uint16).astype(np.int32)


def vertices_of_16_bits(problem):
    kept = merge_with_changed_edges(problem, lambda edges: edges & 0xFFFF)
    return np.where(problem.mask, kept, 0) if problem.is_grid else kept


def pairs_of_32_bits(problem):
    n = problem.num_vertices

    def edges(ends):
        keys = (ends.min(axis=1) * n + ends.max(axis=1)) & 0xFFFFFFFF
        return np.stack([keys // n, keys % n], axis=1)

    kept = merge_with_changed_edges(problem, edges)
    return np.where(problem.mask, kept, 0) if problem.is_grid else kept


def only_five_stages(problem):
    """Merge nothing after the fifth stage."""
    return merge(
        replace(
            problem,
            thresholds=np.where(
                np.arange(len(problem.thresholds)) < 5, problem.thresholds, 1
            ).astype(np.float32),
        ),
        "heap",
    )


def wrong_on_large_grids(problem):
    """Raise all thresholds a little if a grid is large."""
    if problem.is_grid and min(problem.shape) > 40:
        problem = replace(problem, thresholds=np.nextafter(problem.thresholds, np.float32(2)))
    return merge(problem, "heap")


WRONG = [
    (labels_of_8_bits, "large field"),
    (labels_of_16_bits, "many segments"),
    (vertices_of_16_bits, "far corner"),
    (vertices_of_16_bits, "far corner in 3-D"),
    (vertices_of_16_bits, "first and last vertices"),
    (pairs_of_32_bits, "far corner"),
    (pairs_of_32_bits, "first and last vertices"),
    (only_five_stages, "many stages"),
    (wrong_on_large_grids, "large field"),
]


@pytest.mark.parametrize(("wrong", "name"), WRONG)
def test_a_failure_that_only_large_problems_show_is_found(wrong, name):
    session_options = SessionOptions.from_arguments(only=f"sizes/{name}, average")
    (check,) = session_options.checks
    with pytest.raises(CheckFailure):
        check.execute(session_options.make_runner(InProcessBackend(wrong), "wrong").harness)


@pytest.mark.parametrize("linkage", ["average", "weighted"])
def test_every_stage_merges_something(linkage):
    stages = merge(many_stages(linkage), "heap").history["stage"]
    assert np.bincount(stages).all() and stages.max() == 7


@pytest.mark.parametrize(
    "problem", [far_corner((260, 300), "average"), first_and_last_vertices("average")]
)
def test_isolated_vertices_are_removed_first_so_few_tries_are_large(problem):
    sizes = []

    def fails(candidate):
        sizes.append(candidate.num_vertices)
        return len(merge(candidate, "heap").history) > 1

    assert shrink(problem, fails).num_vertices == 3
    assert sum(size > 1000 for size in sizes) <= 1
