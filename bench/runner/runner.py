"""``python -m bench run`` of a study of images: measured, scored and recorded, or read if it is there."""

from collections.abc import Callable
from itertools import groupby
from pathlib import Path
from typing import Any

import numpy as np
from tqdm import tqdm

from bench.datasets import Dataset
from bench.methods.all_methods import find_method
from bench.pipeline.config import PLAIN
from bench.pipeline.prediction import Predictor
from bench.pipeline.segment import Pipeline
from bench.runner import records
from bench.runner.image_records import merge_record
from bench.runner.keys import Keys
from bench.runner.noisy_predictor import NoisyPredictor
from bench.runner.record import Cell, Record
from bench.runner.results import (
    ImageResult,
    StudyResult,
    load_image_result,
    save_image_result,
)
from bench.runner.study import Study, Variant
from bench.runner.variant_scores import Results, VariantScores
from bench.runner.worker_pool import WorkerPool, absent_methods
from merge_impls.machine import describe_machine

Place = tuple[str, Variant]
"""Where an image's result belongs: the name of an image, and a variant of the study."""


NOT_OF_IMAGES = "merges problems; name it among the backends, or as a row's third_party"
"""Why a method cannot be scored alone."""


class Runner:
    """One study on one data set with one model; ``folder`` holds its records and its image results."""

    def __init__(
        self,
        study: Study,
        dataset: Dataset,
        pipeline: Pipeline,
        folder: Path,
        limit: int | None = None,
    ) -> None:
        self.study, self.dataset, self.folder = study, dataset, folder
        self.pipeline = pipeline.with_config(study.strategy)
        names = dataset.names(study.split)
        chosen = dataset.tuning_names(names) if study.tuning else names
        self.images = chosen[: limit or study.limit]
        self.absent = {name: ("unavailable", why) for name, why in absent_methods(study).items()}
        self.scores = VariantScores(dataset, study.split)
        self.keys = Keys(study, dataset, pipeline, self.images, self.absent)
        self._kept = {record.key: record for record in records.read(self.file)}

    @property
    def file(self) -> Path:
        """Where the records are appended."""
        return self.folder / "records.jsonl"

    def run(self) -> StudyResult:
        """Measure and score all of the study; what an earlier run has found is read."""
        results = self._all_results()
        found = [self._scored_alone_record(name) for name in self.study.scored_alone]
        for variant in self.study.all_variants:
            before = self.study.before(variant)
            before = before if before in results else None
            if variant.third_party:
                found.append(
                    self._third_party_record(variant.third_party, variant, before, results)
                )
            else:
                found += self._merge_records(variant, before, results)
        return StudyResult(found, results)

    def _all_results(self) -> dict[Variant, list[ImageResult]]:
        """The results of all images by variant, measured where no earlier run has left them."""
        variants = self.study.all_variants
        places = [(name, variant) for name in self.images for variant in variants]
        paths = {
            place: self.folder / "units" / f"{self.keys.of_image(*place)}.npz" for place in places
        }
        loaded = {place: load_image_result(path) for place, path in paths.items()}
        results = {place: result for place, result in loaded.items() if result is not None}
        missing = [place for place in places if place not in results and self._can_run(place[1])]
        if missing:
            self._fill_cache(missing)
            results |= self._measure(missing, paths)
        return {
            variant: [results[name, variant] for name in self.images]
            for variant in variants
            if self._can_run(variant)
        }

    def _can_run(self, variant: Variant) -> bool:
        """Whether a variant can be measured: not if its third-party method is not installed."""
        return variant.third_party not in self.absent

    def _measure(self, missing: list[Place], paths: dict[Place, Path]) -> dict[Place, ImageResult]:
        """Measure images, and keep the results in which no backend failed or differed."""
        results = {}
        progress = tqdm(desc="merges", unit="map", total=len(missing))
        with progress, WorkerPool(self.study) as pool:
            self.absent |= {name: ("failed", why) for name, why in pool.absent.items()}
            for name, of_image in groupby(missing, key=lambda place: place[0]):
                image = self.dataset.image(self.study.split, name)
                for place in of_image:
                    results[place] = result = self._measure_image(pool, place, image)
                    if result.clean and not pool.absent:
                        save_image_result(paths[place], result, image.shape[:2])
                    progress.update()
        return results

    def _measure_image(self, pool: WorkerPool, place: Place, image: np.ndarray) -> ImageResult:
        name, variant = place
        pipeline = self.pipeline.with_config(variant.strategy)
        predictor = self._predictor(pipeline, place, image)
        if variant.third_party:
            return pool.measure_third_party(name, pipeline, predictor, variant.third_party)
        return pool.measure(name, pipeline, predictor)

    def _predictor(self, pipeline: Pipeline, place: Place, image: np.ndarray) -> Predictor:
        """What predicts an image in a variant: networks or, for an oracle, the annotation; with noise."""
        name, variant = place
        predictor: Predictor = pipeline.predictor(image)
        if variant.oracle:
            sample = self.dataset.load(self.study.split, name)
            predictor = pipeline.oracle(sample, variant.oracle)
        return NoisyPredictor(predictor, variant.noise) if variant.noise else predictor

    def _fill_cache(self, missing: list[Place]) -> None:
        """Run the networks for all regions before any merge is timed."""
        for name, of_image in groupby(
            tqdm(missing, desc="networks", unit="map"), lambda place: place[0]
        ):
            image = self.dataset.image(self.study.split, name)
            for place in of_image:
                pipeline = self.pipeline.with_config(place[1].strategy)
                pipeline.fill_cache(self._predictor(pipeline, place, image))

    def _merge_records(
        self, variant: Variant, before: Variant | None, results: Results
    ) -> list[Record]:
        study, own = self.study, results[variant]
        found: list[Record] = []
        started = all(state != "failed" for state, _ in self.absent.values())
        clean = started and _clean(variant, before, results)
        for backend in (*study.backends, study.reference):
            for scope in ["crops"] if backend == study.reference else ["maps", "crops"]:
                content = self._content(backend, variant, scope, before)
                if backend in self.absent:
                    found.append(_absent_record(*self.absent[backend], **content))
                    continue

                def measured(scope: str = scope, content: dict[str, Any] = content) -> Record:
                    if scope == "crops":
                        return merge_record(own, study.reference, study.crop, None, **content)
                    return self._scored_record(variant, before, results, content)

                found.append(self._recorded(content["key"], measured, clean))
        return found

    def _third_party_record(
        self, name: str, variant: Variant, before: Variant | None, results: Results
    ) -> Record:
        content = self._content(name, variant, "maps", before)
        if name in self.absent:
            return _absent_record(*self.absent[name], **content)
        return self._recorded(
            content["key"],
            lambda: self._scored_record(variant, before, results, content),
            _clean(variant, before, results),
        )

    def _scored_record(
        self,
        variant: Variant,
        before: Variant | None,
        results: Results,
        content: dict[str, Any],
    ) -> Record:
        scores = self.scores.scores(variant, results)
        if before is not None:
            content = content | {"change": self.scores.change(variant, before, results)}
        return merge_record(
            results[variant], self.study.reference, self.study.crop, scores, **content
        )

    def _scored_alone_record(self, name: str) -> Record:
        variant = Variant("", self.study.strategy.replace(linkage="average"))
        content, method = self._content(name, variant, "maps"), find_method(name)
        find = method.find
        if find is None or method.reason:
            return _absent_record("unavailable", method.reason or NOT_OF_IMAGES, **content)

        def scored() -> Record:
            found = {}
            for image in tqdm(self.images, desc=name, unit="image"):
                sample = self.dataset.load(self.study.split, image)
                found[image] = find(self.pipeline, sample)
            scores = self.scores.score(found)
            return Record(state="done", scores=scores, **content)

        return self._recorded(content["key"], scored)

    def _content(
        self,
        backend: str,
        variant: Variant,
        scope: str,
        before: Variant | None = None,
    ) -> dict[str, Any]:
        """The entries of a record that do not depend on the results."""
        method = find_method(backend)
        merges = bool(method.linkages or method.target)
        cell = self._cell(backend, variant, scope, merges)
        config = self.pipeline.with_config(variant.strategy).config
        return {
            "key": self.keys.of_record(cell, variant, before),
            "study": self.study.name,
            "cell": cell,
            "backend_version": method.version,
            "computes": method.other_rule,
            "thresholds": list(config.stage_thresholds) if merges else [],
            "min_pixels": config.min_object_pixels,
            "strategy": variant.strategy.differences(PLAIN),
            "hashes": self.keys.hashes,
            "machine": describe_machine(),
            "truth": list(variant.oracle),
            "noise": variant.noise or None,
            "paper_ap": variant.paper,
        }

    def _cell(self, backend: str, variant: Variant, scope: str, merges: bool) -> Cell:
        """What names a record among all others: the place of its figures in the tables."""
        return Cell(
            dataset=self.study.dataset,
            split=self.study.split,
            model=self.pipeline.model.name,
            backend=backend,
            linkage=variant.linkage if merges else None,
            scope=scope,
            row=variant.name or None,
        )

    def _recorded(self, key: str, make_record: Callable[[], Record], clean: bool = True) -> Record:
        """The record of this key: the one that is there, or a new one.

        A record is not kept unless all results are clean, those of other backends too: it would lack, in
        every later run, the checks against the backends that failed in this one.
        """
        if not clean:
            return make_record()
        if key not in self._kept:
            record = make_record()
            records.append(self.file, record)
            self._kept[key] = record
        return self._kept[key]


def _absent_record(state: str, reason: str, **content: Any) -> Record:
    """The record of a method that is "unavailable", or "failed" to start."""
    return Record(state=state, reason=reason, **content)


def _clean(variant: Variant, before: Variant | None, results: Results) -> bool:
    """Whether no backend failed or differed in a variant and in the one that it is compared with."""
    variants = [variant] if before is None else [variant, before]
    return all(result.clean for each in variants for result in results[each])
