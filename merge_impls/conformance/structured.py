"""Larger problems: objects, a network's noise and many offsets; sums that need 64 bits."""

from dataclasses import replace

import numpy as np

from merge_impls.fields import NOISE, field
from merge_impls.fixed_point import ONE
from merge_impls.problem import MergeProblem

LEVELS = 8
"""So few affinities make ties everywhere."""

PARALLEL_EDGES = 70_000
"""65535 times as much is more than 32 bits hold, with or without a sign."""


def street_fields(shape: tuple[int, int], linkage: str) -> list[MergeProblem]:
    """Streets of ``shape`` with mild noise, with strong noise, and with strong noise in few levels."""
    streets = [field(*shape, noise=noise, linkage=linkage) for noise in NOISE]
    rough = streets[-1].affinities.astype(np.int64) * LEVELS // (ONE + 1) * (ONE // LEVELS)
    return [*streets, replace(streets[-1], affinities=rough.astype(np.uint16))]


def street_in_planes(shape: tuple[int, int], linkage: str) -> MergeProblem:
    """Two streets of ``shape``, one behind the other, as a 3-D grid."""
    front, back = (field(*shape, seed=seed, linkage=linkage) for seed in (0, 1))
    planes = np.stack([front.affinities, back.affinities], axis=1)
    between = np.stack([front.affinities[0], back.affinities[0]])
    flat = np.pad(front.offsets, ((0, 0), (1, 0)))
    return MergeProblem.from_grid(
        np.concatenate([planes, between[None]]),
        np.concatenate([flat, [[1, 0, 0]]]),
        np.append(front.stages, 0),
        front.thresholds,
        mask=np.stack([front.mask, back.mask]),
        linkage=linkage,
    )


def many_parallel_edges(linkage: str) -> MergeProblem:
    """Three vertices in a row; two are joined by more edges than 32 bits can sum up."""
    edges = np.tile([(0, 1)], (PARALLEL_EDGES + 1, 1))
    edges[-1] = 1, 2
    affinities = np.full(len(edges), ONE, np.uint16)
    affinities[:2] = 0
    stages = np.zeros(len(edges), np.int32)
    return MergeProblem.from_edges(3, edges, affinities, stages, [0.5], linkage=linkage)
