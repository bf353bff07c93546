"""``python -m bench tune MODEL``: thresholds and r_c chosen on the tuning slice, written to model.toml."""

import json
import os
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from itertools import product
from pathlib import Path

import click
from tqdm import tqdm

from bench.cache import AffinityCache
from bench.datasets import Dataset, open_dataset
from bench.evaluation.average_precision import Counted
from bench.evaluation.in_memory import Evaluation
from bench.evaluation.matching import match
from bench.pipeline.prediction import RegionPrediction
from bench.pipeline.segment import Pipeline
from bench.pipeline.strategy import PLAIN
from bench.runner.study import Variant
from bench.types import Annotation
from merge_impls import MergeResult, merge
from merge_impls.files import atomic_write
from models.model_config import MergeConfig, write_config

STARTS = ((0.97, 0.7, 0.3), (0.2, 0.1, 0.05))
"""Where the search may begin: the paper's thresholds (section 3.4), and low ones, without which linkage
"weighted" leaves objects in pieces, because one weak edge halves a strong one."""

CHOICES = {
    0: (0.97, 0.92, 0.88, 0.8, 0.5, 0.3, 0.2, 0.15, 0.1),
    1: (0.9, 0.8, 0.7, 0.5, 0.3, 0.2, 0.1, 0.05),
    2: (0.5, 0.4, 0.3, 0.2, 0.1, 0.05, 0.02),
}
"""Thresholds tried, by stage."""

MIN_PIXELS = (0, 10, 20, 30, 50, 75, 99)
"""r_c tried; a larger one would drop objects of 100 pixels, the smallest that Cityscapes counts."""

SWEEPS = 2

AIMS: dict[str, Callable[[Evaluation], float]] = {
    "ap": lambda evaluation: evaluation.scores().ap,
    "score": lambda evaluation: float(evaluation.object_accuracy()[0][0]),
}
"""What may be made as large as possible: AP, or TP / (TP + FP + FN) at overlap 0.5, the mean over images."""


@dataclass(frozen=True)
class Slice:
    """The tuning slice: names, annotation, and the regions of each image, looked at once."""

    names: list[str]
    truth: dict[str, Annotation]
    region_predictions: dict[str, list[RegionPrediction]]
    sizes: dict[str, tuple[int, int]]
    counted: Counted


def tune(
    model: Path, name: str, root: Path, cache: Path, limit: int | None, aim: str = "ap"
) -> None:
    """Choose the numbers of both linkages by an aim of ``AIMS``, and write them into ``model``'s model.toml.

    What was tried, on which images, goes into ``tuning.json`` beside it.
    """
    pipeline = Pipeline(model, AffinityCache(cache))
    dataset = open_dataset(name, root)
    pipeline.check_classes(dataset.class_names)
    chosen_on = read_slice(dataset, pipeline, limit)
    linkages = pipeline.config.merge
    tunings = {linkage: Tuning(pipeline, chosen_on, linkage, aim) for linkage in linkages}
    chosen = {linkage: tuning.choose() for linkage, tuning in tunings.items()}
    _write(model / "tuning.json", _tried(aim, chosen_on, tunings))
    write_config(replace(pipeline.config, merge=chosen), model / "model.toml")


def tune_variant(
    variant: Variant,
    model: Path,
    name: str,
    root: Path,
    cache: Path,
    limit: int | None,
    record: Path,
) -> None:
    """Choose the numbers of one variant of a study by AP, print them as the study's TOML has them, and write
    what was tried to ``record``; the model's own stay as they are."""
    pipeline = Pipeline(model, AffinityCache(cache), variant.strategy)
    dataset = open_dataset(name, root)
    pipeline.check_classes(dataset.class_names)
    chosen_on = read_slice(dataset, pipeline, limit)
    tuning = Tuning(pipeline, chosen_on, variant.linkage)
    chosen = tuning.choose()
    about = {"row": variant.name, "strategy": variant.strategy.differences(PLAIN)}
    _write(record, about | _tried("ap", chosen_on, {variant.linkage: tuning}))
    click.echo(f"thresholds = {list(chosen.thresholds)}\nmin_pixels = {chosen.min_pixels}")


def _tried(aim: str, chosen_on: Slice, tunings: dict[str, "Tuning"]) -> dict:
    return {
        "images": chosen_on.names,
        "by": aim,
        "created": datetime.now(UTC).isoformat(timespec="seconds"),
        "tried": {linkage: tuning.tried for linkage, tuning in tunings.items()},
    }


def _write(path: Path, record: dict) -> None:
    with atomic_write(path) as partial:
        partial.write_text(json.dumps(record, indent=1) + "\n")


def read_slice(dataset: Dataset, pipeline: Pipeline, limit: int | None) -> Slice:
    names = dataset.tuning(dataset.names("train"))[:limit]
    truth = {name: dataset.annotation("train", name) for name in names}
    progress = tqdm(names, desc="networks", unit="image")
    region_predictions = {
        name: pipeline.predict_regions(dataset.image("train", name)) for name in progress
    }
    sizes = {name: annotation.objects.shape for name, annotation in truth.items()}
    return Slice(names, truth, region_predictions, sizes, Counted(dataset.min_object_pixels))


class Tuning:
    """A search along one axis at a time, ``SWEEPS`` times round, by an aim of ``AIMS``."""

    def __init__(self, pipeline: Pipeline, chosen_on: Slice, linkage: str, aim: str = "ap") -> None:
        self.pipeline = pipeline.replace(linkage=linkage)
        self.slice, self.linkage, self.aim = chosen_on, linkage, aim
        self.graphs = {
            name: [
                self.pipeline.graph(region_prediction)
                for region_prediction in chosen_on.region_predictions[name]
            ]
            for name in chosen_on.names
        }
        self._scores: dict[MergeConfig, float] = {}
        self._merged: tuple[tuple[float, ...], dict[str, list[MergeResult]]] = ((), {})

    def choose(self) -> MergeConfig:
        present = MergeConfig(
            self.pipeline.resolved.thresholds, self.pipeline.resolved.min_object_pixels
        )
        starts = [present, *(replace(present, thresholds=start) for start in STARTS)]
        best = max(starts, key=self._score)
        for _, axis in product(range(SWEEPS), range(len(best.thresholds) + 1)):
            best = max(self._along(best, axis), key=self._score)
        click.echo(
            f"{self.linkage}: chosen {best}, {self.aim} {self._scores[best]:.4f} on the tuning slice"
        )
        return best

    @property
    def tried(self) -> list[dict]:
        """All numbers that were tried, with what they were chosen by, the best first."""
        ranked = sorted(self._scores.items(), key=lambda item: -item[1])
        return [{**asdict(numbers), self.aim: round(value, 4)} for numbers, value in ranked]

    def _along(self, numbers: MergeConfig, axis: int) -> Iterator[MergeConfig]:
        """``numbers`` themselves first, so that a draw changes nothing; then all values of one axis."""
        yield numbers
        if axis == len(numbers.thresholds):
            yield from (replace(numbers, min_pixels=pixels) for pixels in MIN_PIXELS)
            return
        for value in CHOICES.get(axis, CHOICES[max(CHOICES)]):
            thresholds = [*numbers.thresholds]
            thresholds[axis] = value
            yield replace(numbers, thresholds=tuple(thresholds))

    def _score(self, numbers: MergeConfig) -> float:
        if numbers not in self._scores:
            pipeline = self.pipeline.replace(min_pixels=numbers.min_pixels)
            classes = pipeline.config.classes
            matches = {}
            for name, results in self._results(numbers.thresholds).items():
                # One image at a time: a mask is as large as its image, and there may be thousands.
                found = pipeline.instances(
                    self.slice.sizes[name],
                    self.slice.region_predictions[name],
                    self.graphs[name],
                    results,
                )
                matches[name] = match(found, self.slice.truth[name], classes)
            evaluation = Evaluation(classes, matches, self.slice.counted)
            self._scores[numbers] = AIMS[self.aim](evaluation)
            click.echo(f"{self.linkage}: {numbers}, {self.aim} {self._scores[numbers]:.4f}")
        return self._scores[numbers]

    def _results(self, thresholds: tuple[float, ...]) -> dict[str, list[MergeResult]]:
        """The slice merged; the last answer is kept, as r_c alone needs no other merge."""
        if self._merged[0] != thresholds:

            def merged(name: str) -> tuple[str, list[MergeResult]]:
                graphs = (graph.with_thresholds(thresholds) for graph in self.graphs[name])
                return name, [merge(graph.problem) for graph in graphs]

            # The backend releases the interpreter's lock, so threads are enough.
            with ThreadPoolExecutor(os.cpu_count()) as pool:
                self._merged = thresholds, dict(pool.map(merged, self.slice.names))
        return self._merged[1]
