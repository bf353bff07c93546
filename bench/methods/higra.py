"""Higra: its average-linkage tree, built and cut stage by stage."""

from typing import Any

import numpy as np

from bench.methods.adapters import foreground_edges, installed_version
from merge_impls import Backend, MergeProblem
from merge_impls.arrays import Float64Array, Int64Array, IntegerArray, UInt16Array
from merge_impls.fixed_point_affinities import ONE

AVERAGE = Backend(
    name="Higra, staged",
    description="average linkage in all stages, a whole tree each, in float64 and with other ties",
    version=installed_version("higra"),
    function="bench.methods.higra:staged_average",
    prepare="bench.methods.higra:stage_graphs",
    finish="bench.methods.adapters:labels_of_clusters",
    requires=("higra",),
    install="pip install higra",
    linkages=("average",),
    dimensions=(2, 3),
)

CONNECTING = 2.0
"""The length of edges that only make a graph connected, as Higra's trees require: above all distances."""

ROUNDING = float(np.finfo(np.float32).eps) / 4
"""How far above the height to cut at a mean may lie, from rounding."""

Stage = tuple[Any, Float64Array, float]
"""A graph, the length 1 - p of each edge, and the height to cut at."""


def stage_graphs(problem: MergeProblem) -> list[Stage]:
    """For each stage the graph of its edges and all earlier ones, made connected."""
    import higra
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = int(problem.foreground.sum())
    ends: list[Int64Array] = []
    affinities: list[UInt16Array] = []
    found: list[Stage] = []
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
        lengths = np.concatenate([lengths, np.full(len(one_of_each) - 1, CONNECTING)])
        found.append((graph, lengths, 1 - float(threshold) + ROUNDING))
    return found


def staged_average(stages: list[Stage]) -> IntegerArray:
    """The cluster of each vertex. Higra pools parallel edges between two clusters, as our backends do."""
    import higra

    clusters: IntegerArray = np.arange(stages[0][0].num_vertices())
    for graph, lengths, height in stages:
        regions = higra.make_region_adjacency_graph_from_labelisation(graph, clusters)
        add = higra.Accumulators.sum
        counts = higra.rag_accumulate_on_edges(regions, add, np.ones(len(lengths)))
        totals = higra.rag_accumulate_on_edges(regions, add, lengths)
        if not len(counts):
            continue  # a single region has no tree
        tree, heights = higra.binary_partition_tree_average_linkage(
            regions, totals / counts, counts
        )
        cut = higra.labelisation_horizontal_cut_from_threshold(tree, heights, height)
        clusters = higra.rag_back_project_vertex_weights(regions, cut)
    return clusters
