"""Three families of graphs that are given by lists of edges: ``star``, ``hubs`` and ``regions``."""

import numpy as np

from merge_impls.arrays import Float64Array, Int64Array, UInt16Array
from merge_impls.fields.grid_sizes import rounded_root
from merge_impls.fields.pixel_affinities import random_powers
from merge_impls.fields.portable_random import PortableRandom
from merge_impls.fixed_point_affinities import ONE
from merge_impls.offsets import offsets_at_distances, pair_slices
from merge_impls.problem import MergeProblem

_EDGES_PER_LEAF = 4
"""In ``hubs``, the number of edges of each vertex that is not a hub. All of them lead to hubs."""

_OBJECT_SIDE = 4
"""In ``regions``, an object is a cube with this many regions along each side."""

_INSIDE, _ACROSS = ONE * 3 // 4, ONE * 3 // 10
"""In ``regions``, the mean affinity of an edge inside an object, and of an edge between two objects."""

_VERTICES_PER_EDGE = 15, 100
"""In ``regions``, the number of vertices is 15 / 100 of the number of edges.

A region has 26 lattice neighbours, so there are 13 pairs of neighbours for each region. Half of the
pairs have an edge: 6.5 edges for each region, and 1 / 6.5 is about 15 / 100.
"""


def star(edges: int, random: PortableRandom, linkage: str) -> MergeProblem:
    """A graph in which vertex 0, the hub, has an edge to every other vertex.

    The other vertices form a ring. Affinities are uniform random numbers: in [0.5, 1] for the edges of the
    hub, in [0, 1] for the edges of the ring.
    """
    leaves = np.arange(1, max(3, edges // 2) + 1)
    spokes = np.stack([np.zeros_like(leaves), leaves], axis=1)
    ring = np.stack([leaves, np.roll(leaves, -1)], axis=1)
    affinities = random.integers((2, len(leaves)), 16)
    affinities[0] = (affinities[0] + ONE + 1) // 2
    return _one_stage_problem(
        len(leaves) + 1, np.concatenate([spokes, ring]), affinities.ravel(), linkage
    )


def hubs(edges: int, random: PortableRandom, linkage: str) -> MergeProblem:
    """A graph with ``edges ** (1 / 3)`` hubs. Every vertex that is not a hub has four edges to random hubs.

    Affinities are square roots of uniform random numbers. First most of the other vertices merge into
    hubs, then the hubs merge with each other.
    """
    count, leaves = max(2, rounded_root(edges, 3)), max(1, edges // _EDGES_PER_LEAF)
    chosen = random.integers((leaves, _EDGES_PER_LEAF), 32) * count >> 32
    names = np.arange(count, count + leaves).repeat(_EDGES_PER_LEAF)
    affinities = random_powers(random, (chosen.size,), _square)
    return _one_stage_problem(
        count + leaves, np.stack([chosen.ravel(), names], axis=1), affinities, linkage
    )


def regions(edges: int, random: PortableRandom, linkage: str) -> MergeProblem:
    """A graph like that of a watershed: vertices are regions of a volume, edges join adjacent regions.

    The regions lie on a cubic lattice, in which each region has 26 neighbours. A random half of the pairs
    of neighbours have an edge. The volume is divided into objects of 64 regions. Affinities have a
    bell-shaped distribution, with mean 0.75 inside objects and mean 0.3 between objects.
    """
    side = max(2, rounded_root(edges * _VERTICES_PER_EDGE[0] // _VERTICES_PER_EDGE[1], 3))
    vertices = np.arange(side**3).reshape(side, side, side)
    objects = _object_of_each_region(side)
    pairs, means = [], []
    for offset in offsets_at_distances((1,), ndim=3):
        first, second = pair_slices(vertices.shape, offset)
        kept = random.integers(vertices[first].shape, 1) == 1
        pairs.append(np.stack([vertices[first][kept], vertices[second][kept]], axis=1))
        alike = objects[first][kept] == objects[second][kept]
        means.append(np.where(alike, _INSIDE, _ACROSS))
    affinities = np.concatenate(means)
    affinities = np.clip(affinities + 64 * random.bell_shaped(affinities.shape), 0, ONE)
    return _one_stage_problem(vertices.size, np.concatenate(pairs), affinities, linkage)


def _object_of_each_region(side: int) -> Int64Array:
    """For each region, the number of its object: int64 of shape (side, side, side)."""
    along = np.arange(side) // _OBJECT_SIDE
    return np.add.outer(np.add.outer(along * side**2, along * side), along)


def _one_stage_problem(
    vertices: int, edges: Int64Array, affinities: Int64Array | UInt16Array, linkage: str
) -> MergeProblem:
    """Make a problem from edges that all belong to one stage with the threshold 0.5."""
    return MergeProblem.from_edges(
        vertices,
        edges,
        affinities.astype(np.uint16),
        np.zeros(len(edges), np.int32),
        [0.5],
        linkage=linkage,
    )


def _square(values: Float64Array) -> Float64Array:
    return values * values
