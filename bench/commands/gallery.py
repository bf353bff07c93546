"""The failure gallery of a report: the worst that was missed, joined and split (the paper's Fig. 8)."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np

from bench.datasets import Dataset
from bench.pipeline import Pipeline
from bench.regions import enlarged, sampled
from bench.report.failure_gallery import draw_failures
from bench.report.failures import find_failures, worst_failures
from bench.runner.units import Unit
from bench.types import Instance, Sample


def draw_gallery(
    path: Path, units: Sequence[Unit], pipeline: Pipeline, dataset: Dataset, split: str, count: int
) -> None:
    """Draw ``count`` failures of each kind among the units' images, with the whole image's affinities at the
    seams; no picture where nothing failed. All is drawn as large as the networks saw it."""
    found = {unit.image: unit.instances for unit in units}

    def seen(name: str) -> tuple[Sample, list[Instance]]:
        sample = dataset.load(split, name)
        size = pipeline.seen_size(sample.semantic.shape, is_whole=True)
        parts = {key: sampled(getattr(sample, key), size) for key in ("semantic", "instances")}
        larger = replace(sample, image=enlarged(sample.image, size), **parts)
        return larger, [
            Instance(sampled(one.mask, size), one.class_name, one.score) for one in found[name]
        ]

    def load(name: str) -> tuple[Sample, list[Instance], np.ndarray]:
        return *seen(name), pipeline.maps(dataset.image(split, name)).affinity

    failures = []
    for name in found:
        sample, instances = seen(name)
        failures += find_failures(name, sample.instances, instances)
    chosen = worst_failures(failures, count)
    if chosen:
        draw_failures(path, chosen, load, pipeline.plan.offsets)
