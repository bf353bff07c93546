"""Larger problems: objects, a network's noise, many offsets."""

from dataclasses import replace

import numpy as np

from merge_impls.fields import NOISE, field
from merge_impls.fixed_point import ONE
from merge_impls.problem import MergeProblem

LEVELS = 8
"""So few affinities make ties everywhere."""


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
