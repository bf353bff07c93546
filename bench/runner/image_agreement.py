"""Measures how well the segments of an image agree with the exact ones, over all regions of the image."""

from collections.abc import Callable, Sequence

from bench.pipeline.graph import RegionGraph
from bench.pipeline.instances import pixel_labels
from bench.pipeline.segment import Pipeline
from merge_impls import CompleteResult, MergeProblem
from merge_impls.label_agreement import LabelAgreement, join_labels


def agreement_with_exact(
    pipeline: Pipeline,
    make_graphs: Callable[[Pipeline], Sequence[RegionGraph]],
    graphs: Sequence[RegionGraph],
    results: Sequence[CompleteResult | None],
    merge_exactly: Callable[[MergeProblem], CompleteResult],
) -> LabelAgreement | None:
    """The agreement of merge results with the exact result, in pixels; None if a region has no result.

    The exact result is that of the graph of pixels, without forced local merge (section 4.4).

    make_graphs: the graphs of the image with the configuration of a pipeline.
    graphs: the merged graphs of all regions. results: their results. merge_exactly: an exact backend.
    """
    complete = [result for result in results if result is not None]
    if len(complete) < len(graphs):
        return None
    of_pixels = graphs
    if pipeline.config.flm > 1:
        of_pixels = make_graphs(pipeline.replace(flm=1))
    exact = [merge_exactly(each.graph.problem) for each in of_pixels]
    found, expected = (
        join_labels(
            pixel_labels(graph.with_merge_result(result))
            for graph, result in zip(merged, merges, strict=True)
        )
        for merged, merges in ((graphs, complete), (of_pixels, exact))
    )
    return LabelAgreement.between(found, expected)
