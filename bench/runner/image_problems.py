"""Measures a study of images: predicts, merges and scores them, and keeps the result of each image."""

from collections.abc import Iterator
from functools import partial
from itertools import groupby, product
from pathlib import Path

import numpy as np
from tqdm import tqdm

from bench.datasets import Dataset
from bench.methods.all_methods import Method, find_method
from bench.pipeline.config import PLAIN
from bench.pipeline.predictor import Predictor
from bench.pipeline.segment import Pipeline
from bench.runner.image_records import merge_record
from bench.runner.image_results import (
    ImageResult,
    ImageResults,
    load_image_result,
    save_image_result,
)
from bench.runner.keys import Keys
from bench.runner.record import PENDING, Cell, Record
from bench.runner.study import Study, Variant
from bench.runner.study_problems import RecordGroup
from bench.runner.variant_predictor import variant_predictor
from bench.runner.variant_scores import VariantScores
from bench.runner.worker_pool import WorkerPool, absent_methods
from merge_impls.machine import describe_machine

Place = tuple[str, Variant]
"""The name of an image, and the variant of the study with which the image is measured."""


NOT_OF_IMAGES = "merges problems; name it among the backends, or as a row's third_party"
"""Why a method cannot be scored alone."""


class ImageProblems:
    """The images of a study. limit: use at most this many of them."""

    def __init__(
        self, study: Study, dataset: Dataset, pipeline: Pipeline, limit: int | None = None
    ) -> None:
        self.study, self.dataset = study, dataset
        self.pipeline = pipeline.with_config(study.strategy)
        self.image_results: ImageResults = {}
        names = dataset.names(study.images.split)
        chosen = dataset.tuning_names(names) if study.images.tuning else names
        self.images = chosen[: limit or study.images.limit]
        self.absent = {name: ("unavailable", why) for name, why in absent_methods(study).items()}
        self.scores = VariantScores(dataset, study.images.split)
        self.keys = Keys(study, dataset, pipeline, self.images, self.absent)

    def groups(self, folder: Path) -> Iterator[RecordGroup]:
        """Every record is a group, made from results of images, which ``folder`` keeps one by one."""
        self.image_results = self._all_results(folder)
        yield from map(self._scored_alone, self.study.scored_alone)
        for variant in self.study.all_variants:
            before = self.study.before(variant)
            before = before if before in self.image_results else None
            readable = self._is_clean(variant, before)
            for name, scope in self._merges(variant):
                planned = self._planned(name, variant, scope, before)
                measure = partial(self._with_results, planned, variant, before, readable)
                yield RecordGroup([planned], measure, readable)

    def _all_results(self, folder: Path) -> ImageResults:
        """The results of all images by variant, measured where no earlier run has left them."""
        variants = self.study.all_variants
        places = [(name, variant) for name in self.images for variant in variants]
        paths = {place: folder / "units" / f"{self.keys.of_image(*place)}.npz" for place in places}
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
                image = self.dataset.image(self.study.images.split, name)
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
        name, variant = place
        load_sample = partial(self.dataset.load, self.study.images.split, name)
        return variant_predictor(pipeline, variant, image, load_sample)

    def _fill_cache(self, missing: list[Place]) -> None:
        """Run the networks for all regions before any merge is timed."""
        for name, of_image in groupby(
            tqdm(missing, desc="networks", unit="map"), lambda place: place[0]
        ):
            image = self.dataset.image(self.study.images.split, name)
            for place in of_image:
                pipeline = self.pipeline.with_config(place[1].strategy)
                pipeline.fill_cache(self._predictor(pipeline, place, image))

    def _merges(self, variant: Variant) -> list[tuple[str, str]]:
        """Method and scope of all records of a variant."""
        if variant.third_party:
            return [(variant.third_party, "maps")]
        ours = [*product(self.study.backends, ["maps", "crops"])]
        return [*ours, (self.study.reference, "crops")]

    def _is_clean(self, variant: Variant, before: Variant | None) -> bool:
        """Whether no method failed to start, and none failed or differed in a variant and in the one that
        it is compared with."""
        started = all(state != "failed" for state, _ in self.absent.values())
        variants = [variant] if before is None else [variant, before]
        measured = [result for each in variants for result in self.image_results.get(each, [])]
        return started and all(result.clean for result in measured)

    def _with_results(
        self, planned: Record, variant: Variant, before: Variant | None, clean: bool
    ) -> tuple[list[Record], bool]:
        """A record of a variant with its results, if it is pending. Whole maps are scored."""
        if not planned.pending:
            return [], clean
        results, scores, change = self.image_results, None, None
        if planned.cell.scope == "maps":
            scores = self.scores.scores(variant, results)
            change = self.scores.change(variant, before, results) if before else None
        reference, crop = self.study.reference, self.study.images.crop
        return [merge_record(planned, results[variant], reference, crop, scores, change)], clean

    def _scored_alone(self, name: str) -> RecordGroup:
        """The record of a method that finds instances in an image, which is not timed."""
        variant, method = (
            Variant("", self.study.strategy.replace(linkage="average")),
            find_method(name),
        )
        planned = self._planned(name, variant, "maps")
        reason = method.reason or ("" if method.find else NOT_OF_IMAGES)
        if reason:
            planned = planned.finished(state="unavailable", reason=reason)
        return RecordGroup([planned], partial(self._with_scores, planned, method))

    def _with_scores(self, planned: Record, method: Method) -> tuple[list[Record], bool]:
        """The record of a method that finds instances in images, with its scores, if it is pending."""
        find = method.find
        if not planned.pending or find is None:
            return [], True
        found = {}
        for image in tqdm(self.images, desc=method.name, unit="image"):
            found[image] = find(self.pipeline, self.dataset.load(self.study.images.split, image))
        scores = self.scores.score(found)
        return [planned.finished(state="done", scores=scores)], True

    def _planned(
        self, name: str, variant: Variant, scope: str, before: Variant | None = None
    ) -> Record:
        """A record without results."""
        method = find_method(name)
        merges = bool(method.linkages or method.target)
        cell = self._cell(name, variant, scope, merges)
        config = self.pipeline.with_config(variant.strategy).config
        state, reason = self.absent.get(name, (PENDING, ""))
        return Record(
            key=self.keys.of_record(cell, variant, before),
            study=self.study.name,
            cell=cell,
            backend_version=method.version,
            computes=method.other_rule,
            thresholds=list(config.stage_thresholds) if merges else [],
            min_pixels=config.min_object_pixels,
            hashes=self.keys.hashes,
            machine=describe_machine(),
            state=state,
            reason=reason,
            strategy=variant.strategy.differences(PLAIN),
            truth=list(variant.oracle),
            noise=variant.noise or None,
            paper_ap=variant.paper,
        )

    def _cell(self, backend: str, variant: Variant, scope: str, merges: bool) -> Cell:
        """The cell of a record, which is different for each record of a study."""
        return Cell(
            dataset=self.study.images.dataset,
            split=self.study.images.split,
            model=self.pipeline.model.name,
            backend=backend,
            linkage=variant.linkage if merges else None,
            scope=scope,
            row=variant.name or None,
        )
