"""Large problems: synthetic streets with many offsets, and problems with many vertices, segments or stages.

In ``far_corner`` and ``first_and_last_vertices``, only few vertices have edges. In ``many_segments``,
only few edges reach the threshold. So these problems are merged fast, although they have many vertices.
"""

import math
from itertools import product

import numpy as np

from merge_impls.arrays import UInt16Array
from merge_impls.fields import NOISE, field
from merge_impls.fixed_point_affinities import ONE
from merge_impls.problem import MergeProblem

LEVELS = 8
"""Affinities are multiples of 1 / ``LEVELS``, so that many edges have equal weights."""

PATCH = 12
"""The most pixels of the foreground of ``far_corner`` along an axis.

In ``first_and_last_vertices``, the first ``PATCH`` vertices and the last ``PATCH`` vertices have edges.
"""

VERTICES = 70_000
"""A number of vertices that does not fit into 16 bits and whose square does not fit into 32 bits."""

THRESHOLDS = (0.8, 0.55)
"""The thresholds of two stages."""

STAGES = 8
"""The number of stages of ``many_stages``."""


def far_corner(shape: tuple[int, ...], linkage: str) -> MergeProblem:
    """A grid with two stages. Only the pixels in the corner with the largest indices are foreground.

    In the first stage, offsets lead to all direct neighbours, diagonal ones included. In the second stage,
    they are twice as long.
    """
    mask = np.zeros(shape, np.bool_)
    mask[tuple(slice(-PATCH, None) for _ in shape)] = True
    offsets = [step for step in product((-1, 0, 1), repeat=len(shape)) if step > (0,) * len(shape)]
    offsets += [tuple(2 * axis for axis in step) for step in offsets]
    stages = np.arange(len(offsets)) >= len(offsets) // 2
    affinities = np.zeros((len(offsets), *shape), np.uint16)
    affinities[:, mask] = _few_valued_affinities(len(offsets), int(mask.sum()))
    return MergeProblem.from_grid(
        affinities, offsets, stages.astype(np.int32), THRESHOLDS, mask=mask, linkage=linkage
    )


def first_and_last_vertices(linkage: str) -> MergeProblem:
    """A graph of ``VERTICES`` vertices, in which the first and the last ``PATCH`` form a complete graph."""
    names = np.append(np.arange(PATCH), np.arange(VERTICES - PATCH, VERTICES))
    u, v = np.triu_indices(len(names), 1)
    return MergeProblem.from_edges(
        VERTICES,
        np.stack([names[u], names[v]], axis=1),
        _few_valued_affinities(len(u)),
        np.arange(len(u)) % 2,
        THRESHOLDS,
        linkage=linkage,
    )


def many_segments(linkage: str) -> MergeProblem:
    """A grid of one row of ``VERTICES`` pixels, of which most stay segments of one pixel.

    Before the last thousand pixels, only one affinity in a hundred can reach the threshold.
    """
    affinities = _few_valued_affinities(1, 1, VERTICES)
    early = affinities[..., :-1000]
    early[:, :, np.arange(early.shape[-1]) % 100 > 0] //= 2
    return MergeProblem.from_grid(affinities, [(0, 1)], [0], THRESHOLDS[:1], linkage=linkage)


def many_stages(linkage: str) -> MergeProblem:
    """A grid with ``STAGES`` stages, each with one offset. Some pixels merge in every stage."""
    offsets = [(0, 1), (1, 0), (1, 1), (1, -1), (0, 2), (2, 0), (0, 3), (3, 0)]
    return MergeProblem.from_grid(
        _few_valued_affinities(STAGES, 12, 12),
        offsets,
        np.arange(STAGES),
        np.linspace(0.95, 0.25, STAGES),
        linkage=linkage,
    )


def wide_grid(linkage: str) -> MergeProblem:
    """A grid with more than 64 rows, more than 64 columns and many ties."""
    offsets = [(0, 1), (1, 0), (3, -2)]
    return MergeProblem.from_grid(
        _few_valued_affinities(len(offsets), 66, 98),
        offsets,
        [0, 0, 1],
        THRESHOLDS,
        linkage=linkage,
    )


def street_fields(shape: tuple[int, int], linkage: str) -> list[MergeProblem]:
    """The same synthetic street of ``shape`` three times: with mild noise, with strong noise, and with ties.

    The last problem has strong noise and affinities that are rounded down to ``LEVELS`` different values.
    """
    streets = [field(*shape, noise=noise, linkage=linkage) for noise in NOISE]
    rough = streets[-1].affinities.astype(np.int64) * LEVELS // (ONE + 1) * (ONE // LEVELS)
    return [*streets, streets[-1].replace(affinities=rough.astype(np.uint16))]


def street_in_planes(shape: tuple[int, int], linkage: str) -> MergeProblem:
    """A 3-D grid of two planes. Each plane is another synthetic street of ``shape``."""
    front, back = (field(*shape, seed=seed, linkage=linkage) for seed in (0, 1))
    planes = np.stack([front.affinities, back.affinities], axis=1)
    between = np.stack([front.affinities[0], back.affinities[0]])
    assert front.offsets is not None
    flat = np.pad(front.offsets, ((0, 0), (1, 0)))
    return MergeProblem.from_grid(
        np.concatenate([planes, between[None]]),
        np.concatenate([flat, [[1, 0, 0]]]),
        np.append(front.stages, 0),
        front.thresholds,
        mask=np.stack([front.foreground, back.foreground]),
        linkage=linkage,
    )


def _few_valued_affinities(*shape: int) -> UInt16Array:
    """Random uint16 affinities with ``LEVELS + 1`` different values. Each call returns the same ones."""
    raw = np.random.PCG64(0).random_raw(math.prod(shape)).reshape(shape)
    return (raw % (LEVELS + 1) * ONE // LEVELS).astype(np.uint16)
