"""Matches the instances of images with their annotation, in this process or in workers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from bench.datasets import Dataset
from bench.datasets.annotations_on_demand import AnnotationsOnDemand
from bench.evaluation import in_memory, official
from bench.evaluation.average_precision import SizeRange
from bench.evaluation.in_memory import Evaluation
from bench.evaluation.matching import Matches
from bench.runner.executors import Executor
from bench.runner.untimed_work import UntimedWork
from bench.types import Instance

Found = Mapping[str, Sequence[Instance]]
"""The objects that were found in each image, by the name of the image."""

IMAGES_OF_TASK = 16
"""The number of images that a worker matches in one task, because the official evaluator starts a process."""


@dataclass(frozen=True)
class MatchedImages:
    """The matches of our evaluator by image, and ``official.match_images`` unless it is not needed."""

    matches: dict[str, Matches]
    official: bytes | None


@dataclass(frozen=True)
class MatchingWork(UntimedWork[Found, MatchedImages]):
    """The instances of a split's images. A worker needs the same paths of data and of files of instances.

    with_official: whether the official evaluator matches the instances, too.
    """

    dataset: Dataset
    split: str
    with_official: bool

    def needed_versions(self) -> dict[str, str]:
        """The version of the official evaluator."""
        return {"evaluator": official.evaluator_version()} if self.with_official else {}

    def run_task(self, task: Found) -> MatchedImages:
        """Match the instances of some images."""
        # Our evaluator is first, because its errors name a wrong file and those of the other do not.
        matches = self.evaluate(task).matches
        truth = {name: self.dataset.truth_path(self.split, name) for name in task}
        return MatchedImages(
            matches, official.match_images(task, truth) if self.with_official else None
        )

    def evaluate(self, found: Found) -> Evaluation:
        """The evaluation of our evaluator, in this process."""
        truth = AnnotationsOnDemand(self.dataset, self.split, found)
        return in_memory.evaluate(found, truth, self.dataset.class_names, self._size_range)

    def evaluate_in_workers(
        self, found: Found, executor: Executor, folder: Path | None = None
    ) -> Evaluation:
        """The evaluation of our evaluator.

        folder: where the files for ``official.evaluate_matches`` are written, if ``with_official``. In memory
        they would need more than all other results of an image.
        """
        matches: dict[str, Matches] = {}
        parts = self.values(_parts_of(found), executor, "scoring")
        for number, (_, matched) in enumerate(parts):
            matches |= matched.matches
            if folder is not None and matched.official is not None:
                (folder / f"{number}.pickle").write_bytes(matched.official)
        in_order = {name: matches[name] for name in found}
        return Evaluation(self.dataset.class_names, in_order, self._size_range)

    @property
    def _size_range(self) -> SizeRange:
        return SizeRange(self.dataset.least_object_pixels)


def _parts_of(found: Found) -> list[Found]:
    """The images in parts of at most ``IMAGES_OF_TASK``."""
    names = iter(found)
    parts: list[Found] = []
    while part := {name: found[name] for name in islice(names, IMAGES_OF_TASK)}:
        parts.append(part)
    return parts
