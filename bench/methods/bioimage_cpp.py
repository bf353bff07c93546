"""bioimage-cpp: mutex watershed on the grid; GASP with linkage "mean" and multicuts on a graph."""

from typing import Any

import numpy as np

from bench.methods.adapters import (
    SINGLE_STAGE_THRESHOLD,
    foreground_edges,
    grid_offsets,
    installed_version,
)
from merge_impls import Backend, MergeProblem
from merge_impls.arrays import BoolArray, Float32Array, Float64Array, IntegerArray
from merge_impls.fixed_point_affinities import ONE

_PROVIDER: dict[str, Any] = {
    "version": installed_version("bioimage-cpp"),
    "requires": ("bioimage_cpp",),
    "install": "pip install bioimage-cpp",
    "linkages": ("average",),
    "dimensions": (2, 3),
}

_ON_GRAPH: dict[str, Any] = {
    "prepare": "bench.methods.bioimage_cpp:signed_graph",
    "finish": "bench.methods.adapters:labels_of_clusters",
    **_PROVIDER,
}

MUTEX_WATERSHED = Backend(
    name="bioimage-cpp mutex watershed",
    description="mutex watershed, another, simpler rule; each offset attracts (p) and repels (1 - p)",
    function="bench.methods.bioimage_cpp:mutex_watershed",
    prepare="bench.methods.bioimage_cpp:signed_channels",
    finish="bench.methods.adapters:labels_of_image",
    **_PROVIDER,
)

GASP_MEAN = Backend(
    name="bioimage-cpp GASP mean",
    description=f"exact average linkage in one stage, down to {SINGLE_STAGE_THRESHOLD}",
    function="bench.methods.bioimage_cpp:gasp_mean",
    **_ON_GRAPH,
)

MULTICUT_GREEDY = Backend(
    name="bioimage-cpp multicut, greedy",
    description=(
        f"multicut of p - {SINGLE_STAGE_THRESHOLD}, by greedy additive contraction: all offsets at once"
    ),
    function="bench.methods.bioimage_cpp:multicut_greedy",
    **_ON_GRAPH,
)

MULTICUT_KERNIGHAN_LIN = Backend(
    name="bioimage-cpp multicut, Kernighan-Lin",
    description=f"multicut of p - {SINGLE_STAGE_THRESHOLD}, by Kernighan and Lin from the greedy one",
    function="bench.methods.bioimage_cpp:multicut_kernighan_lin",
    **_ON_GRAPH,
)


Channels = tuple[Float32Array, list[list[int]], BoolArray]
"""Weights, the offset of each channel, and the foreground mask."""

SignedGraph = tuple[Any, Float64Array]
"""A graph of bioimage-cpp, and the weight of each edge."""


def signed_channels(problem: MergeProblem) -> Channels:
    """Returns K channels of p followed by K of 1 - p, (2K, *shape) float32; the offset of each channel; the
    foreground mask.
    """
    offsets = 2 * grid_offsets(problem).tolist()
    attraction = problem.affinities / np.float32(ONE)
    return np.concatenate([attraction, 1 - attraction]), offsets, problem.foreground


def mutex_watershed(channels: Channels) -> IntegerArray:
    """The cluster of each pixel, of the grid's shape."""
    from bioimage_cpp.segmentation import mutex_watershed as segment

    affinities, offsets, mask = channels
    clusters: IntegerArray = segment(affinities, offsets, len(offsets) // 2, mask=mask)
    return clusters


def signed_graph(problem: MergeProblem) -> SignedGraph:
    """A graph of the foreground pixels with its adjacency, and p - 0.5 of each edge, (M,) float64."""
    from bioimage_cpp.graph import UndirectedGraph

    ends, affinities = foreground_edges(problem)
    order = np.lexsort(ends.T[::-1])  # the fast constructor takes sorted edges
    graph = UndirectedGraph.from_unique_edges(
        int(problem.foreground.sum()), ends[order].astype(np.uint64)
    )
    graph.freeze()
    return graph, affinities[order] / ONE - SINGLE_STAGE_THRESHOLD


def gasp_mean(graph_and_weights: SignedGraph) -> IntegerArray:
    """The cluster of each vertex."""
    from bioimage_cpp.graph.agglomeration import GaspClusterPolicy

    clusters: IntegerArray = GaspClusterPolicy(linkage="mean").optimize(*graph_and_weights)
    return clusters


def multicut_greedy(graph_and_weights: SignedGraph) -> IntegerArray:
    """The cluster of each vertex."""
    from bioimage_cpp.graph import multicut

    objective = multicut.MulticutObjective(*graph_and_weights)
    clusters: IntegerArray = multicut.GreedyAdditiveMulticut().optimize(objective)
    return clusters


def multicut_kernighan_lin(graph_and_weights: SignedGraph) -> IntegerArray:
    """The cluster of each vertex."""
    from bioimage_cpp.graph import multicut

    solvers = [multicut.GreedyAdditiveMulticut(), multicut.KernighanLinMulticut()]
    objective = multicut.MulticutObjective(*graph_and_weights)
    clusters: IntegerArray = multicut.ChainedMulticutSolvers(solvers).optimize(objective)
    return clusters
