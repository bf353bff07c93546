"""Why FLM changes AP little here and SCP lowers two-wheeler AP: two experiments on what the README states.

    python -m benchmarks.causes                # 16 images of the tuning slice, some five minutes
    python -m benchmarks.causes --images 48    # all of it

This is no benchmark but a small study with a script of its own; it uses the settings of Table 2.
Noise: FLM averages neighbouring pixels, so it should help more when noise is added to single pixels.
Oracle: the annotation replaces one network at a time. The network whose replacement restores the AP of
two-wheelers with SCP is the one that fails on the smaller crops. Predictions are kept in the cache.
"""

import argparse
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial

import numpy as np
from tqdm import tqdm

from bench import paths
from bench.cache import AffinityCache
from bench.datasets import Dataset, open_dataset
from bench.evaluation.average_precision import SizeRange
from bench.evaluation.bootstrap import paired_interval
from bench.evaluation.in_memory import Evaluation, evaluate
from bench.pipeline.prediction import Predictor
from bench.pipeline.segment import Pipeline
from bench.pipeline.view import View
from bench.runner.study_file import find_variant
from bench.types import Instance, Sample
from merge_impls.arrays import Float32Array

NOISES = (0.0, 1.0, 2.0)
"""Standard deviations of what is added to the logits of the affinities."""

ORACLES = ((), ("semantic",), ("affinity",))


@dataclass(frozen=True)
class Slice:
    """Images of the train split that no network was trained on."""

    dataset: Dataset
    names: list[str]

    def evaluated(self, find: Callable[[Sample], list[Instance]]) -> Evaluation:
        dataset, names = self.dataset, self.names
        found = {name: find(dataset.load("train", name)) for name in tqdm(names, leave=False)}
        truth = {name: dataset.annotation("train", name) for name in names}
        return evaluate(found, truth, dataset.class_names, SizeRange(dataset.least_object_pixels))


class NoisyPredictor:
    """Another predictor with independent normal noise on the logit of every affinity; the same every time."""

    def __init__(self, predictor: Predictor, deviation: float) -> None:
        self.size, self.semantic, self.prepare = (
            predictor.size,
            predictor.semantic,
            predictor.prepare,
        )
        self._predictor, self._deviation = predictor, deviation
        self._random = np.random.default_rng(0)

    def affinity(self, view: View) -> Float32Array:
        """Undirected affinities with noise."""
        sure = self._predictor.affinity(view)
        if not self._deviation:
            return sure
        sure = sure.clip(1e-4, 1 - 1e-4)
        noise = self._deviation * self._random.standard_normal(sure.shape)
        logits = np.log(sure / (1 - sure)) + noise
        return (1 / (1 + np.exp(-logits))).astype(np.float32)


def found_in_noise(pipeline: Pipeline, deviation: float, sample: Sample) -> list[Instance]:
    """Instances found with independent noise on every affinity."""
    return pipeline.segment(NoisyPredictor(pipeline.predictor(sample.image), deviation)).instances


def found_with_oracle(pipeline: Pipeline, oracle: Sequence[str], sample: Sample) -> list[Instance]:
    """Instances found with the annotation in the place of some networks."""
    return pipeline.segment(pipeline.oracle(sample, oracle)).instances


def try_noise(images: Slice, regions: Pipeline) -> None:
    """AP with and without windows of 2 pixels, as the noise grows."""
    for deviation in NOISES:
        pipelines = [regions.replace(flm=window) for window in (1, 2)]
        pixels, windows = (
            images.evaluated(partial(found_in_noise, pipeline, deviation)) for pipeline in pipelines
        )
        change = paired_interval(pixels, windows)
        print(
            f"noise {deviation}: AP {pixels.ap_scores().ap:.3f}, with FLM 2 {windows.ap_scores().ap:.3f}, "
            f"{change.difference:+.3f} ({change.low:+.3f} to {change.high:+.3f})"
        )


def try_oracle(images: Slice, regions: Pipeline) -> None:
    """AP by class with and without SCP, with the annotation in the place of either network."""
    for oracle in ORACLES:
        for scp in (False, True):
            pipeline = regions.replace(flm=2, scp=scp)
            scores = images.evaluated(partial(found_with_oracle, pipeline, oracle)).ap_scores()
            classes = ", ".join(f"{name} {ap:.3f}" for name, (ap, _) in scores.per_class.items())
            given, switch = ", ".join(oracle) or "nothing", "on" if scp else "off"
            print(f"true {given}, SCP {switch}: AP {scores.ap:.3f}; {classes}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--images", type=int, default=16)
    dataset = open_dataset("scenes", paths.data_folder("scenes"))
    slice_ = dataset.tuning_names(dataset.names("train"))[: parser.parse_args().images]
    cache = AffinityCache(paths.CACHE)
    strategy = find_variant("table2", "PAR, RR").strategy
    regions = Pipeline(paths.model_folder("scenes"), cache, strategy)
    images = Slice(dataset, slice_)
    try_noise(images, regions)
    try_oracle(images, regions)


if __name__ == "__main__":
    main()
