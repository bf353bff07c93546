"""Methods of the library bioimage-cpp: mutex watershed, GASP with linkage "mean", and multicuts."""

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

_COMMON_FIELDS: dict[str, Any] = {
    "version": installed_version("bioimage-cpp"),
    "requires": ("bioimage_cpp",),
    "install": "pip install bioimage-cpp",
    "linkages": ("average",),
    "approximate": ("average",),
    "dimensions": (2, 3),
}

_GRAPH_METHOD_FIELDS: dict[str, Any] = {
    "prepare": "bench.methods.bioimage_cpp:signed_graph",
    "finish": "bench.methods.adapters:labels_of_clusters",
    **_COMMON_FIELDS,
}

MUTEX_WATERSHED = Backend(
    name="bioimage-cpp mutex watershed",
    description="mutex watershed, another, simpler rule; each offset attracts (p) and repels (1 - p)",
    function="bench.methods.bioimage_cpp:mutex_watershed",
    prepare="bench.methods.bioimage_cpp:signed_channels",
    finish="bench.methods.adapters:labels_of_cluster_map",
    **_COMMON_FIELDS,
)

GASP_MEAN = Backend(
    name="bioimage-cpp GASP mean",
    description=f"exact average linkage in one stage, down to {SINGLE_STAGE_THRESHOLD}",
    function="bench.methods.bioimage_cpp:gasp_mean",
    **_GRAPH_METHOD_FIELDS,
)

MULTICUT_GREEDY = Backend(
    name="bioimage-cpp multicut, greedy",
    description=(
        f"multicut of p - {SINGLE_STAGE_THRESHOLD}, by greedy additive contraction: all offsets at once"
    ),
    function="bench.methods.bioimage_cpp:multicut_greedy",
    **_GRAPH_METHOD_FIELDS,
)

MULTICUT_KERNIGHAN_LIN = Backend(
    name="bioimage-cpp multicut, Kernighan-Lin",
    description=f"multicut of p - {SINGLE_STAGE_THRESHOLD}, by Kernighan and Lin from the greedy one",
    function="bench.methods.bioimage_cpp:multicut_kernighan_lin",
    **_GRAPH_METHOD_FIELDS,
)


Channels = tuple[Float32Array, list[list[int]], BoolArray]
"""The weights (2K, *shape) of pixel pairs, the offset of each channel, and the foreground mask."""

SignedGraph = tuple[Any, Float64Array]
"""A graph of bioimage-cpp, and the weight of each edge."""


def signed_channels(problem: MergeProblem) -> Channels:
    """The input of the mutex watershed: K channels with the affinities p, then K channels with 1 - p."""
    offsets = 2 * grid_offsets(problem).tolist()
    attraction = problem.affinities / np.float32(ONE)
    return np.concatenate([attraction, 1 - attraction]), offsets, problem.foreground


def mutex_watershed(channels: Channels) -> IntegerArray:
    """The cluster of each pixel, in the shape of the grid."""
    from bioimage_cpp.segmentation import mutex_watershed as segment

    affinities, offsets, mask = channels
    clusters: IntegerArray = segment(affinities, offsets, len(offsets) // 2, mask=mask)
    return clusters


def signed_graph(problem: MergeProblem) -> SignedGraph:
    """The graph of the foreground pixels, and the weight p - 0.5 of each edge, (M,) float64."""
    from bioimage_cpp.graph import UndirectedGraph

    ends, affinities = foreground_edges(problem)
    order = np.lexsort(ends.T[::-1])  # from_unique_edges requires sorted edges
    graph = UndirectedGraph.from_unique_edges(
        int(problem.foreground.sum()), ends[order].astype(np.uint64)
    )
    graph.freeze()
    return graph, affinities[order] / ONE - SINGLE_STAGE_THRESHOLD


def gasp_mean(graph_and_weights: SignedGraph) -> IntegerArray:
    """The cluster of each vertex, by GASP with linkage "mean"."""
    from bioimage_cpp.graph.agglomeration import GaspClusterPolicy

    clusters: IntegerArray = GaspClusterPolicy(linkage="mean").optimize(*graph_and_weights)
    return clusters


def multicut_greedy(graph_and_weights: SignedGraph) -> IntegerArray:
    """The cluster of each vertex, by greedy additive contraction."""
    from bioimage_cpp.graph import multicut

    objective = multicut.MulticutObjective(*graph_and_weights)
    clusters: IntegerArray = multicut.GreedyAdditiveMulticut().optimize(objective)
    return clusters


def multicut_kernighan_lin(graph_and_weights: SignedGraph) -> IntegerArray:
    """The cluster of each vertex, by greedy additive contraction improved with Kernighan-Lin."""
    from bioimage_cpp.graph import multicut

    solvers = [multicut.GreedyAdditiveMulticut(), multicut.KernighanLinMulticut()]
    objective = multicut.MulticutObjective(*graph_and_weights)
    clusters: IntegerArray = multicut.ChainedMulticutSolvers(solvers).optimize(objective)
    return clusters
