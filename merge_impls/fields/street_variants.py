"""Streets with affinities of few different values, and streets with (nearly) no foreground."""

import numpy as np

from merge_impls.arrays import BoolArray, UInt16Array
from merge_impls.fields.field import THRESHOLDS, field, true_instances
from merge_impls.fields.grid_sizes import grid_shape
from merge_impls.fields.portable_random import PortableRandom
from merge_impls.fixed_point_affinities import ONE
from merge_impls.offsets import offsets_at_distances, pair_slices, stages_by_distance
from merge_impls.problem import MergeProblem

_EDGES_PER_PIXEL = 9
"""The edges of a street divided by all pixels of the picture; small pictures have fewer edges."""

_PATCHES, _PATCH_SIDE = 4, 6
"""The number of foreground squares in a nearly empty frame, and their side in pixels."""


def street_shape(edges: int) -> tuple[int, int]:
    """The (height, width) of a street with about ``edges`` edges. The width is twice the height."""
    height, width = grid_shape(edges // _EDGES_PER_PIXEL, (1, 2))
    return max(height, 8), max(width, 16)


def street(edges: int, noise: str, seed: int, linkage: str) -> MergeProblem:
    """A ``field`` with about ``edges`` edges."""
    return field(*street_shape(edges), noise, seed, linkage)


def eight_bit_street(edges: int, seed: int, linkage: str) -> MergeProblem:
    """A street with mild noise, and with affinities that are rounded to multiples of 1 / 255."""
    problem = street(edges, "mild", seed, linkage)
    level = ONE // 255
    rounded = (problem.affinities.astype(np.int32) + level // 2) // level * level
    return problem.replace(affinities=rounded.astype(np.uint16))


def two_valued_street(edges: int, seed: int, linkage: str) -> MergeProblem:
    """A street with perfect affinities: 1 for two pixels of the same label, 0 for any other pair."""
    labels = true_instances(*street_shape(edges), seed)
    offsets = offsets_at_distances()
    affinities = np.zeros((len(offsets), *labels.shape), np.uint16)
    for channel, offset in zip(affinities, offsets, strict=True):
        first, second = pair_slices(labels.shape, offset)
        channel[first][labels[first] == labels[second]] = ONE
    return _problem_with_paper_offsets(affinities, labels > 0, linkage)


def constant_street(edges: int, seed: int, linkage: str) -> MergeProblem:
    """A street in which all affinities are 1."""
    mask = true_instances(*street_shape(edges), seed) > 0
    return _problem_with_paper_offsets(_affinities_of_one(mask.shape), mask, linkage)


def empty_frame(edges: int, linkage: str) -> MergeProblem:
    """A grid as large as a street with about ``edges`` edges, but without foreground."""
    shape = street_shape(edges)
    return _problem_with_paper_offsets(
        _affinities_of_one(shape), np.zeros(shape, np.bool_), linkage
    )


def nearly_empty_frame(edges: int, random: PortableRandom, linkage: str) -> MergeProblem:
    """A grid as large as a street with about ``edges`` edges, with four small squares as foreground."""
    shape = street_shape(edges)
    mask = np.zeros(shape, np.bool_)
    for corner in random.integers((_PATCHES, 2), 32).tolist():
        row, column = (
            place * (length - _PATCH_SIDE) >> 32
            for place, length in zip(corner, shape, strict=True)
        )
        mask[row : row + _PATCH_SIDE, column : column + _PATCH_SIDE] = True
    affinities = _affinities_of_one(shape)
    affinities[:, mask] -= random.integers((len(affinities), int(mask.sum())), 14).astype(np.uint16)
    return _problem_with_paper_offsets(affinities, mask, linkage)


def _affinities_of_one(shape: tuple[int, ...]) -> UInt16Array:
    return np.full((len(offsets_at_distances()), *shape), ONE, np.uint16)


def _problem_with_paper_offsets(
    affinities: UInt16Array, mask: BoolArray, linkage: str
) -> MergeProblem:
    offsets = offsets_at_distances()
    return MergeProblem.from_grid(
        affinities,
        offsets,
        stages_by_distance(offsets),
        THRESHOLDS[linkage],
        mask=mask,
        linkage=linkage,
    )
