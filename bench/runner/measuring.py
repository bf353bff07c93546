"""Measuring one image: its problem built, merged by every backend, checked on a crop by the reference."""

import os
from collections import Counter
from collections.abc import Sequence
from contextlib import ExitStack
from typing import Self

from bench.pipeline import Pipeline
from bench.problem.build import Maps, crop_problem
from bench.regions import densest_crop
from bench.runner.units import Part, Unit
from bench.studies import Study
from merge_impls import MergeProblem, MergeResult, backends
from merge_impls.isolation import BackendFailed, Worker
from merge_impls.pixel_edges import count_edges
from merge_impls.rounds import Run, measure


def absent_backends(study: Study) -> dict[str, str]:
    """Backends of a study that cannot run here, each with the reason."""
    known = backends()
    wanted = [*study.backends, study.reference]
    return {
        name: known[name].reason
        if name in known
        else f"no backend of that name: {', '.join(known)}"
        for name in wanted
        if name not in known or not known[name].available
    }


class Measuring:
    """The worker processes of a study, all on one core; a context manager.

    ``absent``: backends that could not even be started, with the reason.
    """

    def __init__(self, study: Study, pipeline: Pipeline) -> None:
        self.study, self.pipeline = study, pipeline
        self.absent: dict[str, str] = {}
        self._workers: dict[str, Worker] = {}
        self._hung: dict[str, str] = {}
        self._turns: Counter[str] = Counter()

    def __enter__(self) -> Self:
        with ExitStack() as stack:
            core = max(os.sched_getaffinity(0))
            unavailable = absent_backends(self.study)
            for name in [*self.study.backends, self.study.reference]:
                if name in unavailable:
                    continue
                worker = stack.enter_context(Worker(name, core=core))
                try:
                    worker.start()
                except BackendFailed as error:
                    self.absent[name] = str(error)
                else:
                    self._workers[name] = worker
            self._stack = stack.pop_all()
        return self

    def __exit__(self, *exception: object) -> None:
        self._stack.close()

    def unit(self, name: str, maps: Maps, linkage: str) -> Unit:
        """Merge an image's densest crop with all, the reference included, and the whole without it."""
        problem = self.pipeline.problem(maps, linkage)
        self._turns[linkage] += 1  # counted by linkage, so that under each all begin equally often
        crop = crop_problem(problem, densest_crop(problem.mask, self.study.crop).window)
        everyone = [self.study.reference, *self.study.backends]
        _, piece = self._part(crop, everyone, self.study.reference)
        # Who was wrong on the crop comes last, so that nobody is compared with it if it can be helped.
        doubted = [other for other, run in piece.runs.items() if run.difference or run.failed]
        ordered = sorted(self.study.backends, key=lambda backend: backend in doubted)
        trusted = None if self.study.map_reference in doubted else self.study.map_reference
        result, whole = self._part(problem, ordered, trusted, doubted)
        instances = self.pipeline.instances(maps, result, linkage) if result else []
        return Unit(name, {"maps": whole, "crops": piece}, instances)

    def _part(
        self,
        problem: MergeProblem,
        names: Sequence[str],
        trusted: str | None,
        doubted: Sequence[str] = (),
    ) -> tuple[MergeResult | None, Part]:
        workers = [
            self._workers[name]
            for name in names
            if name in self._workers and name not in self._hung
        ]
        study = self.study
        result, runs = measure(
            problem, workers, study.rounds, self._turns[problem.linkage], trusted, doubted
        )
        # Who took too long once is not waited for again: a study has hundreds of problems.
        self._hung |= {name: run.failed for name, run in runs.items() if run.kind == "timeout"}
        for name in names:
            if name in self._hung and name not in runs:
                why = f"not asked again after {self._hung[name]}"
                runs[name] = Run(first_call_seconds=None, failed=why, kind="timeout")
        merges = 0 if result is None or result.history is None else len(result.history)
        segments = 0 if result is None else len(result.sizes)
        vertices, edges = int(problem.mask.sum()), count_edges(problem)
        return result, Part(vertices, edges, merges, segments, runs)
