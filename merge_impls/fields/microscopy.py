"""Volumes like those of electron microscopy: large cells, and boundaries of many single voxels.

A simulated network predicts for each voxel the probability of a boundary. The probability falls with the
distance from the nearest face between two cells. Smooth noise at two scales is added to it. The affinity of a
pair of voxels is 1 - (the largest probability on the straight way between them). The number of cells does
not depend on the size of the volume, so that larger volumes have larger segments.
"""

import math

import numpy as np

from merge_impls.arrays import Float64Array, Int32Array, Int64Array
from merge_impls.fields.grid_sizes import grid_shape, rounded_root
from merge_impls.fields.pixel_affinities import smallest_on_the_way
from merge_impls.fields.portable_random import PortableRandom
from merge_impls.fields.sigmoid import ONE_LOGIT, sigmoid
from merge_impls.fields.smooth_maps import smooth_noise
from merge_impls.problem import MergeProblem

OFFSETS = np.array(
    [
        (0, 0, 1),
        (0, 1, 0),
        (1, 0, 0),
        (0, 0, 3),
        (0, 3, 0),
        (2, 0, 0),
        (0, 0, 9),
        (0, 9, 0),
        (0, 9, 9),
        (3, 0, 0),
    ]
)
"""Ten offsets (z, y, x). They are shorter along z, which is across the sections of the volume."""

STAGES = (0, 0, 0, 1, 1, 1, 2, 2, 2, 2)
THRESHOLDS = (0.7, 0.5, 0.5)

_CELLS = 20
_CERTAINTY = 5 * ONE_LOGIT
"""The logit of a voxel far inside a cell, before noise."""

_NOISE_CELLS, _NOISE = (2, 8), 20
"""The lattice widths of the two noises in voxels, and the factor of both noises.

The standard deviation of their sum is about 0.8 logits.
"""

_BANDS_OF_CELL = 5
"""The mean diameter of a cell, divided by the width of the band of uncertain voxels on one side of a face."""


def microscopy(edges: int, random: PortableRandom, linkage: str) -> MergeProblem:
    """A volume with axes in proportions 1 : 2 : 4, ``OFFSETS``, ``STAGES`` and ``THRESHOLDS``."""
    shape = grid_shape(edges // len(OFFSETS), (1, 2, 4))
    inside = sigmoid(_inside_logits(shape, random))
    affinities = smallest_on_the_way(inside, OFFSETS)
    return MergeProblem.from_grid(affinities, OFFSETS, STAGES, THRESHOLDS, linkage=linkage)


def _inside_logits(shape: tuple[int, ...], random: PortableRandom) -> Int32Array:
    """int32 of ``shape``: the logits of 1 - (the probability of a boundary)."""
    band = rounded_root(math.prod(shape) // (_CELLS * _BANDS_OF_CELL**3), 3)
    slope = 2 * _CERTAINTY / max(1, band)
    distance = _distance_from_faces(shape, random)
    logits = np.minimum(np.rint(slope * distance), 2 * _CERTAINTY).astype(np.int32) - _CERTAINTY
    for cell in _NOISE_CELLS:
        logits += _NOISE * smooth_noise(random, shape, cell)
    return logits


def _distance_from_faces(shape: tuple[int, ...], random: PortableRandom) -> Float64Array:
    """float64 of ``shape``: the distance in voxels to the face between the two nearest Voronoi cells.

    Products, quotients and square roots are rounded in the same way on every machine. The loop over cells
    needs little memory: only the two smallest squared distances of each voxel are stored.
    """
    middles = random.integers((_CELLS, len(shape)), 32) * np.array(shape) >> 32
    nearest, second = (np.full(shape, 4 * sum(shape) ** 2) for _ in range(2))
    cell, neighbour = (np.zeros(shape, np.int8) for _ in range(2))
    for number, middle in enumerate(middles):
        squared = _squared_distances(shape, middle)
        closest, closer = squared < nearest, squared < second
        neighbour[closer] = number
        neighbour[closest] = cell[closest]
        second = np.minimum(second, np.maximum(nearest, squared))
        cell[closest] = number
        nearest = np.minimum(nearest, squared)
    between = ((middles[:, None] - middles[None]) ** 2).sum(axis=2)[cell, neighbour]
    distances: Float64Array = (second - nearest) / (2 * np.sqrt(np.maximum(between, 1)))
    return distances


def _squared_distances(shape: tuple[int, ...], point: Int64Array) -> Int64Array:
    """int64 array of ``shape``: the squared distance of each voxel from ``point``."""
    axes = (
        (np.arange(length) - place) ** 2
        for length, place in zip(shape, point.tolist(), strict=True)
    )
    squared = np.zeros((), np.int64)
    for along in axes:
        squared = np.add.outer(squared, along)
    return squared
