"""Seeded synthetic problems, on which backends are timed and checked: streets, and families of hard graphs.

A field is a merge problem made of a street and of the affinities that a network might predict for it.
A family is a kind of graph that people have, at any size: ``FAMILIES`` lists them, fields among them, and
``hard_graph`` makes one. All have the same bits on every machine and with every numpy, so that times
measured on them years apart can be compared. ``CHECKSUMS`` and ``FAMILY_CHECKSUMS`` hold the bits of
standard ones; a change of any bit needs a new ``VERSION``.
"""

from merge_impls.fields.checksums import CHECKSUMS, FAMILY_CHECKSUMS, VERSION, checksum
from merge_impls.fields.families import FAMILIES, KIT_SIZE, Family, hard_graph, reason_missing
from merge_impls.fields.field import THRESHOLDS, field, true_instances
from merge_impls.fields.simulated_network import NETWORKS

NOISE = tuple(NETWORKS)
"""The levels of noise: mild, strong."""

__all__ = [
    "CHECKSUMS",
    "FAMILIES",
    "FAMILY_CHECKSUMS",
    "KIT_SIZE",
    "NOISE",
    "THRESHOLDS",
    "VERSION",
    "Family",
    "checksum",
    "field",
    "hard_graph",
    "reason_missing",
    "true_instances",
]
