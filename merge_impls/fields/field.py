"""One field as a merge problem."""

import hashlib
from collections.abc import Sequence

import numpy as np

from merge_impls.argument_checks import check_linkage
from merge_impls.fields.portable_random import Draws
from merge_impls.fields.simulated_network import NETWORKS, affinities
from merge_impls.fields.street_layout import instances
from merge_impls.offsets import PAPER_THRESHOLDS, offsets_at, stages_by_distance
from merge_impls.problem import MergeProblem

THRESHOLDS = {"average": PAPER_THRESHOLDS, "weighted": (0.5, 0.3, 0.2)}
"""By linkage. "weighted" halves the say of all earlier edges at every merge, so that single low
affinities at the end of a chain of merges stop it; it needs lower thresholds to find the objects,
and finds fewer of them."""

_STREET, _NETWORK = 0, 1


def field(
    height: int,
    width: int,
    noise: str = "mild",
    seed: int = 0,
    linkage: str = "average",
    thresholds: Sequence[float] | None = None,
) -> MergeProblem:
    """A street of ``height`` x ``width`` pixels, with the paper's 28 offsets in three stages.

    The mask is what objects cover, about 37 % of a picture that is not tall or tiny. With mild noise
    "average" finds most objects; with strong noise it joins some and leaves others in parts. At
    512 x 1024 there are about 195,000 foreground pixels and 4.9 million edges.

    noise: "mild" or "strong". seed: of street and noise; the street is the same at every noise.
    thresholds: of the three stages, ``THRESHOLDS[linkage]`` if None.
    Raises ValueError for another noise or linkage, or a size below 8 x 8.
    """
    if noise not in NETWORKS:
        raise ValueError(f"noise is {noise!r}; known are {' and '.join(map(repr, NETWORKS))}")
    linkage = check_linkage(linkage)
    labels = true_instances(height, width, seed)
    offsets = offsets_at()
    return MergeProblem.from_grid(
        affinities(labels, offsets, NETWORKS[noise], Draws(seed, _NETWORK)),
        offsets,
        stages_by_distance(offsets),
        THRESHOLDS[linkage] if thresholds is None else thresholds,
        mask=labels > 0,
        linkage=linkage,
    )


def true_instances(height: int, width: int, seed: int = 0) -> np.ndarray:
    """int32 (height, width): the objects of the street of ``field`` with this size and seed, 1..N,
    and 0 where its mask is False. Raises ValueError for a size below 8 x 8."""
    if min(height, width) < 8:
        raise ValueError(f"a field of {height} x {width} is too small; at least 8 x 8 is needed")
    return instances(height, width, Draws(seed, _STREET))


def checksum(problem: MergeProblem) -> str:
    """SHA-256 of a field's affinities (little-endian) and mask, as 64 hexadecimal digits."""
    digest = hashlib.sha256()
    # One offset at a time: a copy of the whole map may not fit beside it.
    for channel in problem.affinities:
        digest.update(np.ascontiguousarray(channel, "<u2"))
    digest.update(np.ascontiguousarray(problem.mask))
    return digest.hexdigest()
