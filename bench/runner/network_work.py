"""Runs the networks of a study on its images and fills the cache, in this process or in workers."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from bench.datasets import Dataset
from bench.pipeline.segment import Pipeline
from bench.runner.executors import Executor
from bench.runner.run_view import NETWORKS, RunView
from bench.runner.study import Variant
from bench.runner.untimed_work import UntimedWork
from bench.runner.variant_predictor import variant_predictor

ImageTask = tuple[str, tuple[Variant, ...]]
"""The name of an image, and the variants that segment it."""


@dataclass(frozen=True)
class NetworkWork(UntimedWork[ImageTask, None]):
    """The networks on the images of a split. A worker needs the same paths of data, model and cache."""

    dataset: Dataset
    pipeline: Pipeline
    split: str

    def run_task(self, task: ImageTask) -> None:
        """Put the outputs of the networks for an image and all its variants into the cache."""
        name, variants = task
        image = self.dataset.image(self.split, name)
        load_sample = partial(self.dataset.load, self.split, name)
        for variant in variants:
            pipeline = self.pipeline.with_config(variant.strategy)
            pipeline.fill_cache(variant_predictor(pipeline, variant, name, image, load_sample))

    def fill_cache(
        self, tasks: Sequence[ImageTask], executor: Executor | None, view: RunView
    ) -> dict[str, str]:
        """Fill the cache for all images.

        executor: the workers; None for this process. view: shows the progress.
        Returns the reason for each image on which two tries failed in workers.
        """
        view.begin_part(NETWORKS, len(tasks))
        failed = {}
        for outcome in self.outcomes(tasks, executor):
            view.advance()
            if outcome.reason:
                name, _ = outcome.task
                failed[name] = f"the networks failed twice: {outcome.reason}"
        return failed
