"""Mutex watershed with the library mwatershed, which is written in Rust."""

import numpy as np

from bench.methods.adapters import grid_offsets, installed_version
from merge_impls import Backend, MergeProblem
from merge_impls.arrays import Float64Array, IntegerArray
from merge_impls.fixed_point_affinities import ONE
from merge_impls.offsets import pair_slices

MWATERSHED = Backend(
    name="mwatershed",
    description="mutex watershed, another, simpler rule; each offset attracts (p) and repels (p - 1)",
    version=installed_version("mwatershed"),
    function="bench.methods.mwatershed:mutex_watershed",
    prepare="bench.methods.mwatershed:signed_channels",
    finish="bench.methods.adapters:labels_of_cluster_map",
    requires=("mwatershed",),
    install="pip install mwatershed",
    linkages=("average",),
    approximate=("average",),
    dimensions=(2, 3),
)


Channels = tuple[Float64Array, list[list[int]]]
"""The weights (2N, *shape) of pixel pairs, and the offset of each channel."""


def signed_channels(problem: MergeProblem) -> Channels:
    """The input of mwatershed: N channels with the affinities p, then N channels with p - 1.

    mwatershed has no parameter for a mask, but it ignores edges of weight 0. So edges outside the foreground
    get weight 0. Offsets longer than the grid are left out, because mwatershed fails with them.
    """
    offsets, mask = grid_offsets(problem), problem.foreground
    fit = np.flatnonzero((np.abs(offsets) < problem.shape).all(axis=1))
    channels = np.zeros((2, len(fit), *problem.shape))
    for (attracts, repels), k in zip(channels.swapaxes(0, 1), fit, strict=True):
        first, second = pair_slices(problem.shape, offsets[k])
        attraction = problem.affinities[k][first] / ONE
        inside = mask[first] & mask[second]
        attracts[first] = attraction * inside
        repels[first] = (attraction - 1) * inside
    return channels.reshape(-1, *problem.shape), 2 * offsets[fit].tolist()


def mutex_watershed(channels: Channels) -> IntegerArray:
    """The cluster of each pixel, in the shape of the grid."""
    from mwatershed import agglom as segment

    clusters: IntegerArray = segment(*channels)
    return clusters
