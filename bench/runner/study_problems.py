"""The protocol ``StudyProblems``: the runner measures images and synthetic fields in the same way."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bench.runner.image_results import ImageResults
from bench.runner.record import Record

Measure = Callable[[], tuple[list[Record], bool]]
"""A function that measures the pending records of a group.

It returns these records, and whether all results are right.
"""


@dataclass(frozen=True)
class RecordGroup:
    """Records that are measured together. Records of an earlier run are used only if all of them are current.

    planned: the records without results. If a record is not pending, its method cannot run.
    measure: measures the pending records.
    readable: whether records of an earlier run may be used.
    is_current: whether a record of an earlier run belongs to the results of images in the folder.
    """

    planned: list[Record]
    measure: Measure
    readable: bool = True
    is_current: Callable[[Record], bool] = lambda record: True


class StudyProblems(Protocol):
    """The problems of one study, and the measurements of its methods on them."""

    def record_groups(self, folder: Path) -> Iterator[RecordGroup]:
        """All records of the study, in the study's order. ``folder`` keeps the results of images."""
        ...

    @property
    def image_results(self) -> ImageResults:
        """The results of images by variant, once ``groups`` has run; empty for fields."""
        ...


@dataclass(frozen=True)
class JoinedProblems:
    """The problems of several studies, which are run one after the other in one folder.

    parts: the problems of each study; the results of images are those of the first.
    """

    parts: Sequence[StudyProblems]

    def record_groups(self, folder: Path) -> Iterator[RecordGroup]:
        """The records of all studies."""
        for part in self.parts:
            yield from part.record_groups(folder)

    @property
    def image_results(self) -> ImageResults:
        """The results of images of the first study."""
        return self.parts[0].image_results
