"""Average linkage with the library Higra: in each stage a tree is built and cut at the threshold."""

from typing import Any

import numpy as np

from bench.methods.adapters import foreground_edges, installed_version
from merge_impls import Backend, MergeProblem
from merge_impls.arrays import Float64Array, Int64Array, IntegerArray, UInt16Array
from merge_impls.fixed_point_affinities import ONE

HIGRA_STAGED_AVERAGE = Backend(
    name="Higra, staged",
    description="average linkage in all stages, a whole tree each, in float64 and with other ties",
    version=installed_version("higra"),
    function="bench.methods.higra:staged_average",
    prepare="bench.methods.higra:stage_graphs",
    finish="bench.methods.adapters:labels_of_clusters",
    requires=("higra",),
    install="pip install higra",
    linkages=("average",),
    approximate=("average",),
    dimensions=(2, 3),
)

CONNECTING_EDGE_LENGTH = 2.0
"""The length of extra edges that only make a graph connected, as Higra requires; above all 1 - p."""

CUT_TOLERANCE = float(np.finfo(np.float32).eps) / 4
"""A tolerance that is added to the height of a cut, because means are rounded."""

StageGraph = tuple[Any, Float64Array, float]
"""The graph of a stage, the length 1 - p of each edge, and the height at which the tree is cut."""


def stage_graphs(problem: MergeProblem) -> list[StageGraph]:
    """The graph of each stage, with the edges of this stage and of all earlier stages, made connected."""
    import higra
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = int(problem.foreground.sum())
    ends: list[Int64Array] = []
    affinities: list[UInt16Array] = []
    found: list[StageGraph] = []
    for stage, threshold in enumerate(problem.thresholds):
        of_stage = foreground_edges(problem, stage)
        ends, affinities = [*ends, of_stage[0]], [*affinities, of_stage[1]]
        u, v = np.concatenate(ends).T
        lengths = 1 - np.concatenate(affinities) / ONE
        adjacency = coo_array((np.ones(len(u), bool), (u, v)), (count, count))
        _, component = connected_components(adjacency, directed=False)
        _, one_of_each = np.unique(component, return_index=True)
        graph = higra.UndirectedGraph(count)
        graph.add_edges(np.concatenate([u, one_of_each[:-1]]), np.concatenate([v, one_of_each[1:]]))
        lengths = np.concatenate([lengths, np.full(len(one_of_each[1:]), CONNECTING_EDGE_LENGTH)])
        found.append((graph, lengths, 1 - float(threshold) + CUT_TOLERANCE))
    return found


def staged_average(stages: list[StageGraph]) -> IntegerArray:
    """The cluster of each vertex. Edges between the same two clusters are pooled, as in our backends."""
    import higra

    clusters: IntegerArray = np.arange(stages[0][0].num_vertices())
    for graph, lengths, height in stages:
        if not len(lengths):
            break  # at most one vertex, of which Higra makes no regions
        regions = higra.make_region_adjacency_graph_from_labelisation(graph, clusters)
        add = higra.Accumulators.sum
        counts = higra.rag_accumulate_on_edges(regions, add, np.ones(len(lengths)))
        totals = higra.rag_accumulate_on_edges(regions, add, lengths)
        if not len(counts):
            continue  # all vertices are in one cluster, which Higra builds no tree for
        tree, heights = higra.binary_partition_tree_average_linkage(
            regions, totals / counts, counts
        )
        cut = higra.labelisation_horizontal_cut_from_threshold(tree, heights, height)
        clusters = higra.rag_back_project_vertex_weights(regions, cut)
    return clusters
