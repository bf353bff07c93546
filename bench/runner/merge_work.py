"""Merges the affinities of images with all methods of a study, in this process or in workers.

Each method merges in a process of its own, with the limits of the study, wherever the work runs.
"""

import weakref
from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from functools import partial
from threading import Lock
from typing import Any, Self

from bench.datasets import Dataset
from bench.methods.all_methods import find_method
from bench.pipeline.segment import Pipeline
from bench.runner.image_results import ImageResult
from bench.runner.method_code import MethodCode
from bench.runner.study import Study, Variant
from bench.runner.untimed_work import UntimedWork
from bench.runner.variant_predictor import variant_predictor
from bench.runner.worker_pool import WorkerPool, merging_methods
from bench.types import RgbImage, Size, image_size

ImageCase = tuple[str, Variant]
"""The name of an image, and the variant of the study with which the image is segmented."""


@dataclass(frozen=True)
class MergedImage:
    """The result of an image of ``size`` (height, width).

    absent: the methods whose process did not start, with the reasons. late_files: the files of code that
    the processes of methods have loaded in a merge, see ``MethodCode.report_late_files``.
    """

    result: ImageResult
    size: Size
    absent: dict[str, str]
    late_files: list[tuple[str, str]]


class MergeWork(UntimedWork[ImageCase, MergedImage]):
    """The merges of the images of a study. A worker needs the same paths of data, model and cache.

    A context manager: the processes of the methods start with the first task, and end with the block. In a
    worker they end with this object. Tasks of several threads wait for one another.
    """

    def __init__(
        self, study: Study, dataset: Dataset, pipeline: Pipeline, code: MethodCode
    ) -> None:
        self.study, self.dataset, self.pipeline, self.code = study, dataset, pipeline, code
        self._pool: WorkerPool | None = None
        self._lately_read: tuple[str, RgbImage] | None = None
        self._lock, self._stack = Lock(), ExitStack()
        self._close = weakref.finalize(self, self._stack.close)

    def __reduce__(self) -> tuple[Callable[..., Self], tuple[Any, ...]]:
        return type(self), (self.study, self.dataset, self.pipeline, self.code)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *exception: object) -> None:
        self._close()

    def needed_versions(self) -> dict[str, str]:
        """The version and the code of each method; for a method that cannot run, the reason."""
        methods = list(map(find_method, merging_methods(self.study)))
        code = MethodCode(methods)
        return {
            f"method {each.name}": f"{each.reason or each.version} {code.sha256(each.name)}".strip()
            for each in methods
        }

    def run_task(self, task: ImageCase) -> MergedImage:
        """Predict and merge an image with a variant."""
        with self._lock:
            pool = self._open_pool()
            image = self._read_image(task[0])
            result = self._merge(pool, task, image)
            return MergedImage(result, image_size(image), pool.absent, pool.late_files())

    def _open_pool(self) -> WorkerPool:
        if self._pool is None:
            self._pool = self._stack.enter_context(WorkerPool(self.study, self.code))
        return self._pool

    def _read_image(self, name: str) -> RgbImage:
        """An image. The last one is kept, because its variants follow one another."""
        if self._lately_read is None or self._lately_read[0] != name:
            self._lately_read = name, self.dataset.image(self.study.images.split, name)
        return self._lately_read[1]

    def _merge(self, pool: WorkerPool, task: ImageCase, image: RgbImage) -> ImageResult:
        name, variant = task
        pipeline = self.pipeline.with_config(variant.strategy)
        load_sample = partial(self.dataset.load, self.study.images.split, name)
        predictor = variant_predictor(pipeline, variant, name, image, load_sample)
        given = (name, pipeline, predictor)
        if variant.third_party:
            return pool.measure_third_party(*given, variant.third_party, variant.problem_change)
        return pool.measure_backends(*given, variant.problem_change)
