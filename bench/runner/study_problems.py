"""The protocol of a study's problems, which the runner measures: images or seeded fields."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bench.runner.image_results import ImageResults
from bench.runner.record import Record

Measure = Callable[[], tuple[list[Record], bool]]
"""Measures the pending records of a group. Returns these records, and whether all results are right."""


@dataclass(frozen=True)
class RecordGroup:
    """Records that are measured together: those of an earlier run are read only if all are there.

    planned: the records without results; of those that are not pending the method cannot run.
    readable: whether records of an earlier run may stand beside what this run has measured.
    """

    planned: list[Record]
    measure: Measure
    readable: bool = True


class Problems(Protocol):
    """The problems of one study, and how its methods are measured on them."""

    def groups(self, folder: Path) -> Iterator[RecordGroup]:
        """All records of the study in its order; ``folder`` keeps what is measured beside records."""
        ...

    @property
    def image_results(self) -> ImageResults:
        """The results of images by variant, once the groups are there; none for fields."""
        ...
