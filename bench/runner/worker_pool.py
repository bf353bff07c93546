"""The worker processes of a study of images: one process for each method that merges."""

import os
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from functools import partial
from typing import Self

from bench.methods.all_methods import find_method
from bench.pipeline.config import PipelineConfig
from bench.pipeline.graph import Graph, RegionGraph
from bench.pipeline.predictor import Predictor
from bench.pipeline.segment import Pipeline
from bench.runner.densest_subgraph import densest_subgraph
from bench.runner.image_agreement import agreement_with_exact
from bench.runner.image_results import ImageResult, ScopeResult
from bench.runner.method_code import MethodCode, measuring_worker
from bench.runner.problem_change import UNCHANGED, ProblemChange, count_tied_merges
from bench.runner.study import Study
from bench.runner.study_methods import (
    exact_backend_to_compare_with,
    exact_backends,
    measured_variants,
    method_merged_twice,
)
from bench.types import Instance
from merge_impls import CompleteResult, MergeProblem
from merge_impls.isolation import BackendFailed, Worker
from merge_impls.label_agreement import LabelAgreement
from merge_impls.timing import TimedRun, join_second_process, second_process_name, time_workers


def merging_methods(study: Study) -> list[str]:
    """The names of all methods that merge in a study: backends, reference and third-party methods.

    Also the backends with which the results of approximate methods are compared.
    """
    rough = [variant for variant in measured_variants(study) if variant.third_party]
    compared = [exact_backend_to_compare_with(study, variant.linkage) for variant in rough]
    third_party = [variant.third_party for variant in rough if variant.third_party]
    return list(dict.fromkeys([*study.backends, study.reference, *third_party, *compared]))


def absent_methods(study: Study) -> dict[str, str]:
    """The merging methods of a study that cannot run here, each with the reason."""
    reasons = {name: find_method(name).reason for name in merging_methods(study)}
    return {name: reason for name, reason in reasons.items() if reason}


class WorkerPool:
    """A context manager with one worker process for each method of a study that merges.

    All processes of a timed study run on the same core. code: what a method's process must run.

    absent: the methods whose process did not start, with the reasons.
    """

    def __init__(self, study: Study, code: MethodCode) -> None:
        self.study, self.code = study, code
        self.absent: dict[str, str] = {}
        self._workers: dict[str, Worker] = {}
        self._hung: dict[str, str] = {}
        self._turns: Counter[PipelineConfig] = Counter()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            core = max(os.sched_getaffinity(0)) if self.study.is_timed else None
            unavailable = absent_methods(self.study)
            for name in merging_methods(self.study):
                if name in unavailable:
                    continue
                method = find_method(name)
                worker = stack.enter_context(measuring_worker(method, self.code, core, self.study))
                try:
                    worker.start()
                except BackendFailed as error:
                    self.absent[name] = str(error)
                else:
                    self._workers[name] = worker
            self._add_second_processes(stack, core)
            self._stack = stack.pop_all()
        return self

    def _add_second_processes(self, stack: ExitStack, core: int | None) -> None:
        """Add a worker with a second process of each method that is measured twice."""
        linkages = {variant.linkage for variant in measured_variants(self.study)}
        for name in {method_merged_twice(self.study, each) for each in linkages}:
            if name in self._workers:
                label, method = second_process_name(name), find_method(name)
                worker = measuring_worker(method, self.code, core, self.study, label)
                self._workers[label] = stack.enter_context(worker)

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def measure_backends(
        self,
        name: str,
        pipeline: Pipeline,
        predictor: Predictor,
        change: ProblemChange = UNCHANGED,
    ) -> ImageResult:
        """Merge all regions of an image with all backends.

        The reference is too slow for whole regions, so it merges the densest crop of the largest region. With
        forced local merge, the agreement with the exact merge of pixels is measured, and with a change of the
        problems, the agreement with the merge of the problems that are rounded alone.
        """
        disturb = change.disturbance
        graphs = _make_graphs(predictor, change, pipeline)
        # The order of the backends goes on changing from image to image; see ``order_of_round``.
        self._turns[pipeline.config] += 1
        turn = self._turns[pipeline.config]
        largest = max((each.graph for each in graphs), key=lambda graph: graph.vertices)
        crop = densest_subgraph(largest, self.study.images.crop)
        backends = exact_backends(self.study, pipeline.config.linkage)
        on_crop = [self.study.reference, *backends]
        _, crops = self._time_merges(crop, on_crop, turn, self.study.reference, change=disturb)
        # Without a map_reference, the first backend is the reference. It should be right on the crop.
        wrong = [backend for backend, run in crops.runs.items() if run.difference or run.failed]
        ordered = sorted(backends, key=lambda backend: backend in wrong)
        reference = None if self.study.map_reference in wrong else self.study.map_reference
        merged = [
            self._time_merges(each.graph, ordered, turn, reference, wrong, disturb)
            for each in graphs
        ]
        results, regions = zip(*merged, strict=True)
        instances = _instances_of_results(pipeline, predictor.image_size, graphs, results)
        maps = ScopeResult.sum_over_regions(regions)
        if pipeline.config.flm > 1 or disturb != UNCHANGED:
            agreement = self._agreement_with_exact(pipeline, predictor, change, graphs, results)
            for run in maps.runs.values():
                run.agreement = agreement
        return ImageResult(name, {"maps": maps, "crops": crops}, instances)

    def measure_third_party(
        self,
        name: str,
        pipeline: Pipeline,
        predictor: Predictor,
        third_party: str,
        change: ProblemChange = UNCHANGED,
    ) -> ImageResult:
        """Merge all regions of an image with a third-party method or an approximate backend.

        The results may differ from the exact ones, so only their agreement with these is measured.
        """
        graphs = _make_graphs(predictor, change, pipeline)
        merge = partial(self._time_merges, names=[third_party], turn=0, reference=None)
        merged = [merge(each.graph, change=change.disturbance) for each in graphs]
        results, regions = zip(*merged, strict=True)
        instances = _instances_of_results(pipeline, predictor.image_size, graphs, results)
        whole = ScopeResult.sum_over_regions(regions)
        agreement = self._agreement_with_exact(pipeline, predictor, change, graphs, results)
        whole.runs[third_party].agreement = agreement
        return ImageResult(name, {"maps": whole}, instances)

    def late_files(self) -> list[tuple[str, str]]:
        """The methods whose processes have loaded further code in a merge, each with a file of this code."""
        return [(name, each.late_file) for name, each in self._workers.items() if each.late_file]

    def _agreement_with_exact(
        self,
        pipeline: Pipeline,
        predictor: Predictor,
        change: ProblemChange,
        graphs: Sequence[RegionGraph],
        results: Sequence[CompleteResult | None],
    ) -> LabelAgreement | None:
        """The agreement of the results of all regions with the exact ones; None without an exact backend."""
        name = exact_backend_to_compare_with(self.study, pipeline.config.linkage)
        worker = self._workers.get(name)
        if worker is None or name in self._hung:
            return None

        def merge_exactly(problem: MergeProblem) -> CompleteResult:
            return worker.merge(problem).result

        make_graphs = partial(_make_graphs, predictor, change)
        return agreement_with_exact(pipeline, make_graphs, graphs, results, merge_exactly)

    def _time_merges(
        self,
        graph: Graph,
        names: Sequence[str],
        turn: int,
        reference: str | None,
        known_wrong: Sequence[str] = (),
        change: ProblemChange = UNCHANGED,
    ) -> tuple[CompleteResult | None, ScopeResult]:
        """Merge a graph after ``change``. The result is that of the vertices of ``graph``."""
        problem = change.apply(graph.problem)
        running = [name for name in names if name in self._workers and name not in self._hung]
        twice = method_merged_twice(self.study, problem.linkage)
        workers = [self._workers[name] for name in running]
        if twice in running and twice not in known_wrong:
            workers.append(self._workers[second_process_name(twice)])
        rough = [] if twice is None else _approximate_second_process(twice, problem.linkage)
        rounds, first = self.study.merges_of_image, turn * self.study.merges_of_image
        result, runs = time_workers(problem, workers, rounds, first, reference, known_wrong, rough)
        if twice in runs:
            join_second_process(runs, twice)
        if not self.study.is_timed:
            runs = {name: run.without_measurements() for name, run in runs.items()}
        # A study has hundreds of problems, so a backend that once exceeded the timeout is not run again.
        self._hung |= {name: run.failed for name, run in runs.items() if run.kind == "timeout"}
        for name in names:
            if name in self._hung and name not in runs:
                why = f"not run again after {self._hung[name]}"
                runs[name] = TimedRun(first_call_seconds=None, failed=why, kind="timeout")
        history = None if result is None else result.history
        merges = 0 if history is None else len(history)
        ties = None if history is None else count_tied_merges(history)
        segments = 0 if result is None else graph.count_segments(result)
        merged = ScopeResult(
            graph.vertices, problem.count_edges(), merges, segments, runs, tied_merges=ties
        )
        return None if result is None else change.restore(result), merged


def _approximate_second_process(name: str, linkage: str) -> list[str]:
    """The second process of an approximate method, whose result may differ; [] for an exact method."""
    return [second_process_name(name)] if linkage in find_method(name).approximate else []


def _make_graphs(
    predictor: Predictor, change: ProblemChange, pipeline: Pipeline
) -> list[RegionGraph]:
    """The graphs of an image, with the rounding of ``change`` alone."""
    return [
        replace(each, graph=replace(each.graph, problem=change.rounding.apply(each.graph.problem)))
        for each in pipeline.graphs(predictor)
    ]


def _instances_of_results(
    pipeline: Pipeline,
    size: tuple[int, int],
    graphs: Sequence[RegionGraph],
    results: Sequence[CompleteResult | None],
) -> list[Instance]:
    """The instances of an image; [] if any region has no result."""
    pairs = zip(graphs, results, strict=True)
    complete = [graph.with_merge_result(result) for graph, result in pairs if result is not None]
    return pipeline.instances(complete, size) if len(complete) == len(results) else []
