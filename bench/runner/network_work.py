"""Runs the networks of a study on its images and fills the cache, in this process or in workers."""

import pickle
import platform
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache, partial
from importlib.metadata import version

from bench.datasets import Dataset
from bench.pipeline.segment import Pipeline
from bench.runner.executors import Executor, OtherWorkerError
from bench.runner.input_digests import code_digests
from bench.runner.run_view import NETWORKS, RunView
from bench.runner.study import Variant
from bench.runner.variant_predictor import variant_predictor

LIBRARIES = ("numpy", "torch", "pillow", "merge_impls")
"""The libraries whose versions must be the same in all workers."""

ImageTask = tuple[str, tuple[Variant, ...]]
"""The name of an image, and the variants that segment it."""


@dataclass(frozen=True)
class NetworkWork:
    """The networks on the images of a split. A worker needs the same paths of data, model and cache."""

    dataset: Dataset
    pipeline: Pipeline
    split: str

    def fill_cache(self, task: ImageTask) -> None:
        """Put the outputs of the networks for an image and all its variants into the cache."""
        name, variants = task
        image = self.dataset.image(self.split, name)
        load_sample = partial(self.dataset.load, self.split, name)
        for variant in variants:
            pipeline = self.pipeline.with_config(variant.strategy)
            pipeline.fill_cache(variant_predictor(pipeline, variant, name, image, load_sample))

    def run(
        self, tasks: Sequence[ImageTask], executor: Executor | None, view: RunView
    ) -> dict[str, str]:
        """Fill the cache for all images.

        executor: the workers; None for this process, in which errors are raised. view: shows the progress.
        Returns the reason for each image on which two tries failed in workers.
        Raises ``OtherWorkerError`` if a worker has other sources or versions.
        """
        view.begin_part(NETWORKS, len(tasks))
        failed = {}
        for (name, _), reason in self._outcomes(tasks, executor):
            view.advance()
            if reason:
                failed[name] = f"{name}: the networks failed twice: {reason}"
        return failed

    def _outcomes(
        self, tasks: Sequence[ImageTask], executor: Executor | None
    ) -> Iterator[tuple[ImageTask, str]]:
        if executor is None:
            for task in tasks:
                self.fill_cache(task)
                yield task, ""
            return
        yield from executor.run(
            partial(fill_cache_in_worker, pickle.dumps(self), worker_identity()), tasks
        )


@cache
def worker_identity() -> dict[str, str]:
    """The digests of the sources that this process has, and the versions of Python and libraries."""
    versions = {name: version(name) for name in LIBRARIES}
    return {**code_digests(__name__), "python": platform.python_version(), **versions}


def fill_cache_in_worker(work: bytes, expected: dict[str, str], task: ImageTask) -> None:
    """``NetworkWork.fill_cache`` in a worker process. work: the pickled ``NetworkWork``.

    Raises ``OtherWorkerError`` if the identity of the worker is not ``expected``.
    """
    refuse_other_worker(expected, worker_identity())
    _unpickle(work).fill_cache(task)


def refuse_other_worker(expected: dict[str, str], found: dict[str, str]) -> None:
    """Raise ``OtherWorkerError``, one line, for the first entry in which two identities differ."""
    for name, value in expected.items():
        if found.get(name) != value:
            raise OtherWorkerError(
                f"worker on {platform.node()}: {name} is {str(found.get(name))[:12]}, here {value[:12]}; "
                "install the same sources and versions on all machines"
            )


@lru_cache(maxsize=1)
def _unpickle(work: bytes) -> NetworkWork:
    """The work of a study, kept so that a worker loads its networks once."""
    opened: NetworkWork = pickle.loads(work)
    return opened
