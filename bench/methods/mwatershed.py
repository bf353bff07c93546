"""mwatershed: mutex watershed in Rust."""

import numpy as np

from bench.methods.adapters import grid_offsets, installed_version
from merge_impls import Backend, MergeProblem
from merge_impls.arrays import Float64Array, IntegerArray
from merge_impls.fixed_point_affinities import ONE
from merge_impls.offsets import pair_slices

AGGLOM = Backend(
    name="mwatershed",
    description="mutex watershed, another, simpler rule; each offset attracts (p) and repels (p - 1)",
    version=installed_version("mwatershed"),
    function="bench.methods.mwatershed:agglom",
    prepare="bench.methods.mwatershed:signed_channels",
    finish="bench.methods.adapters:labels_of_image",
    requires=("mwatershed",),
    install="pip install mwatershed",
    linkages=("average",),
    dimensions=(2, 3),
)


Channels = tuple[Float64Array, list[list[int]]]
"""Weights and the offset of each channel."""


def signed_channels(problem: MergeProblem) -> Channels:
    """(2N, *shape) float64, p and then p - 1, and the offset of each, of the N offsets that fit into a grid.

    mwatershed takes no mask, but leaves out edges of weight 0: here, all that do not lie inside the
    foreground. It panics at an offset that is longer than the grid.
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


def agglom(channels: Channels) -> IntegerArray:
    """The cluster of each pixel, of the grid's shape."""
    from mwatershed import agglom as segment

    clusters: IntegerArray = segment(*channels)
    return clusters
