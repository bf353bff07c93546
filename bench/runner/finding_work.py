"""Finds instances with the methods that do not merge, in this process or in workers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from bench.datasets import Dataset
from bench.methods.all_methods import find_method
from bench.pipeline.segment import Pipeline
from bench.runner.executors import Executor
from bench.runner.instance_files import InstanceSpool
from bench.runner.run_view import RunView
from bench.runner.untimed_work import UntimedWork
from bench.types import Instance


@dataclass(frozen=True)
class FindingWork(UntimedWork[str, list[Instance]]):
    """One method on the images of a split. A worker needs the same paths of data, model and cache."""

    method: str
    dataset: Dataset
    pipeline: Pipeline
    split: str

    def run_task(self, task: str) -> list[Instance]:
        """Find the instances in the image of this name."""
        find = find_method(self.method).find_instances
        if find is None:
            raise ValueError(f"{self.method} finds no instances in images; name another method")
        return find(self.pipeline, self.dataset.load(self.split, task))

    def find(
        self, images: Sequence[str], executor: Executor | None, view: RunView, spool: InstanceSpool
    ) -> Mapping[str, Sequence[Instance]]:
        """The instances in all images, by the name of the image, in files of ``spool``.

        executor: the workers; None for this process. view: shows the progress.
        Raises ``FailedTwiceError`` if two tries failed in workers.
        """
        view.begin_part(self.method, len(images))
        found = {}
        for image, instances in self.values(images, executor, self.method):
            found[image] = spool.save(instances)
            view.advance()
        return {image: found[image] for image in images}
