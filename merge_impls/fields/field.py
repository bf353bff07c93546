"""Makes fields: seeded problems on a synthetic street, with the affinities of a simulated network."""

from collections.abc import Sequence

from merge_impls.argument_checks import LINKAGES, check_linkage
from merge_impls.arrays import Int32Array
from merge_impls.fields.portable_random import PortableRandom
from merge_impls.fields.simulated_network import NETWORKS, simulated_affinities
from merge_impls.fields.street_layout import street_instances
from merge_impls.offsets import PAPER_THRESHOLDS, offsets_at_distances, stages_by_distance
from merge_impls.problem import MergeProblem

THRESHOLDS = dict.fromkeys(LINKAGES, PAPER_THRESHOLDS) | {
    "weighted": (0.5, 0.3, 0.2),
    "single": (0.99, 0.97, 0.95),
    "complete": (0.1, 0.05, 0.02),
}
"""The default thresholds of the three stages, by linkage; those of "average" are the paper's.

With "weighted", every joining of two edges halves the share of all earlier edges, so that one low affinity
can stop a chain of merges. With "complete", one low affinity always stops a merge. So both need lower
thresholds than "average". With "single", one high affinity joins two objects, so it needs higher
thresholds. With these thresholds all three still find fewer objects than "average"."""

_STREET_STREAM, _NETWORK_STREAM = 0, 1
"""Separate streams of random numbers, so that the street is the same at every noise."""


def field(
    height: int,
    width: int,
    noise: str = "mild",
    seed: int = 0,
    linkage: str = "average",
    thresholds: Sequence[float] | None = None,
) -> MergeProblem:
    """A street of ``height`` x ``width`` pixels as a problem with the paper's 28 offsets in 3 stages.

    The foreground is covered by objects; it is about 37 % of the picture, unless the picture is tall or
    tiny. With mild noise "average" finds most objects. With strong noise it joins some and splits others.
    A street of 512 x 1024 pixels has about 195,000 foreground pixels and 4.9 million edges.

    noise: "mild" or "strong". seed: for street and noise. One seed gives one street at every noise.
    thresholds: of the three stages; None: ``THRESHOLDS[linkage]``.
    Raises ValueError for another noise or linkage, or a size below 8 x 8.
    """
    if noise not in NETWORKS:
        raise ValueError(f"noise is {noise!r}; known are {' and '.join(map(repr, NETWORKS))}")
    linkage = check_linkage(linkage)
    labels = true_instances(height, width, seed)
    offsets = offsets_at_distances()
    return MergeProblem.from_grid(
        simulated_affinities(
            labels, offsets, NETWORKS[noise], PortableRandom(seed, _NETWORK_STREAM)
        ),
        offsets,
        stages_by_distance(offsets),
        THRESHOLDS[linkage] if thresholds is None else thresholds,
        mask=labels > 0,
        linkage=linkage,
    )


def true_instances(height: int, width: int, seed: int = 0) -> Int32Array:
    """int32 (height, width): the true instances 1..N of the street of ``field``; 0 for background.

    Raises ValueError for a size below 8 x 8.
    """
    if min(height, width) < 8:
        raise ValueError(f"a field of {height}x{width} is too small; at least 8x8 is needed")
    return street_instances(height, width, PortableRandom(seed, _STREET_STREAM))
