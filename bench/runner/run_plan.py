"""The plan of a run: its cells, what an earlier run has measured, and the time that the rest takes.

Times come from the records of earlier runs of the study, in its folder and in ``results``. A method without
earlier records is timed on a small field, and its time is scaled by the number of edges.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import median
from typing import Protocol

from bench import paths
from bench.methods.all_methods import find_method
from bench.runner import records
from bench.runner.method_code import MethodCode, measuring_worker
from bench.runner.record import Cell, MeasuredProblem, Record
from bench.runner.run_view import MERGES
from bench.runner.study import Study
from merge_impls import fields
from merge_impls.isolation import BackendFailed
from merge_impls.machine import describe_machine, usable_core_numbers

FIELDS = "fields"
"""The entry ``dataset`` in the cell of every record of a study of fields."""

OWN_RECORDS = "earlier records of this machine"
OTHER_RECORDS = "earlier records of another machine"
TRIAL = "a merge of a small field just now, scaled by the number of edges"
"""What the time of a cell rests on."""

TRIAL_FIELD = (64, 128)
"""The height and width of the field on which a method without earlier records is timed."""


@dataclass(frozen=True)
class PlannedCell:
    """A cell of a run.

    problems: the number of images or fields. there: how many of them an earlier run has measured.
    reason: why the method cannot run here; "" if it can.
    rounds: how often each problem is merged; 0 for a method that does not merge.
    edges: of all problems together, about; None if they are counted only when the problems are made.
    twice: whether a second process of the method merges each problem too, for the A/A measurement.
    seconds: of the merges that are missing, about; None if unknown.
    basis: what ``seconds`` rest on, such as ``TRIAL``; "" if no merge is missing or the time is unknown.
    """

    cell: Cell
    problems: int
    there: int
    rounds: int
    reason: str = ""
    edges: int | None = None
    twice: bool = False
    seconds: float | None = None
    basis: str = ""


class PlannedStudy(Protocol):
    """What a plan needs of the problems of a study."""

    study: Study
    code: MethodCode

    def planned_cells(self, folder: Path, kept: set[str]) -> Iterator[PlannedCell]:
        """All cells of the study, without times. kept: the keys of the records in ``folder``."""
        ...


def plan_cells(
    problems: PlannedStudy, folder: Path, fresh: bool = False, trials: bool = True
) -> list[PlannedCell]:
    """The cells of a study with the time that they take. Nothing is measured but a few small merges.

    folder: of the records and results of earlier runs. fresh: whether these are measured again.
    trials: whether methods without earlier records are timed on a small field.
    """
    here = records.read(folder / "records.jsonl")
    kept = set() if fresh else {record.key for record in here}
    committed = records.read(paths.RESULTS / problems.study.name / "records.jsonl")
    times = _Times([*committed, *here], problems, trials)
    planned = list(problems.planned_cells(folder, kept))
    if fresh:
        planned = [replace(each, there=0) for each in planned]
    return [times.with_seconds(each) for each in planned]


def expected_seconds(
    parts: Iterable[PlannedStudy], folder: Path, fresh: bool
) -> dict[str, float | None]:
    """About how long each part of a run takes, by the names in ``RunView``, from earlier records alone.

    The time of a part is None if it is unknown. Networks are not counted.
    """
    expected: dict[str, float | None] = {}
    for problems in parts:
        for each in plan_cells(problems, folder, fresh, trials=False):
            if each.rounds and each.seconds != 0:
                part = each.cell.split if each.cell.dataset == FIELDS else MERGES
                before = expected.get(part, 0.0)
                unknown = before is None or each.seconds is None
                expected[part] = None if unknown else (before or 0) + (each.seconds or 0)
    return expected


class _Times:
    """The times of merges, from earlier records or from a trial."""

    def __init__(self, earlier: Sequence[Record], problems: PlannedStudy, trials: bool) -> None:
        self._earlier = [record for record in earlier if record.state == "done"]
        self._problems, self._can_try = problems, trials
        self._trials: dict[tuple[str, str], float | None] = {}
        self._machine = describe_machine()

    def with_seconds(self, planned: PlannedCell) -> PlannedCell:
        """The cell with the seconds of its missing merges, and with what these seconds rest on."""
        missing = planned.problems - planned.there
        if planned.reason or not missing:
            return replace(planned, seconds=0.0)
        each, basis = self._seconds_of_problem(planned) if planned.rounds else (None, "")
        if each is None:
            return replace(planned, seconds=None)
        merges = missing * planned.rounds * (2 if planned.twice else 1)
        return replace(planned, seconds=each * merges, basis=basis)

    def _seconds_of_problem(self, planned: PlannedCell) -> tuple[float | None, str]:
        """The seconds of one merge of one image or field, about, and their basis; None if unknown."""
        cell = planned.cell
        own = self._records_like(cell, cell.backend)
        seconds = [median(image.seconds) for image in _images_of(own) if image.seconds]
        if seconds:
            here = all(record.machine == self._machine for record in own)
            return median(seconds), OWN_RECORDS if here else OTHER_RECORDS
        if planned.edges is not None:
            edges = [planned.edges / planned.problems]
        else:
            edges = [image.edges for image in _images_of(self._records_like(cell, None))]
        per_edge = self._trial(cell) if edges and self._can_try else None
        return (None, "") if per_edge is None else (per_edge * median(edges), TRIAL)

    def _records_like(self, cell: Cell, backend: str | None) -> list[Record]:
        """The records of cells like this one. backend: None for those of any method."""
        like = [
            record
            for record in self._earlier
            if (record.cell.dataset, record.cell.scope) == (cell.dataset, cell.scope)
            and backend in (None, record.cell.backend)
            and (cell.dataset != FIELDS or record.cell.split == cell.split)
        ]
        return [record for record in like if record.cell.linkage == cell.linkage] or like

    def _trial(self, cell: Cell) -> float | None:
        """The seconds for each edge of a small field; None if the method cannot merge it."""
        key = cell.backend, cell.linkage or ""
        if key not in self._trials:
            self._trials[key] = self._time_small_field(cell)
        return self._trials[key]

    def _time_small_field(self, cell: Cell) -> float | None:
        problem = fields.field(*TRIAL_FIELD, linkage=cell.linkage or "average")
        core = usable_core_numbers()[-1]
        method, study = find_method(cell.backend), self._problems.study
        try:
            with measuring_worker(method, self._problems.code, core, study) as worker:
                return worker.merge(problem).seconds / problem.count_edges()
        except BackendFailed:
            return None


def _images_of(found: Iterable[Record]) -> list[MeasuredProblem]:
    return [image for record in found for image in record.images]
