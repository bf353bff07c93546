"""The failure gallery of a report: the worst that was missed, joined and split (the paper's Fig. 8)."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from bench.datasets import Dataset
from bench.pipeline.resizing import resize_nearest
from bench.report.failures.find import find_failures, worst_failures
from bench.report.failures.gallery import draw_failures
from bench.runner.results import ImageResult
from bench.types import Instance, Sample
from merge_impls.fixed_point import ONE

if TYPE_CHECKING:
    from bench.pipeline.resolved_strategy import ResolvedStrategy
    from bench.pipeline.segment import Pipeline


def draw_gallery(
    path: Path,
    results: Sequence[ImageResult],
    pipeline: "Pipeline",
    dataset: Dataset,
    split: str,
    count: int,
) -> None:
    """Draw ``count`` failures of each kind among the units' images; no picture where nothing failed.

    At the seams are the affinities of the whole image as a merge of it weighs them, refined by the classes,
    and its thresholds: regions see the seam larger, but one picture has place for one graph.
    """
    road = pipeline.replace(roi=False, rr=False, flm=1, scp=False)
    found = {result.image: result.instances for result in results}

    def seen(name: str) -> tuple[Sample, list[Instance]]:
        sample = road.at_input_size(dataset.load(split, name))
        size = sample.semantic.shape
        return sample, [
            Instance(resize_nearest(one.mask, size), one.class_name, one.score)
            for one in found[name]
        ]

    def load(name: str) -> tuple[Sample, list[Instance], np.ndarray]:
        (predicted,) = road.predict_regions(dataset.image(split, name))
        return *seen(name), road.graph(predicted).problem.affinities / np.float32(ONE)

    failures = []
    for name in found:
        sample, instances = seen(name)
        failures += find_failures(name, sample.instances, instances)
    chosen = worst_failures(failures, count)
    if chosen:
        draw_failures(
            path, chosen, load, road.resolved.settings.offsets, _by_distance(road.resolved)
        )


def _by_distance(resolved: "ResolvedStrategy") -> dict[int, float]:
    """The merge's threshold in the stage of each distance."""
    settings = resolved.settings
    distances = np.abs(settings.offsets).max(axis=1).tolist()
    return {
        far: resolved.thresholds[stage]
        for far, stage in zip(distances, settings.stages, strict=True)
    }
