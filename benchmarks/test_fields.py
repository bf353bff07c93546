"""The seeded fields of four sizes and both noises."""

from functools import lru_cache

import pytest

from benchmarks.parameters import field_cases
from benchmarks.problems import Subject
from merge_impls import fields


@pytest.mark.parametrize(("backend", "linkage", "size", "noise", "threads"), field_cases())
def test_field(backend, linkage, size, noise, threads, time_merge, note_for_scaling):
    subject = subject_of(linkage, size, noise)
    time_merge(subject, backend, threads, group=f"{size}, {noise}, {linkage}")
    if threads == 1:
        cell = {"backend": backend, "linkage": linkage, "split": noise}
        note_for_scaling(cell, {"name": size, **subject.facts})


@lru_cache(maxsize=1)  # a large field takes memory, its right answer half a minute
def subject_of(linkage: str, size: str, noise: str) -> Subject:
    """A field by what its case calls it."""
    height, width = map(int, size.split("x"))
    return Subject(fields.field(height, width, noise, linkage=linkage))
