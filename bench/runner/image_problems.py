"""Plans the records of a study of images, and measures them: images are predicted, merged and scored."""

from collections.abc import Iterator
from functools import partial
from itertools import chain, groupby, product
from pathlib import Path

from bench.datasets import Dataset
from bench.methods.all_methods import Method, find_method
from bench.pipeline.config import PLAIN
from bench.pipeline.segment import Pipeline
from bench.runner.executors import Executor, Outcome
from bench.runner.finding_work import FindingWork
from bench.runner.image_records import image_entries, make_merge_record
from bench.runner.image_results import (
    FILE_SUFFIX,
    ImageResult,
    ImageResults,
    failed_image_result,
    keep_image_result,
    load_image_result,
    refuse_folder_in_place_of_file,
    with_instances_in_file,
)
from bench.runner.instance_files import InstanceSpool, remove_abandoned_spools
from bench.runner.merge_work import ImageCase, MergedImage, MergeWork
from bench.runner.method_code import MethodCode
from bench.runner.network_work import NetworkWork
from bench.runner.packed_results import PackedResults, ResultsOfVariant
from bench.runner.record import PENDING, Cell, Record
from bench.runner.records_of_machines import read_records_of_all_machines
from bench.runner.run_plan import PlannedCell
from bench.runner.run_view import MERGES, RunView
from bench.runner.scores_key import KnownScores
from bench.runner.study import Study, Variant
from bench.runner.study_keys import StudyKeys
from bench.runner.study_methods import (
    exact_backends,
    measured_variants,
    method_merged_twice,
    variant_to_compare_with,
)
from bench.runner.study_problems import RecordGroup
from bench.runner.untimed_work import FailedTwiceError
from bench.runner.variant_scores import VariantScores
from bench.runner.worker_pool import absent_methods, merging_methods
from merge_impls.machine import describe_machine

FINDS_NO_INSTANCES = "merges problems; name it among the backends, or as a row's third_party"
"""The reason for a method of ``scored_alone`` that finds no instances."""


class ImageProblems:
    """The problems of a study of images.

    limit: use at most this many images. fresh: measure all images, also those that an earlier run has saved.
    executor: the workers that run the untimed work; None for this process.
    """

    def __init__(
        self,
        study: Study,
        dataset: Dataset,
        pipeline: Pipeline,
        limit: int | None = None,
        fresh: bool = False,
        executor: Executor | None = None,
    ) -> None:
        self.study, self.dataset, self._fresh, self._executor = study, dataset, fresh, executor
        self.pipeline = pipeline.with_config(study.strategy)
        self.image_results: ImageResults = {}
        self.view = RunView(study.name)
        names = dataset.names(study.images.split)
        chosen = dataset.tuning_image_names(names) if study.images.tuning else names
        self.images = chosen[: limit or study.images.limit]
        self.absent = {name: ("unavailable", why) for name, why in absent_methods(study).items()}
        compares = any(map(partial(variant_to_compare_with, study), measured_variants(study)))
        split = study.images.split
        self.scores = VariantScores(dataset, split, self.images, executor, compares)
        self.code = MethodCode(map(find_method, merging_methods(study)))
        self.keys = StudyKeys(study, dataset, pipeline, self.images, self.absent, self.code)

    def record_groups(self, folder: Path) -> Iterator[RecordGroup]:
        """Each record as a group of its own. ``folder`` keeps the result of each image in a file."""
        # Annotation that does not fit its image is refused here, before networks and merges take their time.
        self.dataset.annotation_files(self.study.images.split, self.images)
        if not self._fresh:
            self.scores.known = KnownScores(read_records_of_all_machines(folder))
        remove_abandoned_spools(folder)
        self._spool = InstanceSpool(folder if self._executor else None)
        self.image_results = self._all_results(folder)
        yield from map(self._group_without_merge, self.study.scored_alone)
        for variant in measured_variants(self.study):
            against = variant_to_compare_with(self.study, variant)
            against = against if against in self.image_results else None
            readable = self._has_only_right_results(variant, against)
            for name, scope in self._methods_and_scopes(variant):
                planned = self._planned_record(name, variant, scope, against)
                measure = partial(self._finish_merge_record, planned, variant, against, readable)
                yield RecordGroup([planned], measure, readable, partial(self._is_current, variant))

    def _is_current(self, variant: Variant, record: Record) -> bool:
        """Whether a record of an earlier run has the measurements in the results of images."""
        results = self.image_results[variant]
        return record.images == image_entries(results, record.cell, self.study.reference)

    def planned_cells(self, folder: Path, kept: set[str]) -> Iterator[PlannedCell]:
        """All cells of the study; see ``PlannedStudy``."""
        for name in self.study.scored_alone:
            (planned,) = self._group_without_merge(name).planned
            there = len(self.images) if planned.key in kept else 0
            yield PlannedCell(planned.cell, len(self.images), there, 0, planned.reason)
        for variant in measured_variants(self.study):
            paths = [self._path(folder, name, variant) for name in self.images]
            there = sum(path.is_file() for path in paths)
            for name, scope in self._methods_and_scopes(variant):
                cell = self._record_cell(name, variant, scope, merges=True)
                _, reason = self.absent.get(name, ("", ""))
                twice = name == method_merged_twice(self.study, variant.linkage)
                merges = self.study.merges_of_image
                yield PlannedCell(cell, len(paths), there, merges, reason, twice=twice)

    def _path(self, folder: Path, image: str, variant: Variant) -> Path:
        """The file with the result of an image."""
        return folder / "units" / f"{self.keys.image_result_key(image, variant)}{FILE_SUFFIX}"

    def _all_results(self, folder: Path) -> ImageResults:
        """The results of all images by variant. Results that an earlier run has saved are loaded."""
        variants = measured_variants(self.study)
        cases = [(name, variant) for name in self.images for variant in variants]
        results = PackedResults()
        for case in cases:
            path = self._path(folder, *case)
            refuse_folder_in_place_of_file(path)
            found = None if self._fresh else load_image_result(path)
            if found is not None:
                results[case] = with_instances_in_file(found, path)
        missing = [case for case in cases if case not in results and self._can_run_variant(case[1])]
        if missing:
            results.update(self._run_networks(missing))
            left = [case for case in missing if case not in results]
            self._measure_images(left, folder, results)
        return {
            variant: ResultsOfVariant(results, variant, self.images)
            for variant in variants
            if self._can_run_variant(variant)
        }

    def _can_run_variant(self, variant: Variant) -> bool:
        """Whether a variant can be measured: not if its third-party method is not installed."""
        return variant.third_party not in self.absent

    def _measure_images(
        self, missing: list[ImageCase], folder: Path, results: PackedResults
    ) -> None:
        """Measure images with their variants, into ``results``.

        Results in which no backend failed or differed are saved.
        """
        if not missing:
            return
        self.view.begin_part(MERGES, len(missing))
        executor = None if self.study.is_timed else self._executor
        with MergeWork(self.study, self.dataset, self.pipeline, self.code) as work:
            for outcome in work.outcomes(missing, executor):
                result = self._keep_result(outcome, folder)
                results[outcome.task] = result
                for scope in result.scopes.values():
                    self.view.count_runs(scope.runs)
                self.view.advance()

    def _keep_result(self, outcome: Outcome[ImageCase, MergedImage], folder: Path) -> ImageResult:
        """The result of an image, with its instances in a file."""
        merged, (name, variant) = outcome.value, outcome.task
        if merged is None:
            reason = f"the merges failed twice: {outcome.reason}"
            return failed_image_result(name, self._methods_and_scopes(variant), reason)
        self.absent |= {method: ("failed", why) for method, why in merged.absent.items()}
        self.code.report_late_files(merged.late_files)  # this may change the key
        savable = merged.result.has_only_right_runs and not merged.absent
        path = self._path(folder, name, variant) if savable else None
        return keep_image_result(merged.result, path, merged.size, self._spool)

    def _run_networks(self, missing: list[ImageCase]) -> dict[ImageCase, ImageResult]:
        """Fill the cache, so that no network runs while merges are timed. Returns what failed in workers."""
        tasks = [
            (name, tuple(variant for _, variant in cases))
            for name, cases in groupby(missing, key=lambda case: case[0])
        ]
        work = NetworkWork(self.dataset, self.pipeline, self.study.images.split)
        failed = work.fill_cache(tasks, self._executor, self.view)
        return {
            case: failed_image_result(case[0], self._methods_and_scopes(case[1]), failed[case[0]])
            for case in missing
            if case[0] in failed
        }

    def _methods_and_scopes(self, variant: Variant) -> list[tuple[str, str]]:
        """The method and the scope ("maps" or "crops") of each record of a variant."""
        if variant.third_party:
            return [(variant.third_party, "maps")]
        ours = [*product(exact_backends(self.study, variant.linkage), ["maps", "crops"])]
        return [*ours, (self.study.reference, "crops")]

    def _has_only_right_results(self, variant: Variant, against: Variant | None) -> bool:
        """Whether all methods started, and all their results are right in a variant and in ``against``."""
        started = all(state != "failed" for state, _ in self.absent.values())
        variants = filter(None, [variant, against])
        measured = chain.from_iterable(self.image_results.get(each, ()) for each in variants)
        return started and all(result.has_only_right_runs for result in measured)

    def _finish_merge_record(
        self, planned: Record, variant: Variant, against: Variant | None, clean: bool
    ) -> tuple[list[Record], bool]:
        """A record with its results if it is pending. A record of whole maps has scores too.

        clean: returned as second value, for the ``RecordGroup``.
        """
        if not planned.is_pending:
            return [], clean
        results, scores, change = self.image_results, None, None
        if planned.cell.scope == "maps":
            try:
                scores = self.scores.scores(variant, results)
                change = self.scores.ap_change(variant, against, results) if against else None
            except FailedTwiceError as error:
                return [planned.with_results(state="failed", reason=str(error))], False
        of_crops = self.study.reference, self.study.images.crop
        return [make_merge_record(planned, results[variant], *of_crops, scores, change)], clean

    def _group_without_merge(self, name: str) -> RecordGroup:
        """The record of a method that finds instances without a merge. It is scored but not timed."""
        variant = Variant("", self.study.strategy.replace(linkage="average"))
        method = find_method(name)
        planned = self._planned_record(name, variant, "maps")
        reason = method.reason or ("" if method.find_instances else FINDS_NO_INSTANCES)
        if reason:
            planned = planned.with_results(state="unavailable", reason=reason)
        return RecordGroup([planned], partial(self._finish_record_without_merge, planned, method))

    def _finish_record_without_merge(
        self, planned: Record, method: Method
    ) -> tuple[list[Record], bool]:
        """The record of a method that finds instances without a merge, with its scores if it is pending."""
        if not planned.is_pending:
            return [], True
        split = self.study.images.split
        work = FindingWork(method.name, self.dataset, self.pipeline, split)
        try:
            found = work.find(self.images, self._executor, self.view, self._spool)
            key, scores = self.scores.score(found)
        except FailedTwiceError as error:
            return [planned.with_results(state="failed", reason=str(error))], False
        return [planned.with_results(state="done", scores_key=key, scores=scores)], True

    def _planned_record(
        self, name: str, variant: Variant, scope: str, against: Variant | None = None
    ) -> Record:
        """A record without results. ``variant`` is compared with the variant ``against``."""
        method = find_method(name)
        merges = bool(method.linkages or method.target)
        cell = self._record_cell(name, variant, scope, merges)
        config = self.pipeline.with_config(variant.strategy).config
        state, reason = self.absent.get(name, (PENDING, ""))
        planned = Record(
            key="",
            study=self.study.name,
            cell=cell,
            backend_version=method.version,
            computes=method.rule_outside_contract(cell.linkage),
            thresholds=list(config.stage_thresholds) if merges else [],
            min_pixels=config.min_object_pixels,
            hashes=self.keys.hashes,
            machine=describe_machine(),
            state=state,
            reason=reason,
            strategy=variant.strategy.differences_from(PLAIN),
            truth=list(variant.oracle),
            noise=variant.noise or None,
            problem_change=variant.problem_change.to_json() or None,
            paper_ap=variant.paper,
            backend_code=self.code.sha256(name) or None,
            baseline=self.study.baseline,
            conditions=self.keys.conditions,
            inputs=self.keys.record_inputs(cell, variant, against),
            given_maps=self.pipeline.given_folders,
        )
        return planned.with_key()

    def _record_cell(self, backend: str, variant: Variant, scope: str, merges: bool) -> Cell:
        """The cell of a record. No two records of a study have the same cell."""
        return Cell(
            dataset=self.study.images.dataset,
            split=self.study.images.split,
            model=self.pipeline.networks_label(self.images),
            backend=backend,
            linkage=variant.linkage if merges else None,
            scope=scope,
            row=variant.name or None,
        )
