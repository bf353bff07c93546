"""Seeded synthetic problems, on which backends are timed and checked.

A field is a merge problem on a picture of a street, with affinities that a network might predict for it.
A family is a kind of graph that occurs in practice, and it can be made at any size. ``FAMILIES`` lists the
families, which include fields. ``graph_of_family`` makes a graph of a family.

All seeded problems have the same bits on every machine and with every version of numpy, so that times
measured years apart can be compared. ``CHECKSUMS`` and ``FAMILY_CHECKSUMS`` are checksums of some of them.
A change of any bit needs a new ``VERSION``.
"""

from merge_impls.fields.checksums import CHECKSUMS, FAMILY_CHECKSUMS, VERSION, problem_checksum
from merge_impls.fields.families import (
    FAMILIES,
    KIT_SIZE,
    Family,
    graph_of_family,
    reason_family_is_missing,
)
from merge_impls.fields.field import THRESHOLDS, field, true_instances
from merge_impls.fields.simulated_network import NETWORKS

NOISE = tuple(NETWORKS)
"""The names of the levels of noise of fields."""

__all__ = [
    "CHECKSUMS",
    "FAMILIES",
    "FAMILY_CHECKSUMS",
    "KIT_SIZE",
    "NOISE",
    "THRESHOLDS",
    "VERSION",
    "Family",
    "field",
    "graph_of_family",
    "problem_checksum",
    "reason_family_is_missing",
    "true_instances",
]
