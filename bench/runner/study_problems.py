"""What the runner asks of the problems of a study, which are made from images or from seeded fields."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol

from bench.runner.image_results import ImageResults
from bench.runner.record import Record

Measure = Callable[[list[Record]], tuple[list[Record], bool]]
"""From planned records to the same with results, and whether no method failed or differed."""


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
