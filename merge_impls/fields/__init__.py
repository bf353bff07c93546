"""Fields of affinities to time and to check backends on: a street, and what a network says of it.

The same bits on every machine and with every numpy, and frozen: what is measured on a field today
can be compared with what is measured on it in years. ``CHECKSUMS`` holds those of standard fields;
whoever changes the bits makes a new ``VERSION``.
"""

from merge_impls.fields.checksums import CHECKSUMS, VERSION
from merge_impls.fields.field import THRESHOLDS, checksum, field, true_instances
from merge_impls.fields.simulated_network import NETWORKS

NOISE = tuple(NETWORKS)
"""The levels of noise: mild, strong."""

__all__ = ["CHECKSUMS", "NOISE", "THRESHOLDS", "VERSION", "checksum", "field", "true_instances"]
