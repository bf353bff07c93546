"""Grids without a mask. In ``dense_2d`` and ``dense_3d`` one giant segment takes most of the grid."""

import numpy as np

from merge_impls.arrays import Float64Array
from merge_impls.fields.grid_sizes import grid_shape
from merge_impls.fields.pixel_affinities import random_powers, smallest_on_the_way
from merge_impls.fields.portable_random import PortableRandom
from merge_impls.offsets import offsets_at_distances
from merge_impls.problem import MergeProblem


def dense_2d(edges: int, random: PortableRandom, linkage: str) -> MergeProblem:
    """A square grid with two offsets. The affinity of a pair is min(u, v) ** 0.25.

    u and v are random numbers of the two pixels, uniform in [0, 1).
    """
    return _dense_grid(grid_shape(edges // 2, (1, 1)), random, linkage)


def dense_3d(edges: int, random: PortableRandom, linkage: str) -> MergeProblem:
    """A cubic grid with three offsets. The affinity of a pair is min(u, v) ** 0.4.

    u and v are random numbers of the two voxels, uniform in [0, 1).
    """
    return _dense_grid(grid_shape(edges // 3, (1, 1, 1)), random, linkage)


def uniform_random(edges: int, random: PortableRandom, linkage: str) -> MergeProblem:
    """A square grid in which every pixel is joined to its eight neighbours.

    The affinities are independent and uniform in [0, 1].
    """
    shape, offsets = grid_shape(edges // 4, (1, 1)), offsets_at_distances((1,))
    affinities = random.integers((len(offsets), *shape), 16).astype(np.uint16)
    return MergeProblem.from_grid(affinities, offsets, [0] * 4, [0.5], linkage=linkage)


def _dense_grid(shape: tuple[int, ...], random: PortableRandom, linkage: str) -> MergeProblem:
    """Make a grid of ``shape`` in which every pixel is joined to the next pixel along each axis."""
    inverse = _fourth_power if len(shape) == 2 else _power_of_five_halves
    offsets = np.eye(len(shape), dtype=np.int64)[::-1]
    affinities = smallest_on_the_way(random_powers(random, shape, inverse), offsets)
    return MergeProblem.from_grid(affinities, offsets, [0] * len(shape), [0.5], linkage=linkage)


def _fourth_power(values: Float64Array) -> Float64Array:
    squares = values * values
    return squares * squares


def _power_of_five_halves(values: Float64Array) -> Float64Array:
    return values * values * np.sqrt(values)
