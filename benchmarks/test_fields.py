"""Benchmarks of merges of the seeded fields, in four sizes and with both noises."""

from functools import lru_cache

import pytest

from benchmarks.parameters import field_parameters
from benchmarks.problems import MergedProblem
from merge_impls import fields


@pytest.mark.parametrize(("backend", "linkage", "size", "noise", "threads"), field_parameters())
def test_field(backend, linkage, size, noise, threads, time_merge, add_to_scaling_plot):
    merged = problem_of(linkage, size, noise)
    time_merge(merged, backend, threads, group=f"{size}, {noise}, {linkage}")
    if threads == 1:
        names = {"backend": backend, "linkage": linkage, "noise": noise, "size": size}
        add_to_scaling_plot(names, merged.facts)


@lru_cache(maxsize=1)  # a large field takes memory, and its expected result half a minute
def problem_of(linkage: str, size: str, noise: str) -> MergedProblem:
    """The field with these parameters."""
    height, width = map(int, size.split("x"))
    return MergedProblem(fields.field(height, width, noise, linkage=linkage))
