"""Fields: seeded synthetic street problems, on which backends are timed and checked.

A field is a merge problem made of a street and of the affinities that a network might predict for it.
It has the same bits on every machine and with every numpy, so that times measured on it years apart
can be compared. ``CHECKSUMS`` holds the bits of standard fields; a change of any bit needs a
new ``VERSION``.
"""

from merge_impls.fields.checksums import CHECKSUMS, VERSION, checksum
from merge_impls.fields.field import THRESHOLDS, field, true_instances
from merge_impls.fields.simulated_network import NETWORKS

NOISE = tuple(NETWORKS)
"""The levels of noise: mild, strong."""

__all__ = ["CHECKSUMS", "NOISE", "THRESHOLDS", "VERSION", "checksum", "field", "true_instances"]
