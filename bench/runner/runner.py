"""``python -m bench run STUDY``: every cell measured, scored and recorded, or read if it is there."""

from collections.abc import Callable
from dataclasses import asdict
from itertools import groupby
from pathlib import Path

import numpy as np
from tqdm import tqdm

from bench.datasets import Dataset
from bench.evaluation.average_precision import SizeRange
from bench.evaluation.bootstrap import paired_interval
from bench.evaluation.in_memory import Evaluation, evaluate
from bench.methods import THIRD_PARTY
from bench.pipeline.oracle import ORACLE_PARTS
from bench.pipeline.segment import Pipeline
from bench.pipeline.strategy import PLAIN
from bench.runner import records
from bench.runner.evaluators import scorer
from bench.runner.image_records import absent_cell, merge_cell
from bench.runner.keys import Keys
from bench.runner.records import Record
from bench.runner.results import (
    ImageResult,
    StudyResult,
    load_image_result,
    save_image_result,
)
from bench.runner.scored_alone import BY_THIRD_PARTY, MERGED, SCORED_ALONE
from bench.runner.study import Study, Variant
from bench.runner.worker_pool import WorkerPool, absent_backends
from merge_impls import backends
from merge_impls.machine import machine

Place = tuple[str, Variant]
"""Where an image's result belongs: the name of an image, and a variant of the study."""


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
        self.pipeline = pipeline.with_strategy(study.strategy)
        self.images = dataset.names(study.split)[: limit or study.limit]
        self.absent = {name: ("unavailable", why) for name, why in absent_backends(study).items()}
        self.score = scorer(dataset, study.split)
        self.keys = Keys(study, dataset, pipeline, self.images, self.absent)
        self._kept = {record["key"]: record for record in records.read(self.file)}
        self._scores: dict[Variant, dict] = {}
        self._evaluations: dict[Variant, Evaluation] = {}
        self._changes: dict[Variant, dict] = {}

    @property
    def file(self) -> Path:
        """Where the records are appended."""
        return self.folder / "records.jsonl"

    def run(self) -> StudyResult:
        """Everything the study asks for; what an earlier run found is read."""
        results = self._all_results()
        found = [self._scored_alone_record(name) for name in self.study.scored_alone]
        for variant in self.study.all_variants:
            before = self.study.before(variant)
            before = before if before in results else None
            if variant.third_party:
                found.append(self._third_party_cell(variant, before, results))
            else:
                found += self._merge_cells(variant, before, results)
        return StudyResult(found, results)

    def _all_results(self) -> dict[Variant, list[ImageResult]]:
        """All results by variant, measured where no earlier run left them."""
        variants = self.study.all_variants
        places = [(name, variant) for name in self.images for variant in variants]
        paths = {
            place: self.folder / "units" / f"{self.keys.of_image(*place)}.npz" for place in places
        }
        results = {place: load_image_result(path) for place, path in paths.items()}
        missing = [place for place in places if results[place] is None and self._can_run(place[1])]
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
        """Measure results, and keep those in which nothing failed and nothing differed."""
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
        pipeline = self.pipeline.with_strategy(variant.strategy)
        sample = self.dataset.load(self.study.split, name) if variant.oracle else None
        predictions = pipeline.predict_regions(image, sample, variant.oracle)
        if variant.third_party:
            return pool.measure_third_party(
                name, image.shape[:2], pipeline, predictions, variant.third_party
            )
        return pool.measure(name, image.shape[:2], pipeline, predictions)

    def _fill_cache(self, missing: list[Place]) -> None:
        """Ask the networks first, all of them, as nothing is timed then: once for each region."""
        for name, of_image in groupby(
            tqdm(missing, desc="networks", unit="map"), lambda place: place[0]
        ):
            image = self.dataset.image(self.study.split, name)
            for _, variant in of_image:
                if set(variant.oracle) != set(ORACLE_PARTS):
                    self.pipeline.with_strategy(variant.strategy).fill(image)

    def _merge_cells(
        self, variant: Variant, before: Variant | None, results: dict[Variant, list[ImageResult]]
    ) -> list[Record]:
        study, found, own = self.study, [], results[variant]
        started = all(state != "failed" for state, _ in self.absent.values())
        clean = started and _clean(variant, before, results)
        for backend in (*study.backends, study.reference):
            for scope in ["crops"] if backend == study.reference else ["maps", "crops"]:
                content = self._content(backend, variant, scope, before)
                if backend in self.absent:
                    found.append(absent_cell(*self.absent[backend], **content))
                    continue

                def measured(scope: str = scope, content: dict = content) -> Record:
                    if scope == "crops":
                        return merge_cell(own, study.reference, study.crop, None, **content)
                    return self._scored_cell(variant, before, results, content)

                found.append(self._recorded(content["key"], measured, clean))
        return found

    def _third_party_cell(
        self, variant: Variant, before: Variant | None, results: dict[Variant, list[ImageResult]]
    ) -> Record:
        method = THIRD_PARTY[variant.third_party][1]
        content = self._content(variant.third_party, variant, "maps", before)
        content |= {"computes": method.description, "backend_version": method.version}
        if variant.third_party in self.absent:
            return absent_cell(*self.absent[variant.third_party], **content)
        return self._recorded(
            content["key"],
            lambda: self._scored_cell(variant, before, results, content),
            _clean(variant, before, results),
        )

    def _scored_cell(
        self,
        variant: Variant,
        before: Variant | None,
        results: dict[Variant, list[ImageResult]],
        content: dict,
    ) -> Record:
        # The backends' results are the same to the bit, so scores and change are: found once.
        scores = self._scores_of(variant, results[variant])
        if before is not None:
            content = content | self._change(variant, before, results)
        return merge_cell(
            results[variant], self.study.reference, self.study.crop, scores, **content
        )

    def _scored_alone_record(self, name: str) -> Record:
        variant = Variant("", self.study.strategy.replace(linkage="average"))
        content = self._content(name, variant, "maps", merges=name in MERGED)
        method = BY_THIRD_PARTY.get(name)
        if method is not None:
            content |= {"computes": method.description, "backend_version": method.version}
            if method.missing():
                return absent_cell("unavailable", method.missing(), **content)

        def scored() -> Record:
            found = {}
            for image in tqdm(self.images, desc=name, unit="image"):
                sample = self.dataset.load(self.study.split, image)
                found[image] = SCORED_ALONE[name](self.pipeline, sample)
            scores = self.score(found)
            done = {"state": "done", "reason": "", "images": [], "identical_to": ""}
            return records.make(**done, scores=scores, first_call_seconds=None, **content)

        return self._recorded(content["key"], scored)

    def _content(
        self,
        backend: str,
        variant: Variant,
        scope: str,
        before: Variant | None = None,
        merges: bool = True,
    ) -> dict:
        """What a cell's record says whatever comes out, and the key of all that decides it."""
        study, pipeline = self.study, self.pipeline.with_strategy(variant.strategy)
        cell = {
            "dataset": study.dataset,
            "split": study.split,
            "model": pipeline.config.name,
            "backend": backend,
            "linkage": variant.linkage if merges else None,
            "threads": 1,
            "scope": scope,
        }
        if variant.name:
            cell["row"] = variant.name
        version = backends()[backend].version if backend in backends() else ""
        content = {
            "key": self.keys.of_record(cell, variant, before),
            "study": study.name,
            "cell": cell,
            "backend_version": version,
            "thresholds": list(pipeline.resolved.thresholds) if merges else [],
            "min_pixels": pipeline.resolved.min_object_pixels,
            "strategy": variant.strategy.differences(PLAIN),
            "hashes": self.keys.hashes,
            "machine": machine(),
        }
        if variant.oracle:
            content["truth"] = list(variant.oracle)
        if variant.paper is not None:
            content["paper_ap"] = variant.paper
        return content

    def _scores_of(self, variant: Variant, results: list[ImageResult]) -> dict:
        if variant not in self._scores:
            found = {result.image: result.instances for result in results}
            self._scores[variant] = self.score(found)
        return self._scores[variant]

    def _change(
        self, variant: Variant, before: Variant, results: dict[Variant, list[ImageResult]]
    ) -> dict:
        """The entry for the difference of AP from another variant, with a paired bootstrap interval."""
        if variant not in self._changes:
            first, second = (self._evaluated(each, results[each]) for each in (before, variant))
            interval = paired_interval(first, second)
            known = not np.isnan(interval.difference)  # else no object counts in any image
            change = {"against": before.name, **asdict(interval)}
            self._changes[variant] = {"change": change} if known else {}
        return self._changes[variant]

    def _evaluated(self, variant: Variant, results: list[ImageResult]) -> Evaluation:
        if variant not in self._evaluations:
            found = {result.image: result.instances for result in results}
            truth = {name: self.dataset.annotation(self.study.split, name) for name in found}
            size_range = SizeRange(self.dataset.min_object_pixels)
            self._evaluations[variant] = evaluate(
                found, truth, self.dataset.class_names, size_range
            )
        return self._evaluations[variant]

    def _recorded(self, key: str, make_record: Callable[[], Record], clean: bool = True) -> Record:
        """The record of this key: the one that is there, or a new one.

        What rests on a fault, be it another backend's, is made anew each time and not kept: a check that was
        not made today would be missing for ever.
        """
        if not clean:
            return make_record()
        if key not in self._kept:
            record = make_record()
            records.append(self.file, record)
            self._kept[key] = record
        return self._kept[key]


def _clean(
    variant: Variant, before: Variant | None, results: dict[Variant, list[ImageResult]]
) -> bool:
    """Whether nothing failed or differed in a variant and in the one that it is compared with."""
    variants = [variant] if before is None else [variant, before]
    return all(result.clean for each in variants for result in results[each])
