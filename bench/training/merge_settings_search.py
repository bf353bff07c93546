"""A search for the best settings of the graph merge: its thresholds and r_c (section 3.4).

The best settings are those with the largest objective, such as AP, on the tuning slice. The tuning slice are
those training images that the networks were not trained on.
"""

import os
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import product
from typing import Any

import click
from tqdm import tqdm

from bench.evaluation.in_memory import Evaluation
from bench.evaluation.matching import Matches, match_predictions
from bench.pipeline.config import PipelineConfig
from bench.pipeline.graph import RegionGraph, RegionResult
from bench.pipeline.segment import Pipeline
from bench.training.tuning_slice import TuningSlice
from bench.training.write_model import UNTUNED_MERGE_SETTINGS
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


def _settings_text(settings: MergeConfig) -> str:
    """The settings as lines of the search print them."""
    thresholds = ", ".join(f"{each:g}" for each in settings.thresholds)
    return f"thresholds ({thresholds}), r_c {settings.min_object_pixels}"


def _thresholds_to_try(stage: int) -> tuple[float, ...]:
    """The thresholds to try for a stage, counted from 0."""
    return THRESHOLDS_TO_TRY.get(stage, THRESHOLDS_TO_TRY[max(THRESHOLDS_TO_TRY)])


class MergeSettingsSearch:
    """A coordinate search for the settings of one linkage: it changes one setting at a time.

    All values of a setting are tried on one image before the next image is read, so that the memory does not
    grow with the number of images.

    objective: the name of an objective in ``OBJECTIVES``.
    """

    def __init__(
        self, pipeline: Pipeline, tuning: TuningSlice, linkage: str, objective: str = "ap"
    ) -> None:
        config = with_initial_settings(pipeline.config, linkage, pipeline.model)
        self.pipeline = pipeline.with_config(config)
        self.tuning, self.linkage, self.objective = tuning, linkage, objective
        self._values: dict[MergeConfig, float] = {}

    def choose_settings(self) -> MergeConfig:
        """Run the search, print each step with its number, and return the best settings."""
        config = self.pipeline.config
        current = MergeConfig(config.stage_thresholds, config.min_object_pixels)
        stages = len(current.thresholds)
        initial = [thresholds_for_stages(each, stages) for each in INITIAL_THRESHOLDS]
        starts = [current, *(replace(current, thresholds=each) for each in initial)]
        best = self._best_of(starts)
        for _, axis in product(range(SWEEPS), range(len(best.thresholds) + 1)):
            best = self._best_of([*self._vary_one_setting(best, axis)])
        click.echo(
            f"{self.linkage}: chosen {_settings_text(best)}, {self.objective} "
            f"{self._values[best]:.4f} on the tuning slice"
        )
        if len(self._values) > 1 and len(set(self._values.values())) == 1:
            click.echo(
                f"{self.linkage}: all {len(self._values)} settings are equally good, so the first ones were "
                "kept: nothing was learnt about them; train longer or use more images"
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
            come first, because ``_best_of`` returns the first of equally good ones.
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

    def _best_of(self, settings: Sequence[MergeConfig]) -> MergeConfig:
        """The settings with the largest value of the objective; the first of equally good ones."""
        new = [each for each in dict.fromkeys(settings) if each not in self._values]
        for each, evaluation in self._evaluate_settings(new).items():
            value = self._values[each] = OBJECTIVES[self.objective](evaluation)
            progress = f"{len(self._values)} of at most {self._largest_number_of_settings}"
            click.echo(
                f"{self.linkage}, {progress}: {_settings_text(each)}, {self.objective} {value:.4f}"
            )
        return max(settings, key=self._values.__getitem__)

    def _evaluate_settings(self, settings: Sequence[MergeConfig]) -> dict[MergeConfig, Evaluation]:
        """The evaluation of each of the settings on all images, of which one at a time is in memory."""
        matches: dict[MergeConfig, dict[str, Matches]] = {each: {} for each in settings}
        for name in tqdm(self.tuning.names if settings else [], desc=self.linkage, unit="image"):
            for each, matches_of_image in self._match_image(name, settings):
                matches[each][name] = matches_of_image
        classes, size_range = self.pipeline.model.classes, self.tuning.size_range
        return {each: Evaluation(classes, found, size_range) for each, found in matches.items()}

    def _match_image(
        self, name: str, settings: Sequence[MergeConfig]
    ) -> Iterator[tuple[MergeConfig, Matches]]:
        """Yield each of the settings with the matches of the objects that it finds in an image."""
        graphs = self.pipeline.graphs(self.pipeline.predictor(self.tuning.image(name)))
        annotation = self.tuning.annotation(name)
        for thresholds, results in self._merge_with_each_thresholds(graphs, settings):
            for each in settings:
                if each.thresholds == thresholds:
                    pipeline = self.pipeline.replace(min_pixels=each.min_object_pixels)
                    found = pipeline.instances(results, annotation.objects.shape)
                    yield each, match_predictions(found, annotation, pipeline.model.classes)

    def _merge_with_each_thresholds(
        self, graphs: list[RegionGraph], settings: Sequence[MergeConfig]
    ) -> Iterator[tuple[tuple[float, ...], list[RegionResult]]]:
        """Yield the thresholds of the settings, each once, with the graphs merged with these thresholds."""

        def merge_graphs(thresholds: tuple[float, ...]) -> list[RegionResult]:
            changed = (each.with_merge_settings(self.linkage, thresholds) for each in graphs)
            return [each.with_merge_result(merge(each.graph.problem)) for each in changed]

        tried = list(dict.fromkeys(each.thresholds for each in settings))
        # Threads run in parallel here, because the backend releases Python's global lock.
        with ThreadPoolExecutor(os.cpu_count()) as pool:
            yield from zip(tried, pool.map(merge_graphs, tried), strict=True)
