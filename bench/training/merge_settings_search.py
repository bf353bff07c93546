"""A search for the best settings of the graph merge: its thresholds and r_c (section 3.4).

The best settings are those with the largest objective, such as AP, on the tuning slice. The tuning slice are
those training images that the networks were not trained on.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import product
from typing import Any

import click
from tqdm import tqdm

from bench.datasets import Dataset
from bench.evaluation.average_precision import SizeRange
from bench.evaluation.in_memory import Evaluation
from bench.evaluation.matching import match_predictions
from bench.evaluation.scored_objects import count_scored_objects, refuse_images_without_objects
from bench.pipeline.config import PipelineConfig
from bench.pipeline.graph import RegionGraph, RegionResult
from bench.pipeline.segment import Pipeline
from bench.training.write_model import UNTUNED_MERGE_SETTINGS
from bench.types import Annotation
from merge_impls import merge
from models.model_config import MergeConfig, ModelConfig

INITIAL_THRESHOLDS = ((0.97, 0.7, 0.3), (0.2, 0.1, 0.05))
"""Thresholds that the search tries first: those of the paper (section 3.4), and low ones.

Linkage "weighted" needs low ones. With it, one weak edge halves the weight of a strong edge, so that objects
stay in pieces at high thresholds.
"""

THRESHOLDS_TO_TRY = {
    0: (0.97, 0.92, 0.88, 0.8, 0.5, 0.3, 0.2, 0.15, 0.1),
    1: (0.9, 0.8, 0.7, 0.5, 0.3, 0.2, 0.1, 0.05),
    2: (0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.02),
}
"""For each stage, counted from 0, the thresholds to try. Later stages use those of the last one."""

MIN_OBJECT_PIXELS_TO_TRY = (0, 10, 20, 30, 50, 75, 99)
"""Values of r_c to try. Larger values would drop objects of 100 pixels, which Cityscapes still counts."""

SWEEPS = 2
"""How many times the search goes through all settings."""

OBJECTIVES: dict[str, Callable[[Evaluation], float]] = {
    "ap": lambda evaluation: evaluation.ap_scores().ap,
    "score": lambda evaluation: float(evaluation.object_jaccard()[0][0]),
}
"""The objectives, by name. ``score`` is TP / (TP + FP + FN) of objects at IoU 0.5, averaged over images."""


@dataclass(frozen=True)
class TuningSlice:
    """The images of the tuning slice.

    names: the names of the images. annotations, graphs, sizes: for each image, by its name, the annotation,
        the graphs of its regions, and (height, width).
    size_range: the sizes of the objects that count.
    """

    names: list[str]
    annotations: dict[str, Annotation]
    graphs: dict[str, list[RegionGraph]]
    sizes: dict[str, tuple[int, int]]
    size_range: SizeRange


def read_tuning_slice(dataset: Dataset, pipeline: Pipeline, limit: int | None) -> TuningSlice:
    """Read at most ``limit`` images of the tuning slice. The networks run on images that are not cached.

    Raises ValueError if no image has an object that is scored: then all settings are equally good.
    """
    names = dataset.tuning_image_names(dataset.names("train"))[:limit]
    annotations = {name: dataset.annotation("train", name) for name in names}
    size_range = SizeRange(dataset.least_object_pixels)
    refuse_images_without_objects(
        sum(count_scored_objects(each, size_range) for each in annotations.values()),
        size_range,
        f"{dataset.root}, tuning slice of {len(names)} images",
        "use more images (without --limit) or annotate objects",
    )
    progress = tqdm(names, desc="networks", unit="image")
    graphs = {
        name: pipeline.graphs(pipeline.predictor(dataset.image("train", name))) for name in progress
    }
    sizes = {name: annotation.objects.shape for name, annotation in annotations.items()}
    return TuningSlice(names, annotations, graphs, sizes, size_range)


def with_initial_settings(
    config: PipelineConfig, linkage: str, model: ModelConfig
) -> PipelineConfig:
    """The configuration with this linkage, and with default settings if the model has none for it."""
    defaults: dict[str, Any] = {}
    if linkage not in model.merge:
        count = len(config.stages or model.stages)
        defaults = {
            "thresholds": config.thresholds
            or thresholds_for_stages(UNTUNED_MERGE_SETTINGS.thresholds, count),
            "min_pixels": UNTUNED_MERGE_SETTINGS.min_object_pixels
            if config.min_pixels is None
            else config.min_pixels,
        }
    return config.replace(linkage=linkage, **defaults)


def thresholds_for_stages(thresholds: Sequence[float], count: int) -> tuple[float, ...]:
    """One threshold for each of ``count`` stages: the first of ``thresholds``, the last of them repeated."""
    *earlier, last = thresholds
    return (*earlier, *[last] * count)[:count]


def _thresholds_to_try(stage: int) -> tuple[float, ...]:
    """The thresholds to try for a stage, counted from 0."""
    return THRESHOLDS_TO_TRY.get(stage, THRESHOLDS_TO_TRY[max(THRESHOLDS_TO_TRY)])


class MergeSettingsSearch:
    """A coordinate search for the settings of one linkage: it changes one setting at a time.

    objective: the name of an objective in ``OBJECTIVES``.
    """

    def __init__(
        self, pipeline: Pipeline, tuning: TuningSlice, linkage: str, objective: str = "ap"
    ) -> None:
        config = with_initial_settings(pipeline.config, linkage, pipeline.model)
        self.pipeline = pipeline.with_config(config)
        self.tuning, self.linkage, self.objective = tuning, linkage, objective
        self._values: dict[MergeConfig, float] = {}
        self._merged: tuple[tuple[float, ...], dict[str, list[RegionResult]]] = ((), {})

    def choose_settings(self) -> MergeConfig:
        """Run the search, print each step with its number, and return the best settings."""
        config = self.pipeline.config
        current = MergeConfig(config.stage_thresholds, config.min_object_pixels)
        stages = len(current.thresholds)
        initial = [thresholds_for_stages(each, stages) for each in INITIAL_THRESHOLDS]
        starts = [current, *(replace(current, thresholds=each) for each in initial)]
        best = max(starts, key=self._objective_value)
        for _, axis in product(range(SWEEPS), range(len(best.thresholds) + 1)):
            best = max(self._vary_one_setting(best, axis), key=self._objective_value)
        click.echo(
            f"{self.linkage}: chosen {best}, {self.objective} {self._values[best]:.4f} "
            "on the tuning slice"
        )
        return best

    @property
    def tried_settings(self) -> list[dict[str, Any]]:
        """All settings that were tried, each with the value of the objective, from best to worst."""
        ranked = sorted(self._values.items(), key=lambda item: -item[1])
        return [
            {**settings.file_entries(), self.objective: round(value, 4)}
            for settings, value in ranked
        ]

    def _vary_one_setting(self, settings: MergeConfig, axis: int) -> Iterator[MergeConfig]:
        """Yield ``settings`` itself, and then copies in which one setting has each of its values to try.

        axis: the index of the stage whose threshold changes; after the last stage, r_c changes. ``settings``
            come first, because ``max`` keeps the first of equally good ones.
        """
        yield settings
        if axis == len(settings.thresholds):
            for pixels in MIN_OBJECT_PIXELS_TO_TRY:
                yield replace(settings, min_object_pixels=pixels)
            return
        for value in _thresholds_to_try(axis):
            thresholds = [*settings.thresholds]
            thresholds[axis] = value
            yield replace(settings, thresholds=tuple(thresholds))

    @property
    def _largest_number_of_settings(self) -> int:
        """The number of settings that the search tries if it never meets the same ones twice."""
        stages = len(self.pipeline.config.stage_thresholds)
        an_axis = [len(_thresholds_to_try(stage)) for stage in range(stages)]
        return 1 + len(INITIAL_THRESHOLDS) + SWEEPS * (sum(an_axis) + len(MIN_OBJECT_PIXELS_TO_TRY))

    def _objective_value(self, settings: MergeConfig) -> float:
        """The value of the objective with these settings. It is computed once and remembered."""
        if settings not in self._values:
            value = OBJECTIVES[self.objective](self._evaluate_settings(settings))
            self._values[settings] = value
            progress = f"{len(self._values)} of at most {self._largest_number_of_settings}"
            click.echo(f"{self.linkage}, {progress}: {settings}, {self.objective} {value:.4f}")
        return self._values[settings]

    def _evaluate_settings(self, settings: MergeConfig) -> Evaluation:
        pipeline = self.pipeline.replace(min_pixels=settings.min_object_pixels)
        classes, tuning = pipeline.model.classes, self.tuning
        matches = {}
        for name, results in self._merge_tuning_images(settings.thresholds).items():
            # An image may have thousands of masks, so only those of one image are in memory.
            found = pipeline.instances(results, tuning.sizes[name])
            matches[name] = match_predictions(found, tuning.annotations[name], classes)
        return Evaluation(classes, matches, tuning.size_range)

    def _merge_tuning_images(self, thresholds: tuple[float, ...]) -> dict[str, list[RegionResult]]:
        """Merge all images with these thresholds. The last results are remembered and reused."""
        if self._merged[0] != thresholds:

            def merge_image(name: str) -> tuple[str, list[RegionResult]]:
                graphs = (
                    each.with_merge_settings(self.linkage, thresholds)
                    for each in self.tuning.graphs[name]
                )
                return name, [each.with_merge_result(merge(each.graph.problem)) for each in graphs]

            # Threads run in parallel here, because the backend releases Python's global lock.
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                self._merged = thresholds, dict(pool.map(merge_image, self.tuning.names))
        return self._merged[1]
